"""An officer at the desk: opens pages, changes what is in them, and sends them."""

from django.db.models import Model
from django.forms import ModelMultipleChoiceField
from django.urls import reverse
from django.utils import translation


class Desk:
    def __init__(self, client, user):
        self.client = client
        client.force_login(user)

    def address(self, noun, page: str, *keys, language="zh-hans") -> str:
        with translation.override(language):
            return reverse(f"admin:directory_{noun._meta.model_name}_{page}", args=keys)

    def add(self, noun):
        return self.client.get(self.address(noun, "add"))

    def open(self, row: Model, noun=None):
        return self.client.get(self.address(noun or type(row), "change", row.pk))

    def send(self, page, *rows: dict, **changes):
        """The page as it stands, with these changes and new rows of inlines."""
        data = entered(page) | changes
        for row in rows:
            (prefix, values) = next(iter(row.items()))
            number = int(data[f"{prefix}-TOTAL_FORMS"])
            data[f"{prefix}-TOTAL_FORMS"] = number + 1
            data |= {f"{prefix}-{number}-{name}": value for name, value in values.items()}
        return self.client.post(page.request["PATH_INFO"], data, follow=True)

    def act(self, noun, action: str, rows, **more):
        chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
        return self.client.post(self.address(noun, "changelist"), chosen | more, follow=True)

    def delete(self, row: Model):
        address = self.address(type(row), "delete", row.pk)
        return self.client.post(address, {"post": "yes"}, follow=True)

    def suggestions(self, noun, field: str, term: str, language="zh-hans") -> list[str]:
        with translation.override(language):
            address = reverse("admin:autocomplete")
        asked = {"app_label": "directory", "model_name": noun._meta.model_name}
        answer = self.client.get(address, asked | {"field_name": field, "term": term})
        return [row["text"] for row in answer.json()["results"]]


def formsets(page) -> list:
    return [inline.formset for inline in page.context.get("inline_admin_formsets", [])]


def entered(page) -> dict:
    """What the browser would send if nobody touched the page."""
    forms = [page.context["adminform"].form]
    for formset in formsets(page):
        forms += [formset.management_form, *formset.forms]
    data = {"version": page.context.get("version_token", "")}
    for form in forms:
        for bound in form:
            data[bound.html_name] = sent(bound)
    return {name: value for name, value in data.items() if value is not None}


def sent(bound):
    value = bound.value()
    if isinstance(value, list | tuple):
        return [getattr(each, "pk", each) for each in value]
    if isinstance(value, bool):
        return "on" if value else None
    if isinstance(bound.field, ModelMultipleChoiceField):
        return None
    return "" if value is None else bound.field.widget.format_value(value)


def faults(page) -> str:
    """Every reason that the page gives, as one text."""
    found = [page.context["adminform"].form.errors]
    for formset in formsets(page):
        found += [*formset.errors, {"": formset.non_form_errors()}]
    reasons = [list(errors) for each in found for errors in each.values() if errors]
    return " ".join(str(reason) for each in reasons for reason in each)


def told(page) -> str:
    return " ".join(str(message) for message in page.context["messages"])
