"""A member of a list as drawn: an entry, a dense entry where there are many, a row of a table."""

from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext

from directory.asking.hits import Match, matched, names_of
from directory.asking.records import Record
from directory.doors.drawing import _, address, called, cites, path, since, time
from directory.models import Alias, Kind


class Card(NamedTuple):
    """A member as drawn, in two halves: between them stands which name matched, or aliases."""

    role: str
    upper: str
    aliases: str
    lower: str
    names: list[Match]
    label: str
    link: str

    def html(self, query: str = "") -> SafeString:
        hit = matched(query, self.names)
        return SafeString(self.upper + (_matched(hit) if hit else self.aliases) + self.lower)


def card(record: Record, grouped: bool) -> Card:
    """`grouped`: the role stands in a heading, not in the entry; then nothing was searched."""
    upper = f'<li class="entry"><div>{_names(record)}{_about(record, grouped)}'
    lower = f'</div><dl class="evidence slip-end">{_evidence(record)}</dl></li>'
    return _drawn(record, grouped, upper, _also(record), lower)


def dense(record: Record, grouped: bool) -> Card:
    """An entry of a line and a half: what it is beside its names, and the evidence of its role."""
    mark = cites(record.senior.citations["role"]) or _blank()
    upper = f'<li class="entry"><div>{_names(record)}'
    lower = f'</div>{_about(record, grouped)}<div class="evidence slip-end">{mark}</div></li>'
    return _drawn(record, grouped, upper, "", lower)


def row(record: Record, grouped: bool) -> Card:
    """A line of the table, without the number that stands in front of it."""
    (name, language), *other = record.names
    second = "".join(f'<span lang="{tongue}">{escape(words)}</span>' for words, tongue in other)
    upper = f'<th scope="row"><a lang="{language}" href="{_link(record)}">{escape(name)}</a>'
    cells = "".join(f"<td>{cell}</td>" for cell in _cells(record))
    return _drawn(record, grouped, upper, "", f'</th><td class="wide">{second}</td>{cells}')


def _drawn(record: Record, grouped: bool, upper: str, aliases: str, lower: str) -> Card:
    role, label = record.senior.membership.role_id, record.names[0][0]
    names = [] if grouped else names_of(record)
    return Card(role, upper, aliases, lower, names, label, _link(record))


def _cells(record: Record) -> list[str]:
    row = record.organization
    roles = "<br>".join(escape(seat.role.label) for seat in record.seats)
    places = " › ".join(escape(region.short_label) for region in record.path)
    codes = [escape(code) for code in (row.school_code, row.credit_code) if code]
    return [
        roles,
        called(Kind, row.kind),
        f"{places}<small>{row.region_id}</small>" if places else _blank(),
        "<br>".join(codes) or _blank(),
        time(record.senior.since) if record.senior.since else _blank(),
        f'<span class="slip-end">{cites(record.senior.citations["role"]) or _blank()}</span>',
    ]


def _blank() -> str:
    words = _("not recorded")
    return f'<span class="mark absent">{words}</span>'


def _link(record: Record) -> str:
    return f"{address('members')}{record.organization.pk}-{record.organization.slug}/"


def _names(record: Record) -> str:
    (name, language), *other = record.names
    second = "".join(
        f'<p class="entry-second" lang="{tongue}">{escape(words)}</p>' for words, tongue in other
    )
    return (
        f'<p class="entry-name" lang="{language}"><a href="{_link(record)}">{escape(name)}</a></p>'
        f"{second}"
    )


def _about(record: Record, grouped: bool) -> str:
    row = record.organization
    roles = [] if grouped else [escape(seat.role.label) for seat in record.seats]
    told = [*roles, called(Kind, row.kind)]
    nowhere = _("region not recorded")
    place = _path(record) if record.path else f"<span>{nowhere}</span>"
    later = [escape(row.school_code)] if row.school_code else []
    if record.senior.since:
        later.append(since(record.senior.since))
    spans = ["".join(f"<span>{text}</span>" for text in part) for part in (told, later)]
    return f'<div class="entry-about">{place.join(spans)}</div>'


def _path(record: Record) -> str:
    """The path, drawn once for each region as long as it is called so."""
    kept = record.vocabulary.labels.setdefault(get_language(), {})
    key = "path", record.organization.region_id
    if key not in kept:
        kept[key] = path(record.path)
    return kept[key]


def _matched(hit: Match) -> str:
    name = f'<mark lang="{escape(hit.language)}">{escape(hit.name)}</mark>'
    how = _("matched:")
    return f'<p class="entry-hit">{how} {escape(hit.sort)} {name}</p>'


def _also(record: Record) -> str:
    if not record.aliases:
        return ""
    also, comma, opening, closing = _("also"), _(", "), _(" ("), _(")")
    told = [
        f'<span lang="{alias.language}">{escape(alias.name)}</span>'
        f"{opening}{called(Alias.Sort, alias.sort)}{closing}"
        for alias in record.aliases[:2]
    ]
    if record.more_aliases:
        more = ngettext("and %(more)s more name", "and %(more)s more names", record.more_aliases)
        told.append(escape(more % {"more": record.more_aliases}))
    return f'<p class="entry-hit quiet">{also} {comma.join(told)}</p>'


def _evidence(record: Record) -> str:
    shown = (
        (_("Role"), record.senior.citations["role"]),
        (_("Name"), record.of_name[:1]),
        (_("Region"), record.of_region[:1]),
    )
    return "".join(
        f"<div><dt>{label}</dt><dd>{cites(citations) or _blank()}</dd></div>"
        for label, citations in shown
    )
