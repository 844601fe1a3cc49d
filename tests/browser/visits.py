"""A visitor's tab in Chromium, and which rules of axe are held."""

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class Visit:
    """One visitor's tab: what it asked for and what its console said."""

    def __init__(self, browser, site, width=1440, scheme="light", **options):
        self.site, self.said, self.asked = site, [], []
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **options
        )
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, address):
        self.page.goto(self.site + address)
        for fold in self.page.query_selector_all("details"):
            fold.evaluate("fold => fold.open = true")
        return self.page
