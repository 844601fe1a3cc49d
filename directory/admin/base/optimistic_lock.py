"""A page that two editors have open: the later one is asked, and overwrites nothing silently."""

from django.contrib import admin, messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from directory.admin.base import edit_conflicts
from directory.models import MergedNumber, Organization


class Guarded:
    """A form that is not saved over what somebody else saved meanwhile."""

    stale = False

    def clean(self):
        cleaned = super().clean()
        if self.stale:
            self.add_error(None, edit_conflicts.STALE)
        return cleaned


class TwoEditors(admin.ModelAdmin):
    """Its forms bear what was seen; `Guarded` ones refuse where that is not so any more."""

    def get_object(self, request: HttpRequest, object_id: str, from_field=None):
        row = super().get_object(request, object_id, from_field)
        if row is None:
            return None
        if request.method == "POST" and connection.in_atomic_block:
            try:
                edit_conflicts.lock(row)
            except ObjectDoesNotExist:
                return None
        request.token = self.token(request, row)
        return row

    def token(self, request: HttpRequest, row: models.Model) -> str:
        beside = []
        if isinstance(row, Organization):
            return edit_conflicts.token(row)  # its version grows with everything that belongs to it
        for inline in self.get_inline_instances(request, row):
            link = inline.get_formset(request, row).fk.name
            beside += inline.get_queryset(request).filter(**{link: row})
        return edit_conflicts.token(row, beside)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if change and request.method == "POST":
            form.stale = request.POST.get("version") != getattr(request, "token", None)
        return form

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        if change and obj is not None:
            context["token"] = getattr(request, "token", "")
        if getattr(form, "stale", False):
            context["stale"] = edit_conflicts.STALE
            context["last_saved"] = edit_conflicts.last_saved(obj)
            context["differences"] = edit_conflicts.differences(form, self.told_formsets(context))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def told_formsets(self, context: dict) -> list:
        """The inlines whose differences are told."""
        return [inline.formset for inline in context["inline_admin_formsets"]]

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts, object_id: str):
        """Who was merged meanwhile is found under the other's number."""
        number = int(object_id) if object_id.isdecimal() and len(object_id) < 19 else 0
        merged = MergedNumber.objects.filter(number=number).first()
        if merged is None or not issubclass(self.model, Organization):
            return super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        text = _("Number %(old)s was merged into this one. What you entered there was not saved.")
        self.message_user(request, text % {"old": object_id}, messages.WARNING)
        page = "admin:directory_organization_change"
        return HttpResponseRedirect(reverse(page, args=[merged.organization_id]))
