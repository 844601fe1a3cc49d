"""Security headers, the visitor's address behind proxies, and the answer to locked accounts."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from directory.admin.base import unsaved_pages

# One policy for site and admin; the admin's autocomplete fields need connect-src.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Django sets these too, but not on responses that leave before its middleware.
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


class SecurityHeadersMiddleware:
    """Sets the headers on every response, including static files and errors."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if response.cookies or "Cookie" in response.headers.get("Vary", ""):
            response.headers["Cache-Control"] = "private, no-store"
        return response


def get_client_address(request: HttpRequest) -> str:
    """The visitor's IP address behind settings.TRUSTED_PROXIES proxies; 0.0.0.0 if it is invalid.

    A visitor can forge the left-most address of X-Forwarded-For; the n-th from the right was
    written by the outermost of n trusted proxies.
    """
    address = request.META.get("REMOTE_ADDR", "")
    count = settings.TRUSTED_PROXIES
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if count and len(forwarded) >= count:
        address = forwarded[-count].strip()
    try:
        return str(ip_address(address))
    except ValueError:
        return "0.0.0.0"


def render_lockout(request: HttpRequest, credentials: dict, *args, **kwargs) -> HttpResponse:
    """429 for django-axes: too many wrong passwords for this account from this address."""
    context: dict = {"unsaved": unsaved_pages.build_error_context(request)}
    context |= unsaved_pages.NO_LANGUAGE_LINKS if context["unsaved"] else {}
    response = render(request, "locked_out.html", context, status=429)
    response["Retry-After"] = "900"
    response["Cache-Control"] = "private, no-store"
    return response
