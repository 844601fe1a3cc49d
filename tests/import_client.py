"""An officer with a file: brings it, plans it, sees the plan, and decides."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from directory.models import Import
from tests import spreadsheets as files

HEADINGS = ["单位名称", "类别", "英文名称", "学校标识码", "联系人"]


def sheet(*rows: list[str]) -> bytes:
    return files.csv(HEADINGS, *rows)


class Officer:
    def __init__(self, client):
        self.client = client

    def page(self, name: str, *args, language="en") -> str:
        with translation.override(language):
            return reverse(f"admin:directory_import_{name}", args=args)

    def bring(self, data: bytes, name="示例名单.csv"):
        file = SimpleUploadedFile(name, data)
        return self.client.post(self.page("add"), {"file": file}, follow=True)

    def plan(self, data: bytes, **changed) -> Import:
        page = self.bring(data)
        form = page.context["form"]
        sent = {field.html_name: field.value() or "" for field in form if field.name != "publish"}
        of = page.context["job"]
        self.client.post(self.page("columns", of.pk), sent | changed)
        of.refresh_from_db()
        return of

    def see(self, of: Import, **asked):
        return self.client.get(self.page("change", of.pk), asked)

    def decide(self, of: Import, page, **changed):
        """Send what the page shows, with these changes; None unticks."""
        lines = [line for section in page.context["sections"] for line in section.rows]
        sent = {"row": [line.row.pk for line in lines], "version": page.context["job"].version}
        for line in lines:
            sent |= {f"take-{line.row.pk}": "on", f"cells-{line.row.pk}": "1"}
            sent[f"cell-{line.row.pk}"] = [cell.column for cell in line.cells]
        sent = {name: value for name, value in (sent | changed).items() if value is not None}
        return self.client.post(self.page("decide", of.pk), sent, follow=True)
