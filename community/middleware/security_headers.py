"""What every answer tells the browser to trust, and who is asking."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# One policy for the pages and the admin; without connect-src the admin's type-to-find hangs.
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
    # Django sets these too, but not on the answers that leave before its middleware.
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


class SecurityHeaders:
    """Sets the headers on every answer, static files and errors included."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if response.cookies or "Cookie" in response.headers.get("Vary", ""):
            response.headers["Cache-Control"] = "private, no-store"
        return response


def client_address(request: HttpRequest) -> str:
    """The visitor's address, counting only the proxies that the operator named.

    The left-most X-Forwarded-For is the visitor's to forge; the n-th from the right was
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


def locked_out(request: HttpRequest, credentials: dict, *args, **kwargs) -> HttpResponse:
    response = render(request, "locked_out.html", status=429)
    response["Retry-After"] = "900"
    return response
