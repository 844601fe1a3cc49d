"""Optimistic locking: a page that was saved by somebody else meanwhile is not overwritten."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from directory.admin.base import edit_conflicts, unsaved_forms, unsaved_pages
from directory.admin.base.redisplay import RedisplayMixin
from directory.models import MergedNumber, Organization
from directory.permissions import disclosure


class ConflictCheckMixin:
    """A form that is invalid where somebody else saved the row meanwhile."""

    is_stale = False

    def clean(self):
        cleaned = super().clean()
        if self.is_stale:
            self.add_error(None, edit_conflicts.CONFLICT_MESSAGE)
        return cleaned


class OptimisticLockMixin(RedisplayMixin):
    """Puts a version token into each form, and marks `ConflictCheckMixin` forms as stale."""

    def get_object(self, request: HttpRequest, object_id: str, from_field=None):
        """Get the row; locked until the end of the transaction if it is being saved."""
        row = super().get_object(request, object_id, from_field)
        if row is None:
            return None
        if request.method == "POST" and connection.in_atomic_block:
            try:
                edit_conflicts.lock_row(row)
            except ObjectDoesNotExist:
                return None
        token = self.build_version_token(request, row)
        request.version_token = token  # type: ignore[attr-defined]  # read by get_form
        return row

    def build_version_token(self, request: HttpRequest, row: models.Model) -> str:
        """The version token of the row and of all rows in its inlines."""
        related: list[models.Model] = []
        if isinstance(row, Organization):
            # Its version grows with everything that belongs to it.
            return edit_conflicts.build_version_token(row)
        for inline in self.get_inline_instances(request, row):
            link: models.ForeignKey = inline.get_formset(request, row).fk  # type: ignore[assignment]
            related += inline.get_queryset(request).filter(**{link.name: row})
        return edit_conflicts.build_version_token(row, related)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if change and request.method == "POST":
            token = getattr(request, "version_token", None)
            form.is_stale = request.POST.get("version") != token
        return form

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        if change and obj is not None:
            context["version_token"] = getattr(request, "version_token", "")
        if getattr(form, "is_stale", False):
            formsets = self.get_compared_formsets(context)
            context["stale"] = edit_conflicts.CONFLICT_MESSAGE
            context["last_saved"] = edit_conflicts.describe_last_change(obj)
            context["differences"] = edit_conflicts.list_differences(form, formsets)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_compared_formsets(self, context: dict) -> list:
        """The inline formsets whose differences are listed."""
        return [inline.formset for inline in context["inline_admin_formsets"]]

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts, object_id: str):
        """Redirect from a number that was merged meanwhile to the one that took it over."""
        number = int(object_id) if object_id.isdecimal() and len(object_id) < 19 else 0
        merged = MergedNumber.objects.filter(number=number).first()
        is_told = issubclass(self.model, Organization) and not disclosure.is_elsewhere(
            request.user, Organization, object_id
        )
        if merged is None or not is_told:
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        page = reverse("admin:directory_organization_change", args=[merged.organization_id])
        form = unsaved_forms.read_form(request, unsaved_pages.get_account(request))
        if form and form.typed_fields:
            text = _("Nothing was saved: number %(old)s was merged into number %(new)s meanwhile.")
            numbers = {"old": object_id, "new": merged.organization_id}
            return unsaved_pages.render_refused(request, text % numbers, 404, page)
        text = _("Number %(old)s was merged into this one. What you entered there was not saved.")
        self.message_user(request, text % {"old": object_id}, messages.WARNING)
        return HttpResponseRedirect(page)
