"""The desk of merging: which other one, what would happen, and then the deed."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from directory.admin.base import autocomplete
from directory.duplicates import pairs
from directory.merging import merge as merging
from directory.merging.merge import RefusedError, StaleError
from directory.merging.preview import SORTS, Comparison, Fact
from directory.models import Alias, Organization

MERGE = "directory.merge_organization"
MOST_OFFERED = 20
CHOICE = "fact-"


class WithMerging(admin.ModelAdmin):
    """An organization's page leads to merging another one into it."""

    def get_urls(self):
        if self.opts.model_name != "organization":
            return super().get_urls()
        view = self.admin_site.admin_view(self.merge_view)
        return [
            path("<path:object_id>/merge/", view, name="directory_organization_merge"),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["may_merge"] = change and request.user.has_perm(MERGE)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def merge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        kept = self.get_object(request, unquote(object_id))
        if kept is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not (request.user.has_perm(MERGE) and self.has_change_permission(request, kept)):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        typed = asked.get("with", "").strip()
        if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
            return self.choose(request, kept, typed)
        try:
            kept, gone = merging.found((kept.pk, int(typed)))
        except RefusedError as reason:
            messages.error(request, str(reason))
            return self.choose(request, kept, "", 404)
        if not self.has_change_permission(request, gone):
            raise PermissionDenied
        if request.method == "POST":
            return self.merge(request, kept, gone)
        return self.preview(request, kept, gone)

    def choose(self, request, kept: Organization, typed: str, status=200) -> HttpResponse:
        """Which other one: those that are likely, and those found by what was typed."""
        likely = list(pairs.of_one(kept.pk)[:MOST_OFFERED])
        why = pairs.reasons(likely)
        keys = autocomplete.organizations(typed, narrow=True)[:MOST_OFFERED] if typed else []
        found = Organization.objects.select_related("region").exclude(pk=kept.pk).in_bulk(keys)
        context = {
            "kept": kept,
            "typed": typed,
            "likely": [
                (row.other if row.one_id == kept.pk else row.one, row.score, why[row.pk].reasons)
                for row in likely
            ],
            "found": [found[key] for key in keys if key in found],
        }
        return self.page(request, "merge_choice.html", kept, context, status)

    def preview(self, request, kept: Organization, gone: Organization, status=200) -> HttpResponse:
        both = Comparison(kept, gone, chosen(request), sort_of(request))
        refusals = list(both.refusals())
        context = {
            "kept": kept,
            "gone": gone,
            "both": both,
            "facts": [(fact, shown(fact, "kept"), shown(fact, "gone")) for fact in both.facts],
            "disagreements": [
                (fact, CHOICE + fact.field, shown(fact, "kept"), shown(fact, "gone"))
                for fact in both.disagreements
            ],
            "filled": [(fact, shown(fact, "gone")) for fact in both.filled],
            "sorts": [(sort, sort.label, sort == both.sort) for sort in SORTS],
            "refusals": refusals,
            "warnings": list(both.warnings()) if not refusals else [],
        }
        return self.page(request, "merge.html", kept, context, status)

    def merge(self, request, kept: Organization, gone: Organization) -> HttpResponse:
        versions = [request.POST.get(name) for name in ("version_kept", "version_gone")]
        seen = [int(v) if v and v.isdecimal() and len(v) < 10 else 0 for v in versions]
        numbers = (kept.pk, gone.pk)
        try:
            revision = merging.merge(numbers, seen, request.user, chosen(request), sort_of(request))
        except StaleError as reason:
            messages.error(request, str(reason))
            return self.preview(request, kept, gone, 409)
        except RefusedError as reason:
            messages.error(request, str(reason))
            return self.preview(request, kept, gone, 400)
        pairs.look_again([kept.pk])
        return self.merged(request, kept, gone, revision)

    def merged(self, request, kept: Organization, gone: Organization, revision) -> HttpResponse:
        """To the kept one's page, or to what was written, where it can be undone."""
        page = reverse("admin:directory_organization_change", args=[kept.pk])
        text = _('Number {gone} was merged into <a href="{page}">number {kept}</a>.')
        done = format_html(text, gone=gone.pk, page=page, kept=kept.pk)
        messages.success(request, done)
        if request.user.has_perm("directory.view_revision"):
            page = reverse("admin:directory_revision_change", args=[revision.pk])
        return HttpResponseRedirect(page)

    def page(self, request, name: str, kept: Organization, context: dict, status: int):
        context = self.admin_site.each_context(request) | context
        context |= {"title": _("Merge with number %d") % kept.pk, "opts": self.opts}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/directory/{name}", context, status=status)


def chosen(request: HttpRequest) -> dict[str, str]:
    """Whose word the officer lets stand, by fact."""
    return {
        name.removeprefix(CHOICE): value
        for name, value in request.POST.items()
        if name.startswith(CHOICE) and value in ("kept", "gone")
    }


def sort_of(request: HttpRequest) -> str:
    sort = request.POST.get("sort", "")
    return sort if sort in SORTS else Alias.Sort.SPELLING


def shown(fact: Fact, side: str) -> str:
    """What one of them says, as a reader writes it."""
    value = getattr(fact, side)
    choices = dict(Organization._meta.get_field(fact.field).flatchoices)
    return str(choices.get(value, value or ""))
