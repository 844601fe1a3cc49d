"""Views of the admin that lose nothing of a form that they refuse, and show it again."""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from directory.admin.base import unsaved_forms, unsaved_pages
from directory.admin.base.unsaved_forms import UnsavedForm


def keep_unsaved_forms(view: Callable) -> Callable:
    """Decorate a view of the admin so that what is posted to it is not lost where it is refused."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.method != "POST" or unsaved_forms.is_cross_site(request):
            return view(request, *args, **kwargs)
        form = unsaved_forms.read_form(request, unsaved_pages.get_account(request))
        if not admin.site.has_permission(request):
            if form is None:
                return view(request, *args, **kwargs)
            if request.user.is_authenticated:
                return unsaved_pages.render_refused(request, unsaved_pages.DENIED, 403)
            return unsaved_pages.render_sign_in(request, form, unsaved_pages.SIGNED_OUT)
        if unsaved_forms.FIELD in request.POST:
            return show_again(request, form, lambda: view(request, *args, **kwargs))
        try:
            return view(request, *args, **kwargs)
        except (PermissionDenied, Http404) as error:
            if form is None or not form.typed_fields:
                raise
            if isinstance(error, PermissionDenied):
                return unsaved_pages.render_refused(request, unsaved_pages.DENIED, 403)
            return unsaved_pages.render_gone(request)

    return wrapper


def show_again(request: HttpRequest, form: UnsavedForm | None, view: Callable) -> HttpResponse:
    """Answer the button "Show the form again": the form's page, filled in; nothing is saved.

    The view gets the kept fields as `request.POST` and must only draw them. Whatever it writes
    all the same is rolled back.
    """
    if form is None:
        return unsaved_pages.render_unsaved(
            request, None, _("Nothing was saved, and nothing was kept."), 400
        )
    if not form.belongs_to(request.user):
        return unsaved_pages.render_sign_in(request, form, unsaved_pages.OTHER_ACCOUNT)
    if form.address != request.get_full_path() or not form.can_be_shown_again:
        return unsaved_pages.render_signed_in(request, form)
    request.POST = form.to_query_dict()  # type: ignore[assignment]
    setattr(request, unsaved_forms.FIELD, form)
    try:
        response = draw(view)
    except PermissionDenied:
        if form.account:
            return unsaved_pages.render_refused(request, unsaved_pages.DENIED, 403)
        return unsaved_pages.render_sign_in(request, form, unsaved_pages.DENIED)
    except Http404:
        return unsaved_pages.render_gone(request)
    if response.status_code in (301, 302):
        return unsaved_pages.render_refused(request, _("Nothing was saved."), 409)
    response["Cache-Control"] = "private, no-store"
    return response


def draw(view: Callable) -> HttpResponse:
    """Call the view and render its page in a transaction that is rolled back."""
    with transaction.atomic():
        response = view()
        if hasattr(response, "render"):
            response.render()
        transaction.set_rollback(True)
    return response
