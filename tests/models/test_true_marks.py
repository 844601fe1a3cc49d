"""Whatever changes a cited fact, no citation is shown for a value that it was not made for.

Each citation quotes, as its words, the value it was made for; so a shown one is true if its words
are what the fact says now. An undo makes every citation speak again that spoke before.
"""

import contextlib
from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import call_command

from directory.history import recorder
from directory.history.undo import service as undo_service
from directory.importing import roundtrip_export
from directory.merging.merge import merge_organizations
from directory.models import Citation, Community, ImportRow, Membership, Organization, Revision
from directory.models.citation_values import COMMUNITY_FIELDS, ORGANIZATION_FIELDS
from directory.models.date_fields import get_partial_date
from tests.admin_client import Desk, faults
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_sector,
    make_source,
    saved,
)
from tests.importing.planning import edited

pytestmark = pytest.mark.django_db
OLD = {
    "name": "示例学院", "name_en": "Example College", "kind": "university", "region": "652801",
    "credit_code": "91110000600037341L", "school_code": "4141010465",
    "website": "https://example.org", "sectors": "C171", "description": "示例旧述",
    "description_en": "Old words",
}  # fmt: skip
NEW = {
    "name": "示例新学院", "name_en": "Sample College", "kind": "vocational-university",
    "region": "410100", "credit_code": "511000005000010931", "school_code": "4165013094",
    "website": "https://example.com", "sectors": "C181", "description": "示例新述",
    "description_en": "New words",
}  # fmt: skip
OF_COMMUNITY = {
    "name": "示例共同体", "name_en": "Example Community", "region": "652801",
    "founded_on": "2023-11", "purpose": "示例宗旨", "stated_size": "60余所",
}  # fmt: skip
NEW_OF_COMMUNITY = {
    "name": "示例新共同体", "name_en": "Sample Community", "region": "410100",
    "founded_on": "2023-11-01", "purpose": "示例新宗旨", "stated_size": "70余所",
}  # fmt: skip
OF_ROLE = {"role": "member", "since": "2024-01-01", "until": "2030"}
NEW_OF_ROLE = {"role": "chair", "since": "2024-01", "until": "2030-12-31"}


def build_columns(values: dict) -> dict:
    """The columns of an organization, which has its sectors in another table."""
    columns = {name: value for name, value in values.items() if name not in ("sectors", "region")}
    return columns | {"region_id": values["region"]}


def build_organization(values: dict, source, **more) -> Organization:
    """An organization of which each fact is recorded, and cited in the words of its value."""
    row = make_organization(**build_columns(values), **more)
    row.sectors.set([make_sector(values["sectors"])])
    saved(row)
    for name, value in values.items():
        make_citation(source, value, organization=row, field=name)
    return row


@pytest.fixture
def member(settings, tmp_path) -> Organization:
    """A member of which everything is cited, in a community of which everything is."""
    settings.VAR_DIR = tmp_path
    for code in ("652801", "410100"):
        make_region(code, f"示例{code}市")
    for code in ("C171", "C181"):
        make_sector(code, f"示例{code}")
    make_role("chair", rank=4)
    source = make_source("S1")
    founding = {"founded_on": date(2023, 11, 1), "founded_on_precision": "month"}
    texts = {n: v for n, v in OF_COMMUNITY.items() if n not in ("region", "founded_on")}
    community = make_community("example", region_id=OF_COMMUNITY["region"], **texts, **founding)
    for name, value in OF_COMMUNITY.items():
        make_citation(source, value, community=community, field=name)
    row = build_organization(OLD, source)
    alias = make_alias(row, "示例旧名")
    make_citation(source, "示例旧名", alias=alias)
    days = {"since": date(2024, 1, 1), "until": date(2031, 1, 1), "until_precision": "year"}
    membership = make_membership(row, make_role("member"), community, **days)
    for name, value in OF_ROLE.items():
        make_citation(source, value, membership=membership, field=name)
    saved(row)
    assert find_shown() == {*Citation.objects.values_list("pk", flat=True)}
    return row


# -- What is shown, and whether it is true -----------------------------------------------


def find_shown() -> set[int]:
    return {*Citation.objects.speaking().values_list("pk", flat=True)}


def read_fact(citation: Citation) -> str:
    """What the cited fact says now, read from its row."""
    if citation.alias:
        return citation.alias.name
    row = citation.organization or citation.community or citation.membership
    if citation.field == "sectors":
        return " ".join(sorted(row.sectors.values_list("code", flat=True)))
    if citation.field in ("since", "until", "founded_on"):
        return str(get_partial_date(row, citation.field))
    if citation.field in ("region", "role"):
        return str(getattr(row, f"{citation.field}_id"))
    return str(getattr(row, citation.field))


def find_false_marks() -> list[str]:
    """The shown citations whose words are not what the fact says; those that differ may be."""
    shown = Citation.objects.speaking().exclude(evidence="differs")
    return [f"{row.fact_label}: {row.passage}" for row in shown if row.passage != read_fact(row)]


# -- The ways to write -----------------------------------------------------------------


