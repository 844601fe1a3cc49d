"""The languages of the site and the address of a page in each, from `settings.LANGUAGES`."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils import translation


@dataclass(frozen=True)
class PageLanguage:
    """A page in one language.

    `code` is the language as the `lang` attribute of HTML has it, `label` its own name for
    itself, `address` the page's path with its query.
    """

    code: str
    label: str
    address: str
    path: str
    is_active: bool


@cache
def get_html_code(language: str) -> str:
    """The code of a language for HTML, such as zh-Hans for Django's zh-hans."""
    return translation.to_locale(language).replace("_", "-")


@cache
def get_own_name(language: str) -> str:
    """The name of a language in that language, as `settings.LANGUAGES` and the catalogue say."""
    with translation.override(language):
        return str(dict(settings.LANGUAGES)[language])


def get_active_language() -> str:
    """The entry of `settings.LANGUAGES` in which the page is shown; the first one in doubt."""
    active = translation.get_language() or ""
    codes = [code for code, _name in settings.LANGUAGES]
    return next((code for code in codes if active.startswith(code)), settings.LANGUAGE_CODE)


def list_page_languages(path: str, query: str = "") -> list[PageLanguage]:
    """This page in every language; the default language has no prefix in the path."""
    prefixes = {code: f"/{code}" for code, _name in settings.LANGUAGES}
    prefixes[settings.LANGUAGE_CODE] = ""
    for prefix in filter(None, prefixes.values()):
        if path.startswith(f"{prefix}/"):
            path = path.removeprefix(prefix)
            break
    suffix, active = f"?{query}" if query else "", get_active_language()
    return [
        PageLanguage(
            code=get_html_code(code),
            label=get_own_name(code),
            address=prefix + path + suffix,
            path=prefix + path,
            is_active=code == active,
        )
        for code, prefix in prefixes.items()
    ]
