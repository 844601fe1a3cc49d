"""A list becomes a public source only if somebody says so and names its publisher."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from directory.importing import roundtrip_export
from directory.importing.readers import headings
from directory.models import Citation, Import, Organization, Source
from tests import spreadsheets as files
from tests.factories import make_member, make_organization, make_source
from tests.import_client import HEADINGS, Officer, sheet
from tests.importing.planning import edited

pytestmark = pytest.mark.django_db
NEW = ["示例纺织有限公司", "企业", "", "", ""]
LIST = {"source": "file", "list-title": "示例名单", "list-publisher": "示例教育厅"}


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def officer(client, admin_user) -> Officer:
    client.force_login(admin_user)
    return Officer(client)


@pytest.fixture
def exported() -> bytes:
    """A file for editing that comes back with another web site."""
    make_member("示例学院")
    data = roundtrip_export.build_csv(Organization.objects.all())
    return edited(data, website="https://example.org/")


def accept(officer: Officer, of: Import) -> None:
    officer.decide(of, officer.see(of), _apply="1")
    of.refresh_from_db()
    assert of.state == "applied"


def send(officer: Officer, data: bytes, language="en", **changed):
    """The answer to the columns of a file, sent with these changes."""
    page = officer.bring(data)
    sent = {field.html_name: field.value() or "" for field in page.context["form"]} | changed
    with translation.override(language):
        address = officer.page("columns", page.context["job"].pk, language=language)
        return officer.client.post(address, sent, headers={"accept-language": language})


# -- At the desk ---------------------------------------------------------------


def test_by_default_no_source_is_made_and_the_plan_says_so(officer):
    of = officer.plan(sheet(NEW))
    assert of.options["source"] == ""
    assert "none: the facts will read “no source recorded”" in officer.see(of).content.decode()
    accept(officer, of)
    assert Organization.objects.get().name == NEW[0]
    assert not Source.objects.exists()
    assert not Citation.objects.exists()
    assert "none was cited" in officer.see(of).content.decode()


def test_the_list_becomes_a_source_with_its_publisher_and_day(officer):
    more = {"list-dated": "2024-05-06", "list-medium": "official-list", "list-title_en": "Sample"}
    of = officer.plan(sheet(NEW), **LIST | more)
    assert "a new source shown in public: 示例名单, 示例教育厅" in officer.see(of).content.decode()
    accept(officer, of)
    (values,) = Source.objects.values_list("title", "title_en", "publisher", "medium")
    assert values == ("示例名单", "Sample", "示例教育厅", "official-list")
    assert str(Source.objects.get().dated) == "2024-05-06"
    assert Citation.objects.filter(field="name").get().passage == NEW[0]


def test_what_was_said_of_the_list_stands_in_the_form_again(officer):
    of = officer.plan(sheet(NEW), **LIST | {"list-dated": "2024-05-06"})
    form = officer.client.get(officer.page("columns", of.pk)).context["form"]
    assert {name: str(form[name].value()) for name in (*LIST, "list-dated")} == (
        LIST | {"list-dated": "2024-05-06"}
    )


def test_an_import_that_was_planned_with_the_earlier_default_makes_no_source(officer):
    of = officer.plan(sheet(NEW))
    Import.objects.filter(pk=of.pk).update(options={"source": "file"})
    form = officer.client.get(officer.page("columns", of.pk)).context["form"]
    assert form["source"].value() == ""
    assert "none: the facts will read" in officer.see(of).content.decode()
    accept(officer, of)
    assert not Source.objects.exists()


@pytest.mark.parametrize("publisher", ["", "  ", "无", "—", "\u200b"])
@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "Name the publisher of this list"), ("zh-hans", "请填写这份名单的发布者")],
)
def test_without_a_publisher_it_is_refused_and_nothing_typed_is_lost(
    officer, publisher, language, sentence
):
    typed = LIST | {"list-publisher": publisher, "list-title": "示例新题"}
    page = send(officer, sheet(NEW), language, **typed)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert "示例新题" in page.content.decode()
    assert Import.objects.get().state == "read"


@pytest.mark.parametrize("source", ["", "S1"])
def test_a_publisher_without_the_list_as_source_is_not_lost_in_silence(officer, source):
    make_source()
    page = send(officer, sheet(NEW), source=source, **{"list-publisher": "示例教育厅"})
    assert page.status_code == 422
    assert "the list is not chosen as the source" in page.content.decode()


def test_the_same_file_does_not_become_a_second_source(officer):
    of = officer.plan(sheet(NEW), **LIST)
    accept(officer, of)
    page = send(officer, sheet(NEW), **LIST)
    assert page.status_code == 422
    assert "is a source already: choose S1 示例名单" in page.content.decode()


def test_a_source_without_a_publisher_of_an_earlier_import_stays_and_can_be_cited(officer):
    make_source("S4", title="示例旧名单")
    accept(officer, officer.plan(sheet(NEW), source="S4"))
    source = Source.objects.get()
    assert (source.code, source.publisher) == ("S4", "")
    assert source.citations.exists()


def test_pages_show_no_source_unless_one_was_chosen(officer, client):
    make_member("示例学院", name_en="")
    data = files.csv(HEADINGS, ["示例学院", "", "Example College", "", ""])
    accept(officer, officer.plan(data))
    page = client.get(Organization.objects.get().get_absolute_url()).content.decode()
    assert "Example College" in page
    assert "示例名单" not in page + client.get("/sources/").content.decode()


# -- A file for editing ----------------------------------------------------------


def test_a_file_for_editing_is_known_by_its_headings():
    editing = list(roundtrip_export.HEADINGS)
    assert headings.is_own_export(editing)
    assert headings.is_own_export(editing[:-1])  # somebody deleted the fingerprints
    assert headings.is_own_export(["单位名称", "指纹"])
    assert not headings.is_own_export(HEADINGS)


def test_a_file_for_editing_that_comes_back_is_no_source_by_default(officer, exported):
    of = officer.plan(exported)
    assert (of.options["source"], of.counts["changed"]) == ("", 1)
    accept(officer, of)
    assert Organization.objects.get().website == "https://example.org/"
    assert not Source.objects.exists()


def test_a_file_for_editing_becomes_a_source_only_if_that_is_said_twice(officer, exported):
    page = send(officer, exported, **LIST)
    assert page.status_code == 422
    assert page.content.decode().count("exported from this directory: as a source") == 2
    page = send(officer, exported, **LIST | {"list-cites_export": "on"})
    assert page.status_code == 302


def test_another_list_is_not_asked_about_exports(officer):
    page = officer.bring(sheet(NEW))
    assert "list-cites_export" not in page.content.decode()
    assert "exported from this directory" not in page.content.decode()


# -- On the command line -----------------------------------------------------------


@pytest.fixture
def run(tmp_path):
    def run_(data: bytes, *options: str) -> None:
        path = tmp_path / "示例名单.csv"
        path.write_bytes(data)
        call_command("import_members", str(path), *options)

    return run_


def refused(run, data: bytes, *options: str) -> str:
    with pytest.raises(CommandError) as caught:
        run(data, *options)
    assert caught.value.returncode == 2
    assert not Import.objects.exists()
    return str(caught.value)


def test_a_command_cites_nothing_by_default(run):
    run(sheet(NEW))
    assert Organization.objects.exists()
    assert not Source.objects.exists()


def test_a_command_makes_the_file_a_source_with_its_publisher(run):
    run(sheet(NEW), "--source", "file", "--publisher", "示例教育厅", "--dated", "2024-05-06")
    source = Source.objects.get()
    assert (source.title, source.publisher) == ("示例名单", "示例教育厅")
    assert str(source.dated) == "2024-05-06"


@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--json",), ("--publisher", " ")])
def test_a_command_without_a_publisher_is_refused_with_a_sentence(run, more):
    assert "Name the publisher" in refused(run, sheet(NEW), "--source", "file", *more)


def test_a_command_is_refused_what_it_says_of_a_file_that_is_no_source(run):
    told = refused(run, sheet(NEW), "--publisher-en", "Example Office")
    assert told == "--publisher-en says what FILE is as a source: give --source file with it."


def test_a_command_is_refused_a_text_that_is_too_long_and_a_day_that_is_none(run):
    named = ("--source", "file", "--publisher")
    assert "200 characters are the most" in refused(run, sheet(NEW), *named, "示" * 201)
    with pytest.raises(CommandError, match=re.escape("“May” is no date")):
        run(sheet(NEW), *named, "示例", "--dated", "May")


def test_a_command_does_not_make_one_file_a_source_twice(run):
    named = ("--source", "file", "--publisher", "示例教育厅")
    run(sheet(NEW), *named)
    with pytest.raises(CommandError, match="choose S1") as caught:
        run(sheet(NEW), *named)
    assert caught.value.returncode == 2


def test_a_command_makes_a_file_for_editing_a_source_only_if_told_to(run, exported):
    named = ("--source", "file", "--publisher", "示例教育厅")
    assert "exported from this directory" in refused(run, exported, *named)
    run(exported, *named, "--cites-export")
    assert Source.objects.count() == 1


def test_an_unknown_source_of_a_command_is_an_error_of_the_option(run):
    make_organization()
    assert refused(run, sheet(NEW), "--source", "S77") == "There is no source “S77”."
