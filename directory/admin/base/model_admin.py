"""The base model admin and form: every save and deletion is recorded in the history."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from directory.admin.base import pagination
from directory.admin.base.autocomplete import RegionField
from directory.admin.base.citation_questions import iter_question_forms
from directory.admin.base.form_fields import TextField
from directory.admin.base.optimistic_lock import ConflictCheckMixin, OptimisticLockMixin
from directory.admin.base.partial_dates import PartialDateDisplayMixin
from directory.admin.base.permissions import ScopedPermissionsMixin
from directory.admin.base.selections import SelectionMixin, is_valid_key
from directory.db.unique_keys import release_keys
from directory.history import recorder
from directory.models import Alias, Membership, Organization, Region, Source
from directory.permissions import scope

VIA = "admin"
# The fields at which an error about the whole row is shown, the first that the form has.
OWNER_FIELDS = ("organization", "region", "community")
# An account with a limited scope sees only its own rows of these, also as choices.
SCOPED_MODELS = (Organization, Alias, Membership, Source)


def record_admin_changes(request: HttpRequest) -> AbstractContextManager[recorder.ChangeRecorder]:
    """Open the transaction in which the request's user may write."""
    return recorder.record_changes(who=request.user, via=VIA)


class FormFieldsMixin(PartialDateDisplayMixin):
    """Form fields for texts and foreign keys, on a page and in its inlines."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        model = db_field.remote_field.model
        if model is Region:
            kwargs |= {"form_class": RegionField, "queryset": Region.objects.exclude_virtual()}
        elif model in SCOPED_MODELS:
            kwargs["queryset"] = scope.filter_visible(request.user, model._default_manager.all())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """A field that normalizes texts; of a relation one that can add sources only.

        The icons to change, delete and view a related row are left out.
        """
        if type(db_field) in (models.CharField, models.TextField) and not db_field.choices:
            kwargs.setdefault("form_class", TextField)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            widget = field.widget
            widget.can_change_related = widget.can_delete_related = widget.can_view_related = False
            widget.can_add_related &= db_field.remote_field.model is Source
        return field


class DirectoryModelForm(ConflictCheckMixin, forms.ModelForm):
    """A model form that checks edit conflicts and the user's permission for the row."""

    user: Any = None  # who is editing, set by the admin

    def _post_clean(self) -> None:
        """Check the permission again: with the new values the row may be out of scope."""
        super()._post_clean()  # type: ignore[misc]  # missing in the stubs
        reason = "" if self.errors else self.get_denial_reason()
        if reason:
            self.add_error(next((n for n in OWNER_FIELDS if n in self.fields), None), reason)

    def get_denial_reason(self) -> str:
        """Why the user may not save the row with its new values, or ""."""
        return scope.denial_reason(self.user, self.instance)


class DirectoryModelAdmin(
    FormFieldsMixin, SelectionMixin, OptimisticLockMixin, ScopedPermissionsMixin
):
    """What the admins of all models of the directory have in common."""

    form = DirectoryModelForm
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    paginator = pagination.BoundedPaginator

    def get_changelist(
        self, request: HttpRequest, **kwargs
    ) -> type[pagination.DirectoryChangeList]:
        return pagination.DirectoryChangeList

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """The initial values from the query, without keys that no row could have."""
        values = super().get_changeform_initial_data(request)
        return {
            name: value for name, value in values.items() if self.is_possible_value(name, value)
        }

    def is_possible_value(self, name: str, value: object) -> bool:
        """Whether the value could be a key, where the field is a relation."""
        field = next((f for f in self.opts.get_fields() if f.name == name), None)
        if not getattr(field, "remote_field", None) or isinstance(value, list):
            return True
        return is_valid_key(cast(models.ForeignKey, field).related_model, str(value))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        forms_with_questions = iter_question_forms(context["adminform"].form, formsets)
        context["citation_questions"] = [
            question for form in forms_with_questions for question in form.citation_questions
        ]
        return super().render_change_form(request, context, add, change, form_url, obj)

    # -- Writing -------------------------------------------------------------

    def save_model(self, request, obj, form, change) -> None:
        """Do nothing: `save_related` saves the row and its inlines in one recorded change."""

    def save_related(self, request, form, formsets, change) -> None:
        with record_admin_changes(request) as request.change:
            stored = self.model._base_manager.filter(pk=form.instance.pk).first()
            for row in filter(None, (stored, form.instance)):
                request.change.track_row(row)  # it may have belonged to another organization
            form.instance.save()
            if stored is not None:
                request.change.mark_changed(stored)
            request.change.mark_changed(form.instance)
            super().save_related(request, form, formsets, change)
            # Last: a citation that is saved by its formset has the value it was read with.
            for each in iter_question_forms(form, formsets):
                each.save_citation_answers(request.change)
        for warning in self.get_warnings(request, form.instance):
            self.message_user(request, warning, messages.WARNING)

    def save_formset(self, request, form, formset, change) -> None:
        rows = formset.save(commit=False)
        for row in (*formset.deleted_objects, *rows):
            request.change.track_row(row)
        for row in formset.deleted_objects:
            request.change.mark_changed(row)
            row.delete()
        release_keys(rows, formset.fk)
        for row in rows:
            row.save()
            request.change.mark_changed(row)
        formset.save_m2m()

    def get_warnings(self, request: HttpRequest, row: Any) -> Iterable[str]:
        """Warnings to show about a row that was saved all the same."""
        return ()

    def response_action(self, request, queryset):
        """Run an action, ignoring selected keys that no row could have."""
        selected = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        request.POST = request.POST.copy()
        keys = [key for key in selected if is_valid_key(self.model, key)]
        request.POST.setlist(helpers.ACTION_CHECKBOX_NAME, keys)
        if (
            request.POST.get("select_across") == "1"
            and pagination.count_up_to_limit(queryset) > pagination.MAX_ROWS
        ):
            text = _("These are more than %(most)d at once: search or filter first.")
            self.message_user(request, text % {"most": pagination.MAX_ROWS}, messages.ERROR)
            return None
        return super().response_action(request, queryset)

    # -- Deleting ------------------------------------------------------------

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        with record_admin_changes(request) as change:
            self.track_deletion(change, obj)
            obj.delete()

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        with record_admin_changes(request) as change:
            for row in queryset:
                self.track_deletion(change, row)
            queryset.delete()

    def track_deletion(self, change: recorder.ChangeRecorder, row: Any) -> None:
        """Record that the row is about to be deleted."""
        change.track_row(row)
        if isinstance(row, Organization):
            change.mark_deleted(row)
        else:
            change.mark_changed(row)

    def get_deletion_refusal(self, row: Any) -> str:
        """Why the row cannot be deleted, or ""."""
        return ""

    def get_deleted_objects(self, objs, request):
        """What a deletion would delete; the reasons against it count as protected rows.

        What belongs to a row that the account may not delete is not listed: it may be elsewhere.
        """
        denied = [reason for row in objs if (reason := self.get_denial_reason(request, row))]
        if denied:
            return [], {}, {self.opts.verbose_name}, list(dict.fromkeys(denied))
        rows, counts, missing, protected = super().get_deleted_objects(objs, request)
        reasons = [reason for reason in map(self.get_deletion_refusal, objs) if reason]
        return rows, counts, missing, [*reasons, *protected]

    def get_readonly_fields(self, request, obj=None):
        """A code that is the primary key is read-only once given: another is another row."""
        fields = super().get_readonly_fields(request, obj)
        key = self.opts.pk
        return (*fields, key.name) if obj and not key.auto_created else fields
