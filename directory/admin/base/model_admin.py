"""The desk's one way of writing: every save and deletion is a change of history's, unmixed."""

from collections.abc import Iterable

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _

from directory.admin.base import pagination
from directory.admin.base.autocomplete import RegionField
from directory.admin.base.optimistic_lock import Guarded, TwoEditors
from directory.admin.base.permissions import Permitted
from directory.history import recorder
from directory.models import Alias, Membership, Organization, Region, Source
from directory.permissions import scope

VIA = "admin"
# Where a refusal of the whole row is shown.
OWNERS = ("organization", "region", "community")
# Of these an account with a remit meets only its own, also as a choice.
OWNED = (Organization, Alias, Membership)


def open_change(request: HttpRequest):
    return recorder.change(who=request.user, via=VIA)


class Relations:
    """How relations are chosen, on a page and in its inlines."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        noun = db_field.remote_field.model
        if noun is Region:
            kwargs |= {"form_class": RegionField, "queryset": Region.objects.real()}
        elif noun in OWNED:
            kwargs["queryset"] = scope.visible(request.user, noun._default_manager.all())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Without the four pictures beside each choice: only a source is met while typing."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            widget = field.widget
            widget.can_change_related = widget.can_delete_related = widget.can_view_related = False
            widget.can_add_related &= db_field.remote_field.model is Source
        return field


class DeskForm(Guarded, forms.ModelForm):
    """A form that is not saved over what somebody else saved meanwhile, nor beyond one's rights."""

    user = None

    def _post_clean(self) -> None:
        """What was entered may be somebody else's now: another organization, another region."""
        super()._post_clean()
        reason = "" if self.errors else self.hindrance()
        if reason:
            self.add_error(next((n for n in OWNERS if n in self.fields), None), reason)

    def hindrance(self) -> str:
        return scope.hinders(self.user, self.instance)


class DeskAdmin(Relations, TwoEditors, Permitted):
    """What all nouns of the desk have in common."""

    form = DeskForm
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    paginator = pagination.BoundedPaginator

    def get_changelist(self, request: HttpRequest, **kwargs) -> type[pagination.DeskList]:
        return pagination.DeskList

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """What an address fills in, where that can be a key at all."""
        found = super().get_changeform_initial_data(request)
        return {name: value for name, value in found.items() if self.can_be(name, value)}

    def can_be(self, name: str, value: object) -> bool:
        field = next((f for f in self.opts.get_fields() if f.name == name), None)
        keyed = getattr(field, "remote_field", None) and not isinstance(value, list)
        return not keyed or is_key(field.related_model, str(value))

    # -- Writing -------------------------------------------------------------

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            clash = _(
                "Nothing was saved: the database refused it, because it clashes with what "
                "somebody saved in the same moment, or with another row of this page."
            )
            self.message_user(request, clash, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request, obj, form, change) -> None:
        """Nothing yet: the row is saved together with all that hangs on it, in one change."""

    def save_related(self, request, form, formsets, change) -> None:
        with open_change(request) as request.change:
            stored = self.model._base_manager.filter(pk=form.instance.pk).first()
            for row in filter(None, (stored, form.instance)):
                request.change.open_row(row)  # it may have belonged to another organization
            form.instance.save()
            if stored is not None:
                request.change.touch(stored)
            request.change.touch(form.instance)
            super().save_related(request, form, formsets, change)
        for warning in self.warnings(form.instance):
            self.message_user(request, warning, messages.WARNING)

    def save_formset(self, request, form, formset, change) -> None:
        rows = formset.save(commit=False)
        for row in (*formset.deleted_objects, *rows):
            request.change.open_row(row)
        for row in formset.deleted_objects:
            request.change.touch(row)
            row.delete()
        # What ends is saved before what begins: a role is open only once.
        for row in sorted(rows, key=lambda row: getattr(row, "until", None) is None):
            row.save()
            request.change.touch(row)
        formset.save_m2m()

    def warnings(self, obj: models.Model) -> Iterable[str]:
        """What the officer should know of a row that was saved all the same."""
        return ()

    def response_action(self, request: HttpRequest, queryset: models.QuerySet):
        """Rows are chosen by keys that there can be: anything else is nobody."""
        chosen = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        request.POST = request.POST.copy()
        keys = [key for key in chosen if is_key(self.model, key)]
        request.POST.setlist(helpers.ACTION_CHECKBOX_NAME, keys)
        if (
            request.POST.get("select_across") == "1"
            and pagination.bounded(queryset) > pagination.MOST
        ):
            text = _("These are more than %(most)d at once: search or filter first.")
            self.message_user(request, text % {"most": pagination.MOST}, messages.ERROR)
            return None
        return super().response_action(request, queryset)

    # -- Deleting ------------------------------------------------------------

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        with open_change(request) as change:
            self.let_go(change, obj)
            obj.delete()

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        with open_change(request) as change:
            for row in queryset:
                self.let_go(change, row)
            queryset.delete()

    def let_go(self, change: recorder.Change, row: models.Model) -> None:
        change.open_row(row)
        if isinstance(row, Organization):
            change.forget(row)
        else:
            change.touch(row)

    def keeps(self, row: models.Model) -> str:
        """Why the row cannot be deleted, or ""."""
        return ""

    def get_deleted_objects(self, objs, request):
        rows, counts, lacking, protected = super().get_deleted_objects(objs, request)
        reasons = [reason for reason in map(self.keeps, objs) if reason]
        return rows, counts, lacking, [*reasons, *protected]

    def get_readonly_fields(self, request, obj=None):
        """A code that is the key is given once: another code would be another row."""
        fixed = super().get_readonly_fields(request, obj)
        key = self.opts.pk
        return (*fixed, key.name) if obj and not key.auto_created else fixed


def is_key(noun: type[models.Model], text: str) -> bool:
    """Whether a row of that noun could have this key."""
    try:
        noun._meta.pk.clean(text, None)
    except ValidationError:
        return False
    return True
