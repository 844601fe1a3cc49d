"""Selected rows: an action does what its confirmation page showed, and nothing else.

The page carries each row that it is about, with its version. What changed, went or came since is
left as it is, and reported.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from directory import snapshots
from directory.admin.base import unsaved_forms
from directory.admin.base.edit_conflicts import build_version_token
from directory.admin.base.pagination import MAX_ROWS
from directory.admin.base.unsaved_forms import redisplays_form
from directory.models import Organization
from directory.permissions import disclosure

SHOWN_ROWS = "shown_rows"
ALL_SHOWN = "all_shown"
# Fields with which a confirmation page answers; a page that was never shown has no answers.
ANSWERS = ("post", "reason")
MAX_LISTED = 200
MAX_REPORTED = 20


@dataclass(frozen=True)
class ShownRows:
    """The rows of a confirmation page: the version of each by its key.

    `are_all`: they were all rows of the list, so that what came since is reported.
    """

    versions: dict[str, str]
    are_all: bool = False


def read_shown_rows(data: QueryDict, model: type[models.Model]) -> ShownRows | None:
    """Return the rows that the posted confirmation page showed; None if there was no such page."""
    if SHOWN_ROWS not in data:
        return None
    try:
        pairs = {str(key): str(version) for key, version in json.loads(str(data[SHOWN_ROWS]))}
    except (ValueError, TypeError, RecursionError):
        pairs = {}
    versions = {key: pairs[key] for key in [*pairs][:MAX_ROWS] if is_valid_key(model, key)}
    return ShownRows(versions, data.get(ALL_SHOWN) == "1")


def is_valid_key(model: type[models.Model], text: str) -> bool:
    """Whether a row of the model could have this primary key."""
    try:
        model._meta.pk.clean(text, None)
    except ValidationError:
        return False
    return True


def format_shown_rows(rows: Iterable[models.Model]) -> str:
    """Return the rows with their versions as the text of one hidden field."""
    pairs = [[str(row.pk), build_version_token(row)] for row in rows]
    return json.dumps(pairs, separators=(",", ":"))


def lock_rows(rows: models.QuerySet) -> None:
    """Lock these rows, or the organizations that they belong to, in the order of their keys."""
    found = list(rows.order_by().prefetch_related(None))
    if owners := {key for row in found for key in snapshots.get_owner_keys(row)}:
        locked = Organization.objects.filter(pk__in=owners)
    else:
        locked = rows.model._base_manager.filter(pk__in=[row.pk for row in found])
    list(locked.order_by("pk").select_for_update().values_list("pk"))


class SelectionMixin(admin.ModelAdmin):
    """Lets each of `confirmed_actions` act on the rows of its confirmation page alone."""

    # Actions that change rows: where all rows of a list are selected, they show them first.
    confirmed_actions: tuple[str, ...] = ("delete_selected",)

    @redisplays_form
    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> Any:
        return super().changelist_view(request, extra_context)

    def response_action(
        self, request: HttpRequest, queryset: models.QuerySet, *args: Any, **kwargs: Any
    ) -> Any:
        action = self.get_action_name(request)
        is_redisplay = unsaved_forms.is_redisplay(request)
        if action not in self.confirmed_actions or action not in self.get_actions(request):
            return None if is_redisplay else super().response_action(request, queryset)
        shown = read_shown_rows(request.POST, self.model)
        if is_redisplay:
            request.POST.pop("post", None)  # type: ignore[misc]  # a copy
            if not self.has_own_confirmation(action):
                return self.render_confirmation(request, action, self.get_rows(request, queryset))
        if shown is None:
            return self.show_selection(request, queryset, action)
        with transaction.atomic():
            return self.act_on_shown(request, queryset, shown)

    def get_action_name(self, request: HttpRequest) -> str:
        """Return the action of the form whose button was pushed: the list may have two."""
        names, index = request.POST.getlist("action"), request.POST.get("index", "0")
        number = int(index) if index.isdecimal() and len(index) < 4 else 0
        return names[number] if number < len(names) else ""

    def show_selection(self, request: HttpRequest, queryset: models.QuerySet, action: str) -> Any:
        """Run the action up to its confirmation page; all rows of a list are always shown first."""
        are_all = request.POST.get("select_across") == "1"
        rows = self.get_rows(request, queryset)
        if are_all:
            for name in ANSWERS:
                request.POST.pop(name, None)  # type: ignore[misc]  # a copy
            if not self.has_own_confirmation(action):
                return self.render_confirmation(request, action, rows)
        response = super().response_action(request, queryset)
        return add_shown_rows(response, rows, are_all)

    def get_rows(self, request: HttpRequest, queryset: models.QuerySet) -> list[models.Model]:
        """The rows that were selected, or that the confirmation page showed."""
        shown = read_shown_rows(request.POST, self.model)
        if shown is None and request.POST.get("select_across") == "1":
            return list(queryset)
        keys = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        return list(queryset.filter(pk__in=keys if shown is None else shown.versions))

    def has_own_confirmation(self, action: str) -> bool:
        """Whether the action has a confirmation page of its own."""
        return action in ("delete_selected", "archive")

    def render_confirmation(
        self, request: HttpRequest, action: str, rows: list[models.Model]
    ) -> HttpResponse:
        """The page that shows all rows on which the action is about to act."""
        context = {
            **self.admin_site.each_context(request),
            "title": cast(tuple, self.get_actions(request)[action])[2],
            "opts": self.opts,
            "action": action,
            "count": len(rows),
            "rows": rows[:MAX_LISTED],
            "more": max(0, len(rows) - MAX_LISTED),
            "media": self.media,
        }
        request.current_app = self.admin_site.name
        page = TemplateResponse(request, "admin/directory/confirm_selection.html", context)
        return add_shown_rows(page, rows, are_all=True)

    def act_on_shown(
        self, request: HttpRequest, queryset: models.QuerySet, shown: ShownRows
    ) -> HttpResponse | None:
        """Act on the shown rows that are as they were shown; report the others."""
        found = self.get_queryset(request).filter(pk__in=shown.versions)
        lock_rows(found)
        rows = {str(row.pk): row for row in found.all()}
        same = [row for key, row in rows.items() if build_version_token(row) == shown.versions[key]]
        response = None
        if same:
            keys = [str(row.pk) for row in same]
            request.POST.setlist(helpers.ACTION_CHECKBOX_NAME, keys)  # type: ignore[misc]  # a copy
            request.POST["select_across"] = "0"
            response = super().response_action(request, self.get_queryset(request))
        self.report_left(request, queryset, shown, rows, same)
        return add_shown_rows(response, same, shown.are_all)

    def report_left(
        self,
        request: HttpRequest,
        queryset: models.QuerySet,
        shown: ShownRows,
        rows: dict[str, models.Model],
        same: list[models.Model],
    ) -> None:
        """Tell which rows changed, went or came since the page was shown, and were left."""
        kept = {str(row.pk) for row in same}
        changed = _("was changed since it was shown here")
        came = _("came into this list since it was shown")
        added = queryset.exclude(pk__in=[*shown.versions])[: MAX_REPORTED + 1]
        texts = chain(
            (f"{row} ({key}): {changed}" for key, row in rows.items() if key not in kept),
            (
                f"{key}: {self.get_absence_reason(request, key)}"
                for key in shown.versions
                if key not in rows
            ),
            (f"{row} ({row.pk}): {came}" for row in (added if shown.are_all else ())),
        )
        for text in islice(texts, MAX_REPORTED):
            reason = _("%(row)s, so it was left as it was.") % {"row": text}
            self.message_user(request, reason, messages.WARNING)
        if next(texts, None):
            text = _("More rows than these were left as they were.")
            self.message_user(request, text, messages.WARNING)

    def get_absence_reason(self, request: HttpRequest, key: str) -> str:
        """Why a row that was to be written is not in the list."""
        if disclosure.is_elsewhere(request.user, self.model, key):
            return _("belongs to another part of the directory, ask the secretariat")
        return _("is not there any more")


def add_shown_rows(response: Any, rows: list[models.Model], are_all: bool) -> Any:
    """Add to a confirmation page what it shows; any other answer is returned as it is."""
    context = getattr(response, "context_data", None)
    if context is not None:
        context["shown_rows"] = format_shown_rows(rows)
        context["first_key"] = rows[0].pk if rows else ""
        context["all_shown"] = are_all
    return response
