"""A member of a list as drawn: an entry, a dense entry where there are many, a row of a table."""

from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from directory.listing.matches import Match, matched, names_of
from directory.listing.records import Record
from directory.models import Alias, Kind
from directory.public.html.renderer import Pen, along, time


class Card(NamedTuple):
    """A member as drawn, in two halves: between them stands which name matched, or aliases."""

    role: str
    upper: str
    aliases: str
    lower: str
    names: list[Match]
    label: str
    link: str

    def html(self, pen: Pen, query: str = "") -> SafeString:
        hit = matched(query, self.names)
        return SafeString(self.upper + (_matched(pen, hit) if hit else self.aliases) + self.lower)


def card(pen: Pen, record: Record, grouped: bool) -> Card:
    """`grouped`: the role stands in a heading, not in the entry; then nothing was searched."""
    upper = f'<li class="entry"><div>{_names(pen, record)}{_about(pen, record, grouped)}'
    lower = f'</div><dl class="evidence slip-end">{_evidence(pen, record)}</dl></li>'
    return _drawn(pen, record, grouped, upper, _also(pen, record), lower)


def dense(pen: Pen, record: Record, grouped: bool) -> Card:
    """An entry of a line and a half: what it is beside its names, and the evidence of its role."""
    upper = f'<li class="entry"><div>{_names(pen, record)}'
    mark = f'<div class="evidence slip-end">{_cited(pen, record)}</div>'
    lower = f"</div>{_about(pen, record, grouped)}{mark}</li>"
    return _drawn(pen, record, grouped, upper, "", lower)


def row(pen: Pen, record: Record, grouped: bool) -> Card:
    """A line of the table, without the number that stands in front of it."""
    (name, language), *other = record.organization.named(pen.is_english)
    second = "".join(f'<span lang="{tongue}">{escape(words)}</span>' for words, tongue in other)
    link = _link(pen, record)
    upper = f'<th scope="row"><a lang="{language}" href="{link}">{escape(name)}</a>'
    cells = "".join(f"<td>{cell}</td>" for cell in _cells(pen, record))
    lower = f'</th><td class="wide">{second}</td>{cells}'
    return _drawn(pen, record, grouped, upper, "", lower)


def _drawn(pen: Pen, record: Record, grouped: bool, upper: str, aliases: str, lower: str) -> Card:
    role = record.senior.membership.role_id
    label = record.organization.named(pen.is_english)[0][0]
    names = [] if grouped else names_of(record)
    return Card(role, upper, aliases, lower, names, label, _link(pen, record))


def _cells(pen: Pen, record: Record) -> list[str]:
    row = record.organization
    places = " › ".join(escape(region.short_label) for region in record.path)
    codes = [escape(code) for code in (row.school_code, row.credit_code) if code]
    return [
        "<br>".join(_roles(pen, record)),
        pen.called(Kind, row.kind),
        f"{places}<small>{row.region_id}</small>" if places else _blank(pen),
        "<br>".join(codes) or _blank(pen),
        time(record.senior.since) if record.senior.since else _blank(pen),
        f'<span class="slip-end">{_cited(pen, record)}</span>',
    ]


def _blank(pen: Pen) -> str:
    _ = pen.say
    words = _("not recorded")
    return f'<span class="mark absent">{words}</span>'


def _cited(pen: Pen, record: Record) -> str:
    """The evidence of its most senior role."""
    return pen.cites(record.senior.citations["role"]) or _blank(pen)


def _link(pen: Pen, record: Record) -> str:
    return f"{pen.address('members')}{record.organization.pk}-{record.organization.slug}/"


def _roles(pen: Pen, record: Record) -> list[str]:
    return [pen.spoken(seat.role.name, seat.role.name_en) for seat in record.seats]


def _names(pen: Pen, record: Record) -> str:
    (name, language), *other = record.organization.named(pen.is_english)
    second = "".join(
        f'<p class="entry-second" lang="{tongue}">{escape(words)}</p>' for words, tongue in other
    )
    link = f'<a href="{_link(pen, record)}">{escape(name)}</a>'
    return f'<p class="entry-name" lang="{language}">{link}</p>{second}'


def _about(pen: Pen, record: Record, grouped: bool) -> str:
    _, row = pen.say, record.organization
    told = [*([] if grouped else _roles(pen, record)), pen.called(Kind, row.kind)]
    nowhere = _("region not recorded")
    place = _path(pen, record) if record.path else f"<span>{nowhere}</span>"
    later = [escape(row.school_code)] if row.school_code else []
    if record.senior.since:
        later.append(pen.since(record.senior.since))
    spans = ["".join(f"<span>{text}</span>" for text in part) for part in (told, later)]
    return f'<div class="entry-about">{place.join(spans)}</div>'


def _path(pen: Pen, record: Record) -> str:
    """The path, each region drawn once as long as it is called so."""
    kept = record.vocabulary.labels.setdefault(pen.language, {})
    for region in record.path:
        if ("way", region.code) not in kept:
            kept["way", region.code] = pen.way(region)
    return along(kept["way", region.code] for region in record.path)


def _matched(pen: Pen, hit: Match) -> str:
    _ = pen.say
    name = f'<mark lang="{escape(hit.language)}">{escape(hit.name)}</mark>'
    how = _("matched:")
    return f'<p class="entry-hit">{how} {escape(hit.sort)} {name}</p>'


def _also(pen: Pen, record: Record) -> str:
    if not record.aliases:
        return ""
    _ = pen.say
    also, comma, opening, closing = _("also"), _(", "), _(" ("), _(")")
    told = [
        f'<span lang="{alias.language}">{escape(alias.name)}</span>'
        f"{opening}{pen.called(Alias.Sort, alias.sort)}{closing}"
        for alias in record.aliases[:2]
    ]
    if record.more_aliases:
        more = ngettext("and %(more)s more name", "and %(more)s more names", record.more_aliases)
        told.append(escape(more % {"more": record.more_aliases}))
    return f'<p class="entry-hit quiet">{also} {comma.join(told)}</p>'


def _evidence(pen: Pen, record: Record) -> str:
    _ = pen.say
    shown = (
        (_("Role"), record.senior.citations["role"]),
        (_("Name"), record.of_name[:1]),
        (_("Region"), record.of_region[:1]),
    )
    return "".join(
        f"<div><dt>{label}</dt><dd>{pen.cites(citations) or _blank(pen)}</dd></div>"
        for label, citations in shown
    )
