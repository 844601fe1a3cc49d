"""The pages that say that a form was not saved, and give back what was entered in it."""

import re
from copy import copy
from dataclasses import replace
from typing import cast

from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from directory.admin.base import unsaved_forms
from directory.admin.base.unsaved_forms import UnsavedForm
from directory.admin.base.unsaved_values import UnsavedContext, build_context

SIGNED_OUT = gettext_lazy("Nothing was saved: you are not signed in any more.")
PAGE_OUTDATED = gettext_lazy(
    "Nothing was saved: the page had been open for too long, or somebody signed in from another "
    "page meanwhile."
)
NOT_YET = gettext_lazy("Nothing was saved yet.")
LOGIN_OUTDATED = gettext_lazy("This page had been open for too long. Please sign in again.")
OTHER_ACCOUNT = gettext_lazy(
    "Nothing was saved: another account entered this. Sign in with that account to see it."
)
DENIED = gettext_lazy("Nothing was saved: this account may not change this.")
GONE = gettext_lazy("Nothing was saved: what you were editing is not there any more.")
COOKIES_NEEDED = gettext_lazy("The browser must accept this site’s cookies.")
# The same page in the other language would not have what was entered.
NO_LANGUAGE_LINKS: dict = {"languages": [], "other_languages": []}


def render_unsaved(
    request: HttpRequest, form: UnsavedForm | None, reason: str | Promise, status: int = 200
) -> HttpResponse:
    """The page with the reason, what was entered, and a button that shows the form again."""
    context = admin.site.each_context(request) | {
        "title": _("Not saved"),
        "reason": reason,
        "unsaved": build_context(form),
        "is_nav_sidebar_enabled": False,
        **NO_LANGUAGE_LINKS,
    }
    request.current_app = admin.site.name
    response = render(request, "admin/directory/unsaved_form.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def render_refused(
    request: HttpRequest, reason: str | Promise, status: int, page: str | None = None
) -> HttpResponse:
    """The page for a signed-in user whose form can neither be saved nor be shown again.

    It links to `page`, or to the one that held the form.
    """
    form = unsaved_forms.read_form(request, get_account(request))
    if form is not None:
        page = form.page if page is None else page
        form = replace(form, is_for_copying=True, page=page)
    return render_unsaved(request, form, reason, status)


def render_gone(request: HttpRequest) -> HttpResponse:
    return render_refused(request, GONE, 404, page="")


def render_sign_in(
    request: HttpRequest, form: UnsavedForm | None, reason: str | Promise, status: int = 403
) -> HttpResponse:
    """The sign-in page, which carries the form until after signing in."""
    page = copy(request)
    page.method, page.POST = "GET", QueryDict()
    view = LoginView.as_view(
        authentication_form=AdminAuthenticationForm,
        template_name="admin/login.html",
        extra_context={
            **admin.site.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": reverse("admin:login"),
            "username": request.user.get_username(),
            "has_permission": False,
            **build_sign_in_context(form, reason),
        },
        initial={"username": "" if form else request.POST.get("username", "")[:150]},
    )
    response = cast(TemplateResponse, view(page))
    response.status_code = status
    response.render()
    response["Cache-Control"] = "private, no-store"
    return response


def build_sign_in_context(form: UnsavedForm | None, reason: str | Promise) -> dict:
    """The part of the sign-in page's context that tells of the unsaved form."""
    page = (form.page if form else "") or reverse("admin:index")
    context = {"unsaved": build_context(form), "unsaved_reason": reason, "next": page}
    return context | (NO_LANGUAGE_LINKS if form else {})


def render_signed_in(request: HttpRequest, form: UnsavedForm) -> HttpResponse:
    """The page after signing in with an unsaved form."""
    if not form.belongs_to(request.user):
        return render_sign_in(request, form, OTHER_ACCOUNT)
    return render_unsaved(request, form, NOT_YET)


def render_outdated(request: HttpRequest) -> HttpResponse | None:
    """The answer to a form of the admin with an old CSRF token; None for any other request.

    Nothing of a form that another site sent is shown.
    """
    match = unsaved_forms.resolve_admin(request.path_info)
    if match is None or request.method != "POST" or not unsaved_forms.is_same_origin(request):
        return None
    is_signed_in = admin.site.has_permission(request)
    form = unsaved_forms.read_form(request, get_account(request))
    if is_signed_in and form is not None:
        if form.belongs_to(request.user):
            return render_unsaved(request, form, PAGE_OUTDATED, 403)
        return render_sign_in(request, form, OTHER_ACCOUNT)
    if is_signed_in:
        return None
    reason: str | Promise = SIGNED_OUT if form else LOGIN_OUTDATED
    if not request.COOKIES:
        reason = f"{reason} {COOKIES_NEEDED}"
    return render_sign_in(request, form, reason)


def build_error_context(
    request: HttpRequest, unreadable: re.Pattern | None = None
) -> UnsavedContext | None:
    """What an error page shows of the form that was sent to the admin; reads no database."""
    if request.method != "POST" or not unsaved_forms.is_same_origin(request):
        return None
    if "CSRF_COOKIE" not in request.META:  # refused before the middleware read the cookie
        CsrfViewMiddleware(lambda request: HttpResponse()).process_request(request)
    return build_context(unsaved_forms.read_form(request, unreadable=unreadable))


def get_account(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    return str(user.pk) if user is not None and user.is_authenticated else ""


def add_redisplay_message(request: HttpRequest) -> None:
    """Say on the page that shows a form again that it is not saved, and what to enter again."""
    form = getattr(request, unsaved_forms.FIELD)
    texts = [_("Nothing was saved yet. Look over what you entered, then save it.")]
    if form.has_passwords:
        texts.append(_("Passwords were not kept: enter them again."))
    for name in form.files:
        texts.append(_("The file “%(name)s” was not kept: choose it again.") % {"name": name})
    messages.warning(request, " ".join(texts))
