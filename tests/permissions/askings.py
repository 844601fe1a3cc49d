"""What a limited account asks of the desk to learn of another part: by every door, and noted."""

import json
from collections.abc import Iterator
from itertools import count
from urllib.parse import unquote, urlencode

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from directory.importing.readers.headings import FIELDS
from directory.models import (
    Alias,
    Citation,
    Contact,
    Enterprise,
    Import,
    Institution,
    LikelyPair,
    Membership,
    NotSame,
    Organization,
    Revision,
    Source,
)
from tests import spreadsheets as files
from tests.admin_client import entered
from tests.permissions import canaries
from tests.permissions.canaries import World

PAGED = (Organization, Institution, Enterprise, Alias, Contact, Membership, Citation, Source)
LISTED = (*PAGED, Revision, Import, LikelyPair)
WORDS = (
    canaries.NAME,
    canaries.CORE,
    canaries.ALIAS,
    canaries.NAME_EN,
    "Zqexample Phoenix",
    canaries.CREDIT,
    canaries.SCHOOL,
    canaries.SITE,
    str(canaries.NUMBER),
    "luanzhuo",
    "zq",
)
AUTOCOMPLETES = (
    (Alias, "organization"),
    (Contact, "organization"),
    (Membership, "organization"),
    *((Citation, name) for name in ("organization", "alias", "membership", "source")),
)
# A value of each column of a file, equal to that of the foreign draft.
CELLS = {
    "number": str(canaries.NUMBER),
    "name": canaries.NAME,
    "name_en": canaries.NAME_EN,
    "credit_code": canaries.CREDIT,
    "school_code": canaries.SCHOOL,
    "website": canaries.SITE,
    "aliases": canaries.ALIAS,
    "short": canaries.ALIAS,
    "former": canaries.NAME,
    "region": canaries.REGION,
    "region_name": canaries.REGION_NAME,
    "province": canaries.REGION_NAME,
    "kind": "本科",
    "level": "本科",
    "roles": "示例chair",
    "communities": "theirs",
    "since": "1987-06-05",
    "until": "2087-06-05",
    "verified_on": "1987-06-05",
    "city": "示例市",
    "county": "示例县",
    "sectors": "C171",
    "description": canaries.CORE,
    "description_en": "Phoenix",
    "fingerprint": "x",
}
NEAR_NAMES = (
    canaries.NEAR,
    "鸑鷟棉纺学院",
    "示例鸑鷟棉纺学院（待确认）",
    "示例悦浊棉纺学院",
    "示例鸑鷟棉绵纺学院",
    canaries.ALIAS,
    "Zqexample Phoenix Weaving Institut",
    canaries.LOW,
    canaries.WITHDRAWN,
    canaries.ROLELESS,
)


class Asker:
    """A client that notes each asking, and every canary in its answer that it has not typed."""

    def __init__(self, client, world: World):
        self.client, self.world = client, world
        client.force_login(world.user)
        self.count, self.leaks = 0, list[str]()
        self.languages = count()

    def address(self, page: str, *args) -> str:
        """The address of a page of the admin, in Chinese and English by turns."""
        with translation.override(("zh-hans", "en")[next(self.languages) % 2]):
            return reverse(f"admin:{page}", args=args)

    def get(self, address: str, **asked):
        return self.note(self.client.get(address, asked, follow=True), address, asked)

    def post(self, address: str, data: dict, typed: str = ""):
        """Send something that is taken back afterwards: what it entered is no secret any more."""
        with transaction.atomic():
            answer = self.client.post(address, data, follow=True)
            self.note(answer, address, data, typed)
            transaction.set_rollback(True)
        return answer

    def note(self, answer, address: str, sent: dict, typed: str = ""):
        self.count += 1
        typed = " ".join([unquote(address), *map(str, sent.values()), typed])
        found = self.world.find(read(answer), typed)
        if found:
            asked = unquote(f"{address}?{urlencode(sent, doseq=True)}")[:300]
            self.leaks.append(f"{asked}: {found}")
        return answer


