"""The addresses of a page in every language of the settings."""

from django.utils import translation

from directory.text.page_languages import list_page_languages


def test_a_page_has_an_address_in_each_language_and_keeps_its_query():
    pages = list_page_languages("/members/", "q=x")
    assert [(page.code, page.label, page.address) for page in pages] == [
        ("zh-Hans", "中文", "/members/?q=x"),
        ("en", "English", "/en/members/?q=x"),
    ]


def test_the_prefix_of_another_language_is_replaced():
    pages = list_page_languages("/en/members/")
    assert [page.path for page in pages] == ["/members/", "/en/members/"]


def test_only_the_language_of_the_page_is_active():
    with translation.override("en"):
        assert [page.is_active for page in list_page_languages("/")] == [False, True]
    with translation.override("zh-hans"):
        assert [page.is_active for page in list_page_languages("/")] == [True, False]


def test_a_third_language_of_the_settings_gets_its_own_prefix(settings):
    settings.LANGUAGES = [*settings.LANGUAGES, ("ru", "Russian")]
    pages = list_page_languages("/ru/members/")
    assert [page.path for page in pages] == ["/members/", "/en/members/", "/ru/members/"]
