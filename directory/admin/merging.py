"""Merging two organizations in the admin: choose the other one, preview, and merge."""

from dataclasses import dataclass
from itertools import groupby
from typing import cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from directory.admin.base import autocomplete, unsaved_forms, unsaved_pages
from directory.admin.base.unsaved_forms import redisplays_form
from directory.duplicates import pairs
from directory.merging import merge as merging
from directory.merging.comparison import FactComparison
from directory.merging.draft_items import DraftItem
from directory.merging.merge import MergeRefusedError, StaleMergeError
from directory.merging.preview import ALIAS_SORTS, MergePreview
from directory.models import Alias, Organization
from directory.permissions import disclosure, scope
from directory.permissions.policy import Account

MERGE_PERMISSION = "directory.merge_organization"
MAX_OFFERED = 20
CHOICE_PREFIX = "fact-"
TICK_NAME = "public"  # of the checkboxes of what becomes public
MERGED_MESSAGE = "admin/directory/partials/_merged_message.html"


@dataclass(frozen=True)
class FactRow:
    """What both organizations say of one fact, as text; `input_name` is the form field."""

    fact: FactComparison
    kept: str
    gone: str
    input_name: str

    @property
    def label(self) -> str:
        return self.fact.label

    @property
    def is_conflict(self) -> bool:
        return self.fact.is_conflict

    @property
    def keeps(self) -> bool:
        return self.fact.chosen == "kept"

    @property
    def replaces(self) -> bool:
        return self.fact.chosen == "gone"


@dataclass(frozen=True)
class AliasSortOption:
    """A sort of alias for a name that is replaced."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class TickRow:
    """A checkbox for something of a draft that becomes public."""

    item: DraftItem
    is_ticked: bool


@dataclass(frozen=True)
class TickGroup:
    """The checkboxes of one group, such as those of the names."""

    label: str
    rows: list[TickRow]


@dataclass(frozen=True)
class LikelyDuplicate:
    """An organization that is likely the same, with the score in percent and the reasons."""

    organization: Organization
    score: int
    reasons: tuple[Promise, ...]


class MergeMixin(admin.ModelAdmin):
    """Add the pages that merge another organization into this one."""

    def get_urls(self):
        if self.opts.model_name != "organization":
            return super().get_urls()
        view = self.admin_site.admin_view(self.merge_view)
        return [
            path("<path:object_id>/merge/", view, name="directory_organization_merge"),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["may_merge"] = change and request.user.has_perm(MERGE_PERMISSION)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @redisplays_form
    def merge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        kept = self.get_object(request, unquote(object_id))
        if kept is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]  # missing in the stubs
        if not (
            request.user.has_perm(MERGE_PERMISSION) and self.has_change_permission(request, kept)
        ):
            raise PermissionDenied
        query = request.POST if request.method == "POST" else request.GET
        typed = query.get("with", "").strip()
        if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
            return self.render_choice(request, kept, typed)
        if disclosure.is_elsewhere(request.user, Organization, typed):
            messages.error(request, disclosure.NUMBER_ELSEWHERE % {"number": int(typed)})
            return self.render_choice(request, kept, "", 403)
        try:
            kept, gone = merging.get_organizations((kept.pk, int(typed)))
        except MergeRefusedError as reason:
            messages.error(request, str(reason))
            return self.render_choice(request, kept, "", 404)
        if not self.has_change_permission(request, gone):
            raise PermissionDenied
        if unsaved_forms.is_redisplay(request):
            return self.show_merge_again(request, kept, gone)
        if request.method == "POST":
            return self.merge_organizations(request, kept, gone)
        return self.render_preview(request, build_preview(request, kept, gone))

    def render_choice(self, request, kept: Organization, typed: str, status=200) -> HttpResponse:
        """Render the choice of the other one: likely duplicates, and what a search finds."""
        pks = autocomplete.search_organizations(typed, narrow=True) if typed else []
        rows = Organization.objects.exclude(pk=kept.pk).select_related("region")
        by_pk = scope.filter_visible(request.user, rows).in_bulk(pks)
        context = {
            "kept": kept,
            "typed": typed,
            "duplicates": list_likely_duplicates(kept, request.user),
            "matches": [by_pk[pk] for pk in pks if pk in by_pk][:MAX_OFFERED],
        }
        return self.render_merge_page(request, "merge_choice.html", kept, context, status)

    def render_preview(self, request, preview: MergePreview, status=200) -> HttpResponse:
        refusals = list(preview.find_refusals())
        unticked = MergePreview(preview.kept, preview.gone, preview.choices, preview.sort)
        context = {
            "kept": preview.kept,
            "gone": preview.gone,
            # What is ticked is shown by its box.
            "preview": unticked,
            "facts": [build_fact_row(fact) for fact in preview.facts],
            "disagreements": [build_fact_row(fact) for fact in preview.disagreements],
            "filled": [build_fact_row(fact) for fact in unticked.filled_facts],
            "sorts": [
                AliasSortOption(sort, str(sort.label), sort == preview.sort) for sort in ALIAS_SORTS
            ],
            "tick_name": TICK_NAME,
            "tick_groups": build_tick_groups(preview),
            "refusals": refusals,
            "choice_refusals": list(preview.find_choice_refusals()) if not refusals else [],
            "warnings": list(preview.find_warnings()) if not refusals else [],
        }
        return self.render_merge_page(request, "merge.html", preview.kept, context, status)

    def show_merge_again(self, request, kept: Organization, gone: Organization) -> HttpResponse:
        """Render the preview with the choices of an unsaved form."""
        if get_versions(request) != [kept.version, gone.version]:
            messages.error(request, _("One of the two was changed since this page was drawn."))
        unsaved_pages.add_redisplay_message(request)
        return self.render_preview(request, build_preview(request, kept, gone))

    def merge_organizations(self, request, kept: Organization, gone: Organization) -> HttpResponse:
        versions = get_versions(request)
        preview = build_preview(request, kept, gone)
        left_count = len(preview.left_items)
        try:
            revision = merging.merge_organizations(
                (kept.pk, gone.pk),
                versions,
                request.user,
                preview.choices,
                preview.sort,
                preview.ticked,
            )
        except StaleMergeError as reason:
            messages.error(request, str(reason))
            if preview.draft_items and (preview.ticked or preview.choices):
                # What was ticked may say something else by now.
                messages.warning(request, _("Nothing is ticked any more: look at it again."))
                preview = MergePreview(kept, gone, sort=preview.sort)
            return self.render_preview(request, preview, 409)
        except MergeRefusedError as reason:
            messages.error(request, str(reason))
            return self.render_preview(request, preview, 400)
        pairs.compare_again([kept.pk])
        return self.redirect_after_merge(request, preview, revision, left_count)

    def redirect_after_merge(
        self, request, preview: MergePreview, revision, left_count: int
    ) -> HttpResponse:
        """Redirect to the revision, where it can be undone, or to the organization's page."""
        page = reverse("admin:directory_organization_change", args=[preview.kept.pk])
        values = {"gone": preview.gone.pk, "page": page, "kept": preview.kept.pk}
        values |= {"left": left_count}
        messages.success(request, render_to_string(MERGED_MESSAGE, values))
        if request.user.has_perm("directory.view_revision"):
            page = reverse("admin:directory_revision_change", args=[revision.pk])
        return HttpResponseRedirect(page)

    def render_merge_page(self, request, name: str, kept: Organization, context: dict, status: int):
        context = self.admin_site.each_context(request) | context
        context |= {"title": _("Merge with number %d") % kept.pk, "opts": self.opts}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/directory/{name}", context, status=status)


