"""Rows of another part of the directory whose every text is a canary: a word found nowhere else.

Texts are found by walking the models. A text column without a canary is in `WITHOUT`, with the
reason; a test fails for a new column that has neither.
"""

import html
import re
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from django.apps import apps
from django.contrib.auth.models import User
from django.core.management.color import no_style
from django.db import connection, models

from directory import codes
from directory.history import recorder
from directory.history.undo import service as undo_service
from directory.merging import merge as merging
from directory.models import (
    Contact,
    Import,
    ImportCorrection,
    ImportRow,
    LikelyPair,
    Membership,
    MergedNumber,
    NotSame,
    Organization,
    Revision,
    RowChange,
    Seat,
)
from tests.accounts import limit, make_account
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_source,
    saved,
)

SHARED = "shared by all parts, and public"
# Why a text column, or every text of a model, has no canary.
WITHOUT = {
    "Region": SHARED,
    "Sector": SHARED,
    "Role": SHARED,
    "Community": SHARED,
    "Reading": SHARED,
    "Alias.sort": "a constraint lists its words",
    "Alias.language": "a constraint lists its words",
    "Citation.evidence": "a constraint lists its words",
    "Citation.field": "a constraint lists its words",
    "Contact.about": "a constraint lists its words",
    "Contact.channel": "a constraint lists its words",
    "Finding.rule": "a word of a list, of which the desk asks by name",
    "Import.state": "a constraint lists its words",
    "ImportRow.outcome": "a constraint lists its words",
    "Membership.state": "a constraint lists its words",
    "Membership.since_precision": "a constraint lists its words",
    "Membership.until_precision": "a constraint lists its words",
    "Organization.kind": "a constraint lists its words",
    "Organization.state": "a constraint lists its words",
    "Organization.verified_on_precision": "a constraint lists its words",
    "Revision.via": "a word of a list",
    "RowChange.noun": "the name of a model",
    "Source.dated_precision": "a constraint lists its words",
    "Source.medium": "a word of a list",
}
NAME, NEAR, CORE, ALIAS = "示例鸑鷟棉纺学院", "示例鸑鷟棉纺大学", "鸑鷟", "隐鹓鶵"
NAME_EN = "Zqexample Phoenix Weaving Institute"
CREDIT = "12460000MQQ460460" + codes.get_check_character("12460000MQQ460460")
SCHOOL = "4146987654"
SITE = "https://zqphoenix.example"
REGION = "460000"
REGION_NAME = "示例鹭洲省"
NUMBER, MERGED = 98765001, 98765051
LOW, WITHDRAWN, ROLELESS = "示例鸾鸣低号学院", "示例鸾羽撤回学院", "示例鸾尾无角色学院"
YEAR = 1987
DAY = date(YEAR, 6, 5)
# The value of a column in which not any word can stand.
GIVEN = {
    "Organization.name": NAME,
    "Organization.name_en": NAME_EN,
    "Organization.credit_code": CREDIT,
    "Organization.school_code": SCHOOL,
    "Organization.website": SITE,
    "Alias.name": ALIAS,
    "Source.code": "S98765",
    "Source.sha256": "9876500a" * 8,
}
TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
letters = count()


def text_columns(model: type[models.Model]) -> list[models.Field]:
    return [each for each in model._meta.concrete_fields if isinstance(each, TEXTS)]


def all_text_columns() -> dict[str, models.Field]:
    """Every text column of the directory by model and name, without those of proxies."""
    every = apps.get_app_config("directory").get_models()
    return {
        f"{model.__name__}.{column.name}": column
        for model in every
        if not model._meta.proxy
        for column in text_columns(model)
    }


def next_word() -> str:
    """A word of eight letters that stands nowhere else."""
    number = next(letters)
    return "zq" + "".join(
        "bcdfghjkmnprstvw"[number >> shift & 15] for shift in (20, 16, 12, 8, 4, 0)
    )