def read(answer) -> str:
    """All that an answer says: where it leads, its headers, and its text."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode("utf-8", "replace")
    if "json" in answer.headers.get("Content-Type", ""):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    led = " ".join(unquote(address) for address, _status in getattr(answer, "redirect_chain", ()))
    return " ".join([led, str(answer.headers), text])


def page_name(model, page: str) -> str:
    return f"directory_{model._meta.model_name}_{page}"


# -- Reading -----------------------------------------------------------------------


def ask_lists(asker: Asker) -> None:
    for model in LISTED:
        asker.get(asker.address(page_name(model, "changelist")))
        for word in WORDS if model is not LikelyPair else ():
            asker.get(asker.address(page_name(model, "changelist")), q=word)
    for model in LISTED[:-1]:
        for column in canaries.text_columns(model):
            lookup = {f"{column.name}__contains": "zq"}
            asker.get(asker.address(page_name(model, "changelist")), **lookup)
    for question in (
        {"province": canaries.REGION},
        {"province": "none"},
        {"role": "chair"},
        {"role": "vice"},
        {"todo": "draft"},
        {"todo": "no-source"},
        {"state__exact": "draft"},
        {"region__code__exact": canaries.REGION},
        {"pk": canaries.NUMBER},
        {"id__gte": canaries.NUMBER},
        {"aliases__name__contains": canaries.CORE},
        {"o": "3"},
        {"p": "2"},
        {"e": "1"},
    ):
        asker.get(asker.address("directory_organization_changelist"), **question)
    for model, question in (
        (Citation, {"source__code__exact": "S98765"}),
        (Citation, {"evidence__exact": "stated"}),
        (Membership, {"second": "awaited"}),
        (Membership, {"organization__name__contains": canaries.CORE}),
        (Revision, {"changes__after__contains": "zq"}),
        (Revision, {"via__exact": "merge"}),
        (Contact, {"organization__region": canaries.REGION}),
    ):
        asker.get(asker.address(page_name(model, "changelist")), **question)


def ask_pages(asker: Asker) -> None:
    world = asker.world
    for model in PAGED:
        for key in foreign_keys(world, model):
            for page in ("change", "delete", "history"):
                asker.get(asker.address(page_name(model, page), key))
    for key in (canaries.MERGED, world.own["public"].pk):
        for page in ("change", "history", "merge"):
            asker.get(asker.address(page_name(Organization, page), key))
    for row in Revision.objects.all():
        asker.get(asker.address("directory_revision_change", row.pk))
        asker.get(asker.address("directory_revision_history", row.pk))
    for key in world.keys(Import):
        for page in ("change", "columns", "rows"):
            asker.get(asker.address(f"directory_import_{page}", key))
        asker.get(asker.address("directory_import_row", key, 2))
    for name in ("first", "second", "third"):
        for page in ("change", "history", "delete", "merge"):
            asker.get(asker.address(page_name(Organization, page), world.own[name].pk))
    for name in ("alias", "citation", "contact"):
        row = world.own[name]
        for page in ("change", "history", "delete"):
            asker.get(asker.address(page_name(type(row), page), row.pk))
    for page in ("index", "directory_revision_deleted"):
        asker.get(asker.address(page))
    for page in ("changelist", "apart"):
        asker.get(asker.address(f"directory_likelypair_{page}"))
    asker.get(asker.address("app_list", "directory"))


def foreign_keys(world: World, model) -> list:
    concrete = model._meta.concrete_model
    return world.keys(concrete)


def ask_autocompletes(asker: Asker) -> None:
    for model, name in AUTOCOMPLETES:
        for word in (*WORDS, ""):
            asked = {"app_label": "directory", "model_name": model._meta.model_name}
            asker.get(asker.address("autocomplete"), **asked, field_name=name, term=word)


def ask_public_pages(asker: Asker) -> None:
    """Ask as a visitor; every page lists the provinces."""
    words = [(f"/{language}members/", {"q": word}) for word in WORDS for language in ("", "en/")]
    numbers = (canaries.NUMBER, canaries.NUMBER + 2, canaries.MERGED)
    pages = [f"/members/{number}/" for number in numbers]
    pages += ["/", "/changes/", "/sources/", "/statistics/", "/regions/", "/sitemap-pages.xml"]
    for address, asked in (*words, *((page, {}) for page in pages)):
        answer = asker.client.get(address, asked, follow=True)
        asker.note(answer, address, asked, canaries.REGION)


# -- Writing -----------------------------------------------------------------------


def ask_forms(asker: Asker) -> None:
    for values in iter_clashes():
        send(asker, asker.address("directory_institution_add"), **values)
        send(asker, asker.address("directory_organization_add"), **values, another="on")
    own = asker.world.own["first"]
    for values in iter_clashes():
        send(asker, asker.address("directory_organization_change", own.pk), **values)
    for model in (Alias, Contact, Membership, Citation):
        for name in ("organization", "alias", "membership", "source"):
            keys = {"alias": Alias, "membership": Membership, "source": Source}
            for key in foreign_keys(asker.world, keys.get(name, Organization))[:2]:
                add = asker.address(page_name(model, "add"))
                asker.get(f"{add}?{name}={key}")
                send(asker, add, **{name: key, "passage": "x", "evidence": "stated", "name": "x"})
    send(asker, asker.address("directory_source_add"), code="S98765", title="x", medium="letter")
    chair = {"role": "chair", "organization": own.pk, "state": "published"}
    for community in ("ours", "theirs"):
        key = canaries.make_community(community).pk
        send(asker, asker.address("directory_membership_add"), **chair, community=key)


def iter_clashes() -> Iterator[dict]:
    for name in (canaries.NAME, *NEAR_NAMES):
        yield {"name": name}
    yield {"name_en": canaries.NAME_EN}
    yield {"credit_code": canaries.CREDIT}
    yield {"school_code": canaries.SCHOOL}
    yield {"website": canaries.SITE}


def send(asker: Asker, address: str, **values):
    """Send the form of a page with these values; what it needs besides is not of the secret."""
    page = asker.client.get(address)
    sent = entered(page)
    for name, value in {"name": "示例无关厂校", "kind": "university", "region": "410000"}.items():
        if name in sent and not sent[name]:
            sent[name] = value
    return asker.post(address, sent | values)


def ask_imports(asker: Asker) -> None:
    assert {*CELLS} == {*FIELDS}
    for column, cell in CELLS.items():
        bring(asker, {"name": "示例无关毛织学校", "region": "410000", column: cell})
    for name in NEAR_NAMES:
        bring(asker, {"name": name, "region": "410000"})
    bring(asker, {"name": canaries.NAME, "number": str(canaries.NUMBER)})
    bring(asker, {"name": "示例无关毛织学校", "number": str(canaries.MERGED)})
    bring(asker, {"name": canaries.NAME}, {"name": canaries.ALIAS})
    bring(asker, {"name": canaries.NAME, "school_code": "4146987650"})
    bring(asker, {"name": "示例公开染整学院", "region": "410000"})


def bring(asker: Asker, *rows: dict[str, str]) -> None:
    """Bring a file, plan it, look at all its pages, and apply it with every row as a new one."""
    with transaction.atomic():
        apply_file(asker, *({"kind": "本科"} | row for row in rows))
        transaction.set_rollback(True)


def apply_file(asker: Asker, *rows: dict[str, str]) -> None:
    cells = [[*row.values()] for row in rows]
    typed = " ".join(cell for row in cells for cell in row)
    file = SimpleUploadedFile("示例.csv", files.csv([*rows[0]], *cells))
    page = asker.client.post(asker.address("directory_import_add"), {"file": file}, follow=True)
    asker.note(page, "", {}, typed)
    job = page.context["job"]
    sent = {each.html_name: each.value() or "" for each in page.context["form"]}
    asker.client.post(asker.address("directory_import_columns", job.pk), sent)
    job.refresh_from_db()
    note_import(asker, job, typed)
    decided = {"row": [row.pk for row in job.rows.all()], "version": job.version, "_apply": "1"}
    for row in job.rows.all():
        decided |= {f"decide-{row.pk}": "create", f"take-{row.pk}": "on"}
    asker.client.post(asker.address("directory_import_decide", job.pk), decided)
    note_import(asker, job, typed)


def note_import(asker: Asker, job: Import, typed: str) -> None:
    for page, args in (("change", ()), ("rows", ()), ("row", (2,))):
        address = asker.address(f"directory_import_{page}", job.pk, *args)
        asker.note(asker.client.get(address, follow=True), address, {}, typed)


def ask_merges(asker: Asker) -> None:
    world = asker.world
    merge = asker.address("directory_organization_merge", world.own["first"].pk)
    for word in (*WORDS, *NEAR_NAMES, canaries.MERGED, *foreign_keys(world, Organization)):
        asker.get(merge, **{"with": word})
        asker.post(merge, {"with": word, "version_kept": 1, "version_gone": 1})
    asker.get(merge, **{"with": world.own["public"].pk})


def ask_undos(asker: Asker) -> None:
    world = asker.world
    for row in Revision.objects.all():
        asker.post(asker.address("directory_revision_undo", row.pk), {})
    history = asker.address("directory_organization_history", world.own["first"].pk)
    for row in Revision.objects.all():
        asker.post(history, {"revision": row.pk})
    for key in (1, 10**17):
        asker.post(asker.address("directory_revision_deleted"), {"change": key})


def ask_actions(asker: Asker) -> None:
    world = asker.world
    actions = {
        Organization: ("publish", "archive", "confirm", "export_csv", "delete_selected"),
        Membership: ("confirm", "delete_selected"),
        Source: ("delete_selected",),
        Citation: ("delete_selected",),
        Alias: ("delete_selected",),
        Contact: ("delete_selected",),
    }
    for model, names in actions.items():
        keys = foreign_keys(world, model)
        for name in names:
            sent = {"action": name, "_selected_action": keys, "reason": "x", "post": "yes"}
            address = asker.address(page_name(model, "changelist"))
            asker.post(address, sent)
            shown = json.dumps([[str(key), "1"] for key in keys])
            asker.post(address, sent | {"shown_rows": shown})
            asker.post(address, {"action": name, "_selected_action": keys, "select_across": "1"})
    for model in (Source, canaries.Seat):
        keys = [row.pk for row in model.objects.all()]
        sent = {"action": "delete_selected", "_selected_action": keys}
        asker.post(asker.address(page_name(model, "changelist")), sent)
    for key in foreign_keys(world, Organization):
        asker.post(f"{asker.address('directory_organization_changelist')}{key}/verify/", {})
        pair = {"one": world.own["first"].pk, "other": key}
        asker.post(asker.address("directory_likelypair_tell_apart"), pair)
    for key in foreign_keys(world, Membership):
        asker.post(asker.address("directory_membership_confirm", key), {})
    for key in world.keys(NotSame):
        asker.post(asker.address("directory_likelypair_take_back"), {"pair": key})
    asker.post(asker.address("directory_likelypair_compare"), {})
    for key in world.keys(Import):
        for page in ("decide", "apply", "again", "discard"):
            asker.post(asker.address(f"directory_import_{page}", key), {})


# The groups of askings, with the least number of them.
FEWEST = {
    ask_lists: 200,
    ask_pages: 150,
    ask_autocompletes: 80,
    ask_public_pages: 30,
    ask_forms: 75,
    ask_imports: 250,
    ask_merges: 50,
    ask_undos: 60,
    ask_actions: 50,
}
GROUPS = tuple(FEWEST)
