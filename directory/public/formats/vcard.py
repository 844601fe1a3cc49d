"""A member as a vCard (RFC 6350): its names, its web site, and its public contacts."""

from collections.abc import Iterator

from directory.listing import records
from directory.listing.records import Record
from directory.models import Contact

FIELDS: dict[str, str] = {
    Contact.Channel.TELEPHONE: "TEL;VALUE=text",
    Contact.Channel.EMAIL: "EMAIL",
    Contact.Channel.ADDRESS: "ADR",
    Contact.Channel.WECHAT: "X-WECHAT",
}
MAX_LINE_BYTES = 75


def build_vcard(record: Record, url: str) -> str:
    return "".join(f"{fold_line(line)}\r\n" for line in iter_lines(record, url))


def iter_lines(record: Record, url: str) -> Iterator[str]:
    row = record.organization
    yield from ("BEGIN:VCARD", "VERSION:4.0", "KIND:org")
    for name, language in record.names:
        yield f"FN;ALTID=1;LANGUAGE={language}:{escape_text(name)}"
    yield f"ORG:{escape_text(record.names[0].text)}"
    for alias in record.aliases:
        yield f"NICKNAME:{escape_text(alias.name)}"
    if row.website:
        yield "URL:" + "".join(row.website.split())
    for number, contact in enumerate(records.get_public_contacts(row), 1):
        # A postal address has seven parts; ours is one line, so it is the street.
        value = escape_text(contact.value)
        parts = f";;{value};;;;" if contact.channel == Contact.Channel.ADDRESS else value
        yield f"c{number}.{FIELDS[contact.channel]}:{parts}"
        if contact.label:
            yield f"c{number}.X-ABLABEL:{escape_text(contact.label)}"
    yield f"SOURCE:{url}"
    yield "END:VCARD"


def escape_text(text: str) -> str:
    """Escape a value: separators and line breaks in it would end it."""
    text = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return "\\n".join(text.splitlines())


def fold_line(line: str) -> str:
    """Break a line after at most 75 bytes, and never within a character."""
    parts, size = [], 0
    for character in line:
        width = len(character.encode())
        if size + width > MAX_LINE_BYTES:
            parts.append("\r\n ")
            size = 1
        parts.append(character)
        size += width
    return "".join(parts)
