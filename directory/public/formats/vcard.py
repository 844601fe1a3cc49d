"""A member as a vCard (RFC 6350): its names, its web site, and its public contacts."""

from collections.abc import Iterator

from directory.listing import records
from directory.listing.records import Record
from directory.models import Contact

FIELDS = {
    Contact.Channel.TELEPHONE: "TEL;VALUE=text",
    Contact.Channel.EMAIL: "EMAIL",
    Contact.Channel.ADDRESS: "ADR",
    Contact.Channel.WECHAT: "X-WECHAT",
}
LONGEST = 75


def vcard(record: Record, address: str) -> str:
    return "".join(f"{folded(line)}\r\n" for line in lines(record, address))


def lines(record: Record, address: str) -> Iterator[str]:
    row = record.organization
    yield from ("BEGIN:VCARD", "VERSION:4.0", "KIND:org")
    for name, language in record.names:
        yield f"FN;ALTID=1;LANGUAGE={language}:{escaped(name)}"
    yield f"ORG:{escaped(record.names[0][0])}"
    for alias in record.aliases:
        yield f"NICKNAME:{escaped(alias.name)}"
    if row.website:
        yield "URL:" + "".join(row.website.split())
    for number, contact in enumerate(records.public_contacts(row), 1):
        # A postal address has seven parts; ours is one line, so it is the street.
        value = escaped(contact.value)
        parts = f";;{value};;;;" if contact.channel == Contact.Channel.ADDRESS else value
        yield f"c{number}.{FIELDS[contact.channel]}:{parts}"
        if contact.label:
            yield f"c{number}.X-ABLABEL:{escaped(contact.label)}"
    yield f"SOURCE:{address}"
    yield "END:VCARD"


def escaped(text: str) -> str:
    """A value on one line: what would end it or begin another is written out."""
    text = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return "\\n".join(text.splitlines())


def folded(line: str) -> str:
    """No more than 75 bytes to a line, and never within a character."""
    found, size = [], 0
    for character in line:
        wide = len(character.encode())
        if size + wide > LONGEST:
            found.append("\r\n ")
            size = 1
        found.append(character)
        size += wide
    return "".join(found)