@dataclass
class World:
    """The directory of a test: an account limited to a part, its own entries, and the canaries."""

    user: User
    own: dict[str, models.Model] = field(default_factory=dict)
    # The keys of foreign rows by model, which have the canaries.
    foreign: dict[type[models.Model], list] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)  # canary → the column where it stands
    planted: set[str] = field(default_factory=set)
    rows: list[models.Model] = field(default_factory=list)  # those in which to plant

    def keys(self, model: type[models.Model]) -> list:
        return self.foreign.get(model, [])

    def add(self, row: models.Model) -> None:
        self.foreign.setdefault(type(row), []).append(row.pk)

    def remember(self, word: object, column: str) -> None:
        self.words[str(word)] = column

    def plant(self, row: models.Model) -> models.Model:
        """Give every text of a stored row that has no canary yet one, as nobody could type it."""
        values = {}
        for column in text_columns(type(row)):
            name = f"{type(row).__name__}.{column.name}"
            if name in WITHOUT or type(row).__name__ in WITHOUT:
                continue
            self.planted.add(name)
            word = getattr(row, column.name) if name in GIVEN else next_word()
            self.remember(word, name)
            if name not in GIVEN:
                is_list = isinstance(column, models.JSONField) and column.default is list
                values[column.name] = word
                if isinstance(column, models.JSONField):
                    values[column.name] = [word] if is_list else {"name": word}
                elif isinstance(column, models.BinaryField):
                    values[column.name] = word.encode()
        type(row)._base_manager.filter(pk=row.pk).update(**values)
        self.add(row)
        return row

    def find(self, text: str, typed: str) -> dict[str, str]:
        """The canaries in a text, by word, without those that the asking itself has typed."""
        text = html.unescape(text)
        if REGION in typed or REGION_NAME in typed:  # the one tells the other: both are public
            typed += REGION + REGION_NAME
        return {
            word: column
            for word, column in self.words.items()
            if word not in typed and contains(text, word)
        }


def contains(text: str, word: str) -> bool:
    """Whether the word stands there; a number only as a whole, as tokens have digits too."""
    if not word.isdigit():
        return word.casefold() in text.casefold()
    return bool(re.search(rf"(?<![0-9A-Za-z]){word}(?![0-9A-Za-z])", text))


def limited_account(kind: str) -> User:
    """A publisher limited to a region, or to a community, or to both."""
    user = make_account("limited", "publisher")
    user.groups.add(*make_account("typist", "editor").groups.all())
    community = make_community("ours", name="示例本共同体") if kind != "region" else None
    return limit(user, *(["410000"] if kind != "community" else []), community=community)


def make_world(kind: str = "region") -> World:
    """Plant the canaries, beside what the limited account owns."""
    world = World(limited_account(kind))
    make_region("410000", "示例河南省", "province")
    make_region(REGION, REGION_NAME, "province")
    low = make_organization(LOW, state="draft", region_id=REGION, pk=10)  # the lowest number
    make_own(world)
    secret = make_secret(world, "theirs" if kind == "community" else "ours")
    make_hidden(world, low)
    make_public(world)
    reset_sequence()
    make_pairs(world, secret, low)
    make_history(world, secret, low)
    make_import(world)
    plant_all(world, secret)
    return world


def make_own(world: World) -> None:
    ours = make_community("ours", name="示例本共同体")
    role, chair = make_role(), make_role("chair", rank=10, axis="lead")
    Seat.objects.create(community=ours, role=chair, count=1)
    for number, name in enumerate(("first", "second", "third"), 11):
        own = make_organization(f"示例本地{name}学院", state="draft", region_id="410000", pk=number)
        make_membership(own, role, ours)
        world.own[name] = own
    first = world.own["first"]
    world.own["alias"] = make_alias(first, "示例本地别名")
    world.own["citation"] = make_citation(make_source("S1"), organization=first, field="name")
    contact = Contact(organization=first, label="示例办公室", channel="email", value="a@b.example")
    world.own["contact"] = saved(contact)


def make_secret(world: World, community: str) -> Organization:
    """The foreign draft with all that belongs to it; it holds the only seat of a role."""
    given = {k.split(".")[1]: v for k, v in GIVEN.items() if k.startswith("Organization.")}
    given["kind"] = "university"
    secret = make_organization(**given, pk=NUMBER, state="draft", region_id=REGION, verified_on=DAY)
    alias = make_alias(secret, ALIAS)
    theirs = make_community("theirs", name="示例他共同体")
    role = Membership(organization=secret, role=make_role(), community=theirs, since=DAY)
    contact = Contact(organization=secret, label="x", channel="email", value="x", basis_on=DAY)
    source = make_source("S98765", sha256=GIVEN["Source.sha256"], dated=DAY)
    chair = make_role("chair", rank=10, axis="lead")
    world.rows += [alias, saved(role), saved(contact), source]
    world.add(make_membership(secret, chair, make_community(community)))
    targets = {"organization": secret, "field": "name"}, {"alias": alias}
    for target in (*targets, {"membership": role, "field": "role"}):
        world.rows.append(make_citation(source, **target))
    MergedNumber.objects.create(number=MERGED, organization=secret)
    return secret


