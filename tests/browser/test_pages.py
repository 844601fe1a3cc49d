"""Every page in a real browser: nobody is shut out, nothing leaves the host, nothing scrolls."""

import os
from io import StringIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from playwright.sync_api import expect, sync_playwright

if not os.environ.get("COMMUNITY_BROWSER"):
    pytest.skip("run by `python3 -m community test --browser`", allow_module_level=True)

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs a loop in this thread
pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ("/", "/members/", "/members/?q=zut", "/members/?q=qqqq&kind=university",
         "/members/?kind=foo", "/members/?page=9", "/institutions/", "/members/2/", "/roles/",
         "/regions/", "/regions/650000/", "/sources/", "/about/", "/nothing/")  # fmt: skip
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip
WIDTHS = (320, 768, 1440)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def browser():
    path = os.environ.get("COMMUNITY_CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def site(live_server):
    call_command("load_fixtures", stdout=StringIO())
    return live_server.url


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


def visits(browser, site, widths):
    for width in widths:
        for scheme in ("light", "dark"):
            visit = Visit(browser, site, width, scheme)
            for prefix in ("", "/en"):
                for address in PAGES:
                    yield visit, prefix + address
            visit.context.close()


def test_axe_finds_nothing_that_shuts_people_out(browser, site):
    axe, found = Axe(), []
    for visit, address in visits(browser, site, (320, 1440)):
        page = visit.open(address)
        for violation in axe.run(page, options={"runOnly": TAGS}).response["violations"]:
            nodes = [node["html"][:120] for node in violation["nodes"][:3]]
            found.append((address, violation["id"], nodes))
    assert not found


def test_nothing_scrolls_sideways_and_nothing_leaves_the_host(browser, site):
    wide, strange = [], []
    for visit, address in visits(browser, site, WIDTHS):
        visit.page.goto(site + address)
        width = visit.page.viewport_size["width"]
        if visit.page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append((address, width))
        strange += [url for url in visit.asked if not url.startswith((site, "data:"))]
        visit.asked.clear()
    assert not wide
    assert not strange


def test_the_console_stays_silent(browser, site):
    visit = Visit(browser, site)
    for address in PAGES:
        visit.page.goto(site + address)
    # A page that answers 400 or 404 is told by the browser itself; that is no word of ours.
    assert not [text for text in visit.said if "Failed to load resource" not in text]


def test_the_keyboard_alone_filters_opens_a_member_and_comes_back(browser, site):
    page = Visit(browser, site).page
    page.goto(f"{site}/en/members/")
    page.focus('input[name="role"][value="lead-vocational-school"]')
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**role=lead-vocational-school**")
    page.focus(".entry-name a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/members/3-**")
    page.go_back()
    assert page.is_checked('input[name="role"][value="lead-vocational-school"]')


def test_a_name_is_offered_while_typing_and_opened_by_keyboard(browser, site):
    page = Visit(browser, site).page
    page.goto(f"{site}/en/")
    page.type("#q", "byxy")
    page.wait_for_selector(".suggestions li")
    assert page.get_attribute("#q", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = page.get_attribute("#q", "aria-activedescendant")
    assert page.get_attribute(f"#{chosen}", "aria-selected") == "true"
    page.keyboard.press("Enter")
    page.wait_for_url("**/members/3-**")


def test_a_filter_applies_at_once_and_back_takes_it_back(browser, site):
    page = Visit(browser, site).page
    page.goto(f"{site}/en/members/")
    page.check('input[name="kind"][value="enterprise"]')
    page.wait_for_url("**?kind=enterprise")
    expect(page.locator(".entry")).to_have_count(1)
    assert page.evaluate("document.activeElement.value") == "enterprise"
    assert "1 member" in page.text_content("#said")
    page.go_back()
    expect(page.locator(".entry")).to_have_count(3)
    assert not page.is_checked('input[name="kind"][value="enterprise"]')


def test_a_mark_opens_to_the_very_words_without_script(browser, site):
    page = Visit(browser, site, java_script_enabled=False).page
    page.goto(f"{site}/en/members/1/")
    page.click(".holds .cite summary")
    assert page.is_visible("text=Textile Technology Co., Ltd. as the lead enterprise")


def test_the_first_view_weighs_under_sixty_kilobytes(client, seeded_pages):
    import brotli

    sheet = (Path(__file__).parents[2] / "static" / "site.css").read_bytes()
    for address in PAGES:
        page = client.get(address, follow=True).content
        assert len(brotli.compress(page)) + len(brotli.compress(sheet)) < 60_000, address


@pytest.fixture
def seeded_pages():
    call_command("load_fixtures", stdout=StringIO())
