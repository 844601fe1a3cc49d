"""What an officer types, brought into the form in which the directory keeps it."""

import unicodedata

from django import forms
from django.utils.translation import gettext_lazy as _

from directory import codes

LANGUAGES = [("zh-Hans", _("Chinese")), ("en", _("English")), ("und", _("other"))]


class CodeField(forms.CharField):
    """An identifier, tidied before it is checked: so its length is asked of the tidied one."""

    def __init__(self, *, max_length=None, **kwargs):
        super().__init__(**kwargs)

    def to_python(self, value) -> str:
        return codes.tidy(super().to_python(value))


class SiteField(forms.CharField):
    """An address of a web site; without a scheme it is an https one."""

    def to_python(self, value) -> str:
        text = unicodedata.normalize("NFKC", super().to_python(value)).strip()
        return f"https://{text}" if text and "://" not in text else text


class LanguageField(forms.ChoiceField):
    """The language of a document or passage; one that is already recorded stays possible."""

    def __init__(self, *, max_length=None, **kwargs):
        super().__init__(choices=LANGUAGES, **kwargs)

    def get_bound_field(self, form, field_name):
        recorded = form.initial.get(field_name)
        if recorded and recorded not in dict(self.choices):
            self.choices = [*self.choices, (recorded, recorded)]
        return super().get_bound_field(form, field_name)
