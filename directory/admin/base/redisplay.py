"""Model admins whose pages show an unsaved form again, filled in, without saving it."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin import helpers
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import IntegrityError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from directory.admin.base import unsaved_forms, unsaved_pages
from directory.admin.base.unsaved_forms import redisplays_form
from directory.permissions import disclosure

NOT_SAVED = "not-saved"  # the code of the error that keeps a form from being saved


class UnsavedModelForm(forms.ModelForm):
    """A form that is never valid, so that it is drawn and not saved; `refusal` says why."""

    refusal = ""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # missing in the stubs
        self.add_error(None, forms.ValidationError(self.refusal, code=NOT_SAVED))

    def drop_refusal(self) -> None:
        """Remove the error again, once it has kept the form from being saved."""
        left = [
            error for error in self.errors[NON_FIELD_ERRORS].as_data() if error.code != NOT_SAVED
        ]
        del self.errors[NON_FIELD_ERRORS]
        if left:
            self.add_error(None, left)


class RedisplayMixin(admin.ModelAdmin):
    """Draws a posted form without saving it, where it was unsaved or the database refused it."""

    @redisplays_form
    def add_view(self, request, form_url="", extra_context=None):
        return super().add_view(request, form_url, extra_context)

    @redisplays_form
    def change_view(self, request, object_id, form_url="", extra_context=None):
        return super().change_view(request, object_id, form_url, extra_context)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """The page; tried again where the database refuses what the form found valid.

        Somebody else has then saved in the same moment: now the form sees it, and says where. If
        the database refuses it again, the form is drawn with the reason.
        """
        arguments = request, object_id, form_url, extra_context
        for _attempt in range(2):
            try:
                return super().changeform_view(*arguments)
            except IntegrityError:
                if unsaved_forms.is_redisplay(request):
                    raise
        request.save_refusal = _(
            "Nothing was saved: the database refused it, because it clashes with what "
            "somebody saved in the same moment, or with another row of this page."
        )
        return super().changeform_view(*arguments)

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs: Any):
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "save_refusal", "")
        if request.method != "POST" or not (refusal or unsaved_forms.is_redisplay(request)):
            return form
        return type(form.__name__, (UnsavedModelForm, form), {"refusal": refusal})

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        if isinstance(form, UnsavedModelForm) and unsaved_forms.is_redisplay(request):
            form.drop_refusal()
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            context["errors"] = helpers.AdminErrorList(form, formsets)
            unsaved_pages.add_redisplay_message(request)
        if request.method == "POST":
            open_filled_inlines(context["inline_admin_formsets"])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts, object_id: str):
        """Answer what is typed for a row that is gone by a page that gives it back."""
        form = unsaved_forms.read_form(request, unsaved_pages.get_account(request))
        if form and form.typed_fields:
            if disclosure.is_elsewhere(request.user, self.model, object_id):
                reason = disclosure.format_row_elsewhere(self.model, object_id)
                return unsaved_pages.render_refused(request, reason, 404, page="")
            return unsaved_pages.render_gone(request)
        answer = super()._get_obj_does_not_exist_redirect  # type: ignore[misc]  # missing in the stubs
        return cast(Any, answer(request, opts, object_id))


def open_filled_inlines(inlines: Iterable[helpers.InlineAdminFormSet]) -> None:
    """Do not fold the inlines in which something was entered."""
    for inline in inlines:
        if inline.formset.has_changed():
            inline.classes = inline.classes.replace("collapse", "")