def list_likely_duplicates(organization: Organization, user: Account) -> list[LikelyDuplicate]:
    """List the likeliest duplicates of an organization that `user` sees, and why they are alike."""
    likely = scope.filter_visible(user, pairs.list_pairs_of(organization.pk))
    rows = list(likely[:MAX_OFFERED])
    similarities = pairs.explain_pairs(rows)
    return [
        LikelyDuplicate(
            row.other if row.one_id == organization.pk else row.one,
            row.score,
            similarities[row.pk].reasons,
        )
        for row in rows
    ]


def build_fact_row(fact: FactComparison) -> FactRow:
    kept, gone = format_fact(fact, "kept"), format_fact(fact, "gone")
    return FactRow(fact, kept, gone, CHOICE_PREFIX + fact.field)


def build_preview(request: HttpRequest, kept: Organization, gone: Organization) -> MergePreview:
    """Build the preview by the posted choices and ticks; without any on the first look."""
    ticked = {*request.POST.getlist(TICK_NAME)}
    return MergePreview(kept, gone, get_choices(request), get_alias_sort(request), ticked)


def build_tick_groups(preview: MergePreview) -> list[TickGroup]:
    """Build the checkboxes of what becomes public only if it is ticked."""
    return [
        TickGroup(label, [TickRow(item, item.key in preview.ticked) for item in items])
        for label, items in groupby(preview.draft_items, lambda item: str(item.group))
    ]


def get_choices(request: HttpRequest) -> dict[str, str]:
    """Read which organization's value was chosen, by the name of the fact."""
    return {
        name.removeprefix(CHOICE_PREFIX): value
        for name, value in request.POST.items()
        if name.startswith(CHOICE_PREFIX) and value in ("kept", "gone")
    }


def get_versions(request: HttpRequest) -> list[int]:
    """Read the versions of the two organizations that the preview showed; 0 for no version."""
    posted = [request.POST.get(name) for name in ("version_kept", "version_gone")]
    return [int(v) if v and v.isdecimal() and len(v) < 10 else 0 for v in posted]


def get_alias_sort(request: HttpRequest) -> str:
    sort = request.POST.get("sort", "")
    return sort if sort in ALIAS_SORTS else Alias.Sort.SPELLING


def format_fact(fact: FactComparison, side: str) -> str:
    """Format what one of the two says, with the label of a choice."""
    value = getattr(fact, side)
    field = cast(models.Field, Organization._meta.get_field(fact.field))
    choices = dict(field.flatchoices)
    return str(choices.get(value, value or ""))
