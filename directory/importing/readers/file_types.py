"""Refuse files that are no table by their first bytes: pictures, documents, archives."""

from collections.abc import Collection

from directory.importing.readers.limits import UnreadableFile

IMAGE_SIGNATURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8")
ARCHIVE_SIGNATURES = {b"Rar!\x1a\x07": "RAR", b"7z\xbc\xaf\x27\x1c": "7z", b"\x1f\x8b\x08": "gzip"}
UNSUPPORTED_WORKBOOKS = {"xl/workbook.bin": "XLSB", "content.xml": "OpenDocument"}
WORD_MEMBER, WORD_STREAM = "word/document.xml", "WordDocument".encode("utf-16-le")
WORKBOOK_STREAMS = tuple(name.encode("utf-16-le") + b"\0\0" for name in ("Workbook", "Book"))
# Members by which an archive is known as the document of some office program.
OFFICE_MEMBERS = ("[Content_Types].xml", "mimetype", "Index.zip", "Index/Document.iwa")


def refuse_other_types(data: bytes) -> None:
    """Raise UnreadableFile, naming the type, if the first bytes are those of no table."""
    if data.startswith(IMAGE_SIGNATURES):
        raise UnreadableFile("picture")
    if data[:1024].lstrip().startswith(b"%PDF-"):
        raise UnreadableFile("pdf")
    for signature, name in ARCHIVE_SIGNATURES.items():
        if data.startswith(signature):
            raise UnreadableFile("packed", found=name)


def refuse_word_document(data: bytes) -> None:
    """Raise UnreadableFile if an OLE compound file holds a Word document and no workbook."""
    if WORD_STREAM in data and not any(name in data for name in WORKBOOK_STREAMS):
        raise UnreadableFile("document")


def get_archive_refusal(names: Collection[str]) -> UnreadableFile:
    """Return why a ZIP archive with these members, none of them a workbook, is refused."""
    if WORD_MEMBER in names:
        return UnreadableFile("document")
    for name in sorted(names):
        if name in UNSUPPORTED_WORKBOOKS:
            return UnreadableFile("format", found=UNSUPPORTED_WORKBOOKS[name])
    return UnreadableFile("office" if any(name in names for name in OFFICE_MEMBERS) else "zip")
