"""The imported list itself as a source: only if somebody says so, and names its publisher."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from directory.importing.parse.blanks import is_blank
from directory.importing.readers import headings
from directory.models import Import, Source
from directory.models.date_fields import get_date_columns
from directory.partial_dates import PartialDate
from directory.text.normalization import normalize_characters

FILE_SOURCE = "file"  # instead of a source's code: the imported list itself
TEXTS = ("title", "title_en", "publisher", "publisher_en")
MAX_TEXT_LENGTH = 200  # of each of them, as in the database
FACTS_OPTION = "list_source"  # the option of an import that holds the facts of that source


class Refusal(NamedTuple):
    """Why the list cannot become a source; `name` is the fact that is wrong, or "source"."""

    name: str
    reason: str


@dataclass
class ListSource:
    """What is said of a list that becomes a source; `dated` is when it was issued.

    `cites_export` says that it shall be a source although it was exported from this directory.
    """

    title: str = ""
    title_en: str = ""
    publisher: str = ""
    publisher_en: str = ""
    medium: str = Source.Medium.LETTER
    dated: PartialDate | None = None
    cites_export: bool = False

    def __post_init__(self) -> None:
        for name in TEXTS:
            setattr(self, name, normalize_characters(getattr(self, name)).strip())

    @classmethod
    def from_job(cls, job: Import) -> "ListSource | None":
        """Return what was said of the list of this import; None if it is not to be a source.

        A choice without a publisher, as imports had it by default once, makes no source.
        """
        facts = {"title": suggest_title(job.name)} | (job.options.get(FACTS_OPTION) or {})
        if job.options.get("source") != FILE_SOURCE or not facts.get("publisher"):
            return None
        dated = facts.get("dated")
        return cls(**facts | {"dated": PartialDate.fromisoformat(dated) if dated else None})

    def serialize(self) -> dict:
        """Return it as JSON data, for the options of an import."""
        return asdict(self) | {
            "medium": str(self.medium),
            "dated": self.dated.isoformat() if self.dated else None,
        }

    def find_refusals(self, columns: list[str], sha256: str) -> Iterator[Refusal]:
        """Yield why a file with these headings and this digest cannot become a source."""
        if is_blank("publisher", self.publisher) or not self.publisher:
            reason = _(
                "Name the publisher of this list: the office or body that issued it. Or choose "
                "another source, or none."
            )
            yield Refusal("publisher", reason)
        if not self.title:
            yield Refusal("title", _("A source needs a title."))
        for name in TEXTS:
            if len(getattr(self, name)) > MAX_TEXT_LENGTH:
                reason = _("“%(text)s…” is too long: %(count)d characters are the most.")
                params = {"text": getattr(self, name)[:30], "count": MAX_TEXT_LENGTH}
                yield Refusal(name, reason % params)
        if same := find_source_of_file(sha256):
            reason = _("This very file is a source already: choose %(source)s.")
            yield Refusal("source", reason % {"source": same})
        if headings.is_own_export(columns) and not self.cites_export:
            yield Refusal("cites_export", get_export_warning())

    def save_source(self, job: Import) -> tuple[Source, bool]:
        """Save it under the next free code; return the source, and whether it is new.

        An import of the same file may have made the source since.
        """
        if same := find_source_of_file(job.sha256):
            return same, False
        facts = {name: value for name, value in asdict(self).items() if name != "cites_export"}
        facts |= get_date_columns(Source, "dated", facts.pop("dated"))
        while True:
            code = Source.objects.next_code()
            source = Source(code=code, sha256=job.sha256, lines=job.last_row, **facts)
            try:
                with transaction.atomic():
                    source.save(force_insert=True)
            except IntegrityError:
                if Source.objects.filter(pk=code).exists():
                    continue  # somebody else has just taken that code
                raise
            return source, True


def find_source_of_file(sha256: str) -> Source | None:
    """Return the source that was made of this very file, the earliest of several."""
    return Source.objects.filter(sha256=sha256).order_by("pk").first()


def get_export_warning() -> str:
    """Return why it is odd to cite a file that was exported from this directory."""
    return _(
        "This file was exported from this directory: as a source it would show the directory's own "
        "words as proof of themselves. Choose the document that the changes come from, or none."
    )


def suggest_title(name: str) -> str:
    """Return the title of a list that has this file name."""
    return PurePath(name).stem.strip() or name
