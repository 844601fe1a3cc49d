"""What a file is by its first bytes, where it is no list: a picture, a document, an archive."""

from collections.abc import Collection

from directory.importing.readers.limits import Unreadable

PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8")
PACKED = {b"Rar!\x1a\x07": "RAR", b"7z\xbc\xaf\x27\x1c": "7z", b"\x1f\x8b\x08": "gzip"}
OTHERS = {"xl/workbook.bin": "XLSB", "content.xml": "OpenDocument"}
WORD, WORD_IN_OLE = "word/document.xml", "WordDocument".encode("utf-16-le")
WORKBOOKS_IN_OLE = tuple(name.encode("utf-16-le") + b"\0\0" for name in ("Workbook", "Book"))
# What archives hold that are documents of some office program.
OF_OFFICES = ("[Content_Types].xml", "mimetype", "Index.zip", "Index/Document.iwa")


def refuse(data: bytes) -> None:
    """Raise Unreadable, with what it is, if the bytes tell that it is no list."""
    if data.startswith(PICTURES):
        raise Unreadable("picture")
    if data[:1024].lstrip().startswith(b"%PDF-"):
        raise Unreadable("pdf")
    for start, found in PACKED.items():
        if data.startswith(start):
            raise Unreadable("packed", found=found)


def refuse_compound(data: bytes) -> None:
    """The same of a compound file, in which old documents of all sorts are kept."""
    if WORD_IN_OLE in data and not any(name in data for name in WORKBOOKS_IN_OLE):
        raise Unreadable("document")


def of_archive(names: Collection[str]) -> Unreadable:
    """Why an archive of these members is no workbook."""
    if WORD in names:
        return Unreadable("document")
    if other := next((OTHERS[name] for name in sorted(names) if name in OTHERS), ""):
        return Unreadable("format", found=other)
    return Unreadable("office" if any(name in names for name in OF_OFFICES) else "zip")