def make_hidden(world: World, low: Organization) -> None:
    """Other foreign entries that visitors do not see."""
    withdrawn = make_organization(WITHDRAWN, state="withdrawn", region_id=REGION, pk=NUMBER + 1)
    make_membership(withdrawn, make_role(), make_community("theirs"))
    roleless = make_organization(ROLELESS, region_id=REGION, pk=NUMBER + 2)
    for row in (low, withdrawn, roleless):
        world.remember(row.name, "Organization.name")
        world.add(row)


def reset_sequence() -> None:
    """Let the next number follow those that were given here: PostgreSQL counts for itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Organization]):
            cursor.execute(statement)


def make_public(world: World) -> None:
    """A foreign entry that visitors see, with a role and a contact that they do not see."""
    make_region("520000", "示例公开省", "province")
    public = world.own["public"] = make_organization(
        "示例公开染整学院", region_id="520000", pk=NUMBER + 3
    )
    theirs, vice = make_community("theirs"), make_role("vice", rank=20)
    make_membership(public, make_role(), theirs)
    draft = Membership(organization=public, role=vice, community=theirs, since=DAY, state="draft")
    world.add(saved(draft))
    contact = Contact(organization=public, label="x", channel="email", value="x")
    world.rows.append(saved(contact))


def make_pairs(world: World, secret: Organization, low: Organization) -> None:
    first, withdrawn = world.own["first"], Organization.objects.get(name=WITHDRAWN)
    for pair in ((low, secret), (first, secret), (first, withdrawn)):
        one, other = sorted(row.pk for row in pair)
        world.add(LikelyPair.objects.create(one_id=one, other_id=other, score=90))
    pair = NotSame.objects.create(one_id=world.own["second"].pk, other_id=secret.pk)
    world.rows.append(pair)


def make_history(world: World, secret: Organization, low: Organization) -> None:
    """Revisions of the foreign draft alone, and such that changed own entries with it."""
    revision = Revision.objects.create(via="admin")
    change = {"revision": revision, "noun": "organization", "key": "x", "organization": secret.pk}
    world.rows += [revision, RowChange.objects.create(**change, after={})]
    first = world.own["first"]
    with recorder.record_changes(None, "admin") as both:
        for row in (low, first, secret):
            both.track_row(row)
            Organization.objects.filter(pk=row.pk).update(description="示例旧简介")
            both.mark_changed(row)
    moved = make_alias(first, "示例本地迁出"), make_alias(secret, "示例外地迁入")
    for alias, owner in zip(moved, (secret, first), strict=True):
        alias.organization = owner
        saved(alias)
    numbers = secret.pk, world.own["third"].pk
    versions = [Organization.objects.get(pk=number).version for number in numbers]
    world.own["merge"] = merging.merge_organizations(numbers, versions, None)
    undo_service.undo(world.own["merge"], None)


def plant_all(world: World, secret: Organization) -> None:
    """Plant the texts when all is recorded: the recorder derives some columns anew."""
    for row in (*world.rows, secret):
        world.plant(row)
    for number in (NUMBER, NUMBER + 1, NUMBER + 2, MERGED):
        world.remember(number, "number")
    for word, column in ((REGION, "region"), (REGION_NAME, "region"), (str(YEAR), "day")):
        world.remember(word, column)


def make_import(world: World) -> None:
    """An import of another office, with a planned row and a corrected cell."""
    other = make_account("office", "publisher")
    job = Import.objects.create(
        name="x", sha256="x", encoding="utf-8", header_row=1, last_row=2, rows_found=1,
        state="planned", who=other,
    )  # fmt: skip
    row = ImportRow.objects.create(of=job, number=2, outcome="new")
    correction = ImportCorrection.objects.create(of=job, number=2, column="name")
    world.rows += [correction, row, job]
