"""The forms of a page as a browser reads them, to send them as somebody without JavaScript does."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"


@dataclass
class HtmlForm:
    action: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)


class FormParser(HTMLParser):
    """Collects the forms of a page: what each would send, its buttons left out."""

    def __init__(self):
        super().__init__()
        self.forms, self.by_id, self.outside = [], {}, []
        self.form = self.select = self.area = None
        self.text = ""

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "form":
            self.form = HtmlForm(values.get("action") or "")
            self.forms.append(self.form)
            self.by_id[values.get("id", "")] = self.form
        elif tag == "input" and values.get("name"):
            self.read_input(values)
        elif tag == "select":
            self.select, self.first = values.get("name"), None
        elif tag == "option" and self.select and self.form and "selected" in values:
            self.form.add(self.select, values.get("value", ""))
        elif tag == "textarea":
            self.area, self.text = values.get("name", ""), ""

    def read_input(self, values):
        kind, value = values.get("type", "text"), values.get("value")
        if kind in ("submit", "file") or "disabled" in values:
            return
        if kind in ("checkbox", "radio") and "checked" not in values:
            return
        value = "on" if kind == "checkbox" and value is None else value or ""
        if "form" in values:
            self.outside.append((values["form"], values["name"], value))
        elif self.form is not None:
            self.form.add(values["name"], value)

    def handle_data(self, data):
        if self.area is not None:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            if self.form and self.area:
                self.form.add(self.area, self.text.removeprefix("\n"))
            self.area = None


def read_forms(page) -> list[HtmlForm]:
    parser = FormParser()
    parser.feed(page.content.decode())
    for name, field_name, value in parser.outside:
        parser.by_id[name].add(field_name, value)
    return parser.forms


def find_form(page, name: str) -> HtmlForm:
    """The form of a page that has a field of this name."""
    return next(form for form in read_forms(page) if name in form.fields)


def send(client, page, having: str, /, **changes):
    """Send the form that has this field, changed, as the browser does from the page's address."""
    form = find_form(page, having)
    data = {key: value for key, value in (form.fields | changes).items() if value is not None}
    address = form.action or page.request["PATH_INFO"]
    if page.request["QUERY_STRING"] and not form.action:
        address += f"?{page.request['QUERY_STRING']}"
    return client.post(address, urlencode(data, True), FORM, HTTP_ORIGIN="http://testserver")
