"""Form fields that normalize what was typed to the form in which it is stored."""

import unicodedata
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from directory import codes
from directory.text.normalization import normalize_characters

LANGUAGE_CHOICES = [("zh-Hans", _("Chinese")), ("en", _("English")), ("und", _("other"))]


class TextField(forms.CharField):
    """A text in ordinary characters, without those that nobody sees."""

    def to_python(self, value) -> str:
        text = normalize_characters(value) if isinstance(value, str) else value
        return cast(str, super().to_python(text))


class CodeField(TextField):
    """An identifier, normalized before it is validated: its length is that of the result."""

    def __init__(self, *, max_length=None, **kwargs):
        super().__init__(**kwargs)

    def to_python(self, value) -> str:
        return codes.normalize_code(super().to_python(value) or "")


class WebsiteField(TextField):
    """The address of a web site; one without a scheme becomes an https address."""

    def to_python(self, value) -> str:
        text = unicodedata.normalize("NFKC", super().to_python(value) or "").strip()
        return f"https://{text}" if text and "://" not in text else text


class LanguageField(forms.ChoiceField):
    """The language of a document or passage; one that is already recorded stays a choice."""

    def __init__(self, *, max_length=None, **kwargs):
        super().__init__(choices=LANGUAGE_CHOICES, **kwargs)

    def get_bound_field(self, form, field_name):
        recorded = form.initial.get(field_name)
        if recorded and recorded not in dict(self.choices):
            self.choices = [*self.choices, (recorded, recorded)]
        return super().get_bound_field(form, field_name)