def write_by_form(member, community, client, admin_user, tmp_path) -> None:
    desk = Desk(client, admin_user)
    page = desk.open(member)
    values = {name: value for name, value in NEW.items() if name != "sectors"}
    values |= {"sectors": [NEW["sectors"]], "aliases-0-name": "示例别名"}
    values |= {f"memberships-0-{name}": value for name, value in NEW_OF_ROLE.items()}
    values |= {f"citations_of_{name}": "none" for name in NEW}
    values |= {f"memberships-0-citations_of_{name}": "none" for name in NEW_OF_ROLE}
    answer = desk.send(page, **values, **{"aliases-0-citations_of_name": "none"})
    assert "adminform" not in (answer.context or {}) or not faults(answer)
    answers = {f"citations_of_{name}": "none" for name in NEW_OF_COMMUNITY}
    desk.send(desk.open(community), **NEW_OF_COMMUNITY, **answers)


def write_in_bulk(member, community, client, admin_user, tmp_path) -> None:
    with recorder.record_changes(admin_user, "test") as change:
        change.track_row(member)
        change.track_row(community)
        Organization.objects.filter(pk=member.pk).update(**build_columns(NEW))
        member.sectors.set([NEW["sectors"]])
        member.aliases.update(name="示例别名")
        days = {"since_precision": "month", "until": date(2030, 12, 31), "until_precision": "day"}
        member.memberships.update(role="chair", **days)
        texts = {n: v for n, v in NEW_OF_COMMUNITY.items() if n not in ("region", "founded_on")}
        Community.objects.filter(pk=community.pk).update(
            region=NEW_OF_COMMUNITY["region"], founded_on_precision="day", **texts
        )
        change.mark_changed(member)
        change.mark_changed(community)


def build_file(member) -> bytes:
    """A file for editing in which everything was changed that such a file can change."""
    data = roundtrip_export.build_csv(Organization.objects.filter(pk=member.pk))
    return edited(data, **NEW, until=NEW_OF_ROLE["until"], aliases="示例旧名; 示例别名")


def write_by_import(member, community, client, admin_user, tmp_path) -> None:
    from directory.importing.apply import writer as import_writer
    from tests.importing.planning import planned

    job = planned(build_file(member))
    assert ImportRow.objects.get(of=job).outcome == "changed"
    import_writer.apply_import(job, admin_user)


def write_by_command(member, community, client, admin_user, tmp_path) -> None:
    path = tmp_path / "示例.csv"
    path.write_bytes(build_file(member))
    with contextlib.suppress(SystemExit):  # the exit status tells of doubtful rows
        call_command("import_members", str(path), "--json")


def write_by_merge(member, community, client, admin_user, tmp_path) -> None:
    gone = build_organization(NEW, make_source("S2"))
    versions = [Organization.objects.get(pk=row.pk).version for row in (member, gone)]
    choices = dict.fromkeys(NEW, "gone")
    merge_organizations((member.pk, gone.pk), versions, admin_user, choices)


def write_by_going_back(member, community, client, admin_user, tmp_path) -> None:
    """Change everything, then everything again, and go back to what was in between."""
    write_in_bulk(member, community, client, admin_user, tmp_path)
    between = Revision.objects.latest("pk").pk
    with recorder.record_changes(admin_user, "test") as change:
        change.track_row(member)
        Organization.objects.filter(pk=member.pk).update(**build_columns(OLD))
        change.mark_changed(member)
    undo_service.restore(member.pk, between, admin_user)


WAYS: list[Callable] = [
    write_by_form, write_in_bulk, write_by_import, write_by_command, write_by_merge,
    write_by_going_back,
]  # fmt: skip


@pytest.mark.parametrize("write", WAYS)
def test_no_way_of_writing_leaves_a_false_mark_and_undo_finds_every_true_one_again(
    write, member, client, admin_user, tmp_path
):
    before, shown = Revision.objects.latest("pk").pk, find_shown()
    facts = {pk: read_fact(Citation.objects.get(pk=pk)) for pk in shown}
    write(member, Community.objects.get(), client, admin_user, tmp_path)
    changed = {
        row.pk for row in Citation.objects.filter(pk__in=shown) if read_fact(row) != facts[row.pk]
    }
    of_organization = {f for f, _label in ORGANIZATION_FIELDS}
    assert {
        row.field for row in Citation.objects.filter(pk__in=changed, organization=member)
    } >= of_organization - {"name", "name_en"}
    assert not find_false_marks()
    assert not changed & {
        *Citation.objects.speaking().exclude(evidence="differs").values_list("pk", flat=True)
    }
    for revision in Revision.objects.filter(pk__gt=before).order_by("-pk"):
        if revision.via != "test" or write is not write_by_merge:
            undo_service.undo(revision, admin_user)
    assert not find_false_marks()
    assert shown <= find_shown()


def test_the_values_are_of_every_fact_that_can_be_cited():
    assert {*OLD} == {*NEW} == {name for name, _label in ORGANIZATION_FIELDS}
    of_community = {name for name, _label in COMMUNITY_FIELDS} - {"statement"}
    assert {*OF_COMMUNITY} == {*NEW_OF_COMMUNITY} == of_community
    assert not [name for name in OLD if OLD[name] == NEW[name]]
    assert Membership._meta.get_field("until").is_end
