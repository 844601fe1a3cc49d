"""The doors for readers: each asks one question and shows the answer."""

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    JsonResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from directory.listing.listing import Listing
from directory.models import Kind, Organization, Region, State
from directory.models.merged_number import addressed
from directory.public.formats import csv as csv_format
from directory.public.formats import jsonld, vcard
from directory.public.formats.suggestions import suggestions
from directory.public.pages import contexts
from directory.public.pages.changelog import changes as public_changes
from directory.public.pages.filter_panel import Panel
from directory.public.pages.results import Roll
from directory.public.pages.statistics import COLUMNS, Statistics
from directory.public.views.page_cache import remembered
from directory.public.views.seo import origin

INSTITUTIONS = tuple(kind for kind in Kind.values if kind != Kind.ENTERPRISE)


@require_safe
@remembered
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/home.html", contexts.home(request.day))


@require_safe
@remembered
def members(request: HttpRequest) -> HttpResponse:
    return listed(request, _("Members"), ())


@require_safe
@remembered
def institutions(request: HttpRequest) -> HttpResponse:
    return listed(request, _("Schools and institutions"), INSTITUTIONS)


@require_safe
@remembered
def enterprises(request: HttpRequest) -> HttpResponse:
    return listed(request, _("Enterprises"), (Kind.ENTERPRISE.value,))


@require_safe
@remembered
def statistics(request: HttpRequest) -> HttpResponse:
    listing = Listing(request.GET, today=request.day)
    context = {
        "listing": listing,
        "panel": Panel(listing),
        "roll": Roll(listing),
        "title": _("Statistics"),
        "stated": contexts.stated(listing),
        "canonical": listing.question(view="", page="", sort=""),
        "statistics": Statistics(listing),
    }
    return render(request, "directory/statistics.html", context, status=listing.status)


def listed(request: HttpRequest, title: str, among: tuple[str, ...]) -> HttpResponse:
    listing = Listing(request.GET, among, request.day)
    context = {
        "listing": listing,
        "panel": Panel(listing),
        "roll": Roll(listing),
        "title": title,
        "stated": contexts.stated(listing),
        "canonical": listing.question(page=listing.number if listing.number > 1 else "", view=""),
        "download": listing.question(kinds=True, view=""),
    }
    if listing.status == 200:
        roll = context["roll"]
        found = jsonld.listing(listing.total, roll.start, roll.drawn, origin(request))
        context["linked"] = jsonld.script(found)
    return render(request, "directory/members.html", context, status=listing.status)


@require_safe
def members_csv(request: HttpRequest) -> HttpResponseBase:
    listing = Listing(request.GET)
    if listing.status != 200:
        return refused(request, listing)
    return StreamingHttpResponse(
        csv_format.members_csv(listing),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="members.csv"'},
    )


@require_safe
def statistics_csv(request: HttpRequest) -> HttpResponseBase:
    listing = Listing(request.GET)
    if listing.status != 200:
        return refused(request, listing)
    lines = Statistics(listing).lines()
    return HttpResponse(
        b"".join(csv_format.csv_lines([list(COLUMNS), *lines])),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="statistics.csv"'},
    )


@require_safe
@remembered
def suggest(request: HttpRequest) -> HttpResponse:
    typed = QueryDict(mutable=True)
    typed["q"] = request.GET.get("q", "")
    listing = Listing(typed, today=request.day)
    if listing.refusals:
        return refused(request, listing)
    return JsonResponse({"suggestions": suggestions(listing)})


def refused(request: HttpRequest, listing: Listing) -> HttpResponse:
    """The refusal of a door that shows no page: the same sentences as plain text."""
    lines = [f"{r.parameter}: {r.reason}" for r in listing.refusals] or [
        _("There is no such page.")
    ]
    return HttpResponse(
        "\n".join(lines) + "\n", content_type="text/plain; charset=utf-8", status=listing.status
    )


@require_safe
@remembered
def member(request: HttpRequest, number: str, slug: str | None = None) -> HttpResponse:
    organization = found(number)
    if (answer := elsewhere(request, organization, number, slug)) is not None:
        return answer
    context = contexts.member(organization, request.day)
    context["linked"] = jsonld.script(jsonld.member(context["record"], origin(request)))
    return render(request, "directory/member.html", context)


@require_safe
@remembered
def member_vcard(request: HttpRequest, number: str, slug: str | None = None) -> HttpResponse:
    organization = found(number)
    if (answer := elsewhere(request, organization, number, slug, "vcard")) is not None:
        return answer
    record = contexts.member(organization, request.day)["record"]
    card = vcard.vcard(record, origin(request) + organization.get_absolute_url())
    return HttpResponse(card, content_type="text/vcard; charset=utf-8")


def found(number: str) -> Organization:
    organization = addressed(number)
    if organization is None:
        raise Http404
    return organization


def elsewhere(
    request: HttpRequest, organization: Organization, number: str, slug: str | None, ending=""
) -> HttpResponse | None:
    """What is answered where this is not its address; the number of a merged one leads on."""
    here = HttpResponsePermanentRedirect(organization.get_absolute_url() + ending)
    if organization.pk != int(number):
        return here
    if organization.state == State.WITHDRAWN:
        return gone(request, organization)
    return here if slug != organization.slug else None


def gone(request: HttpRequest, organization: Organization) -> HttpResponse:
    return render(request, "directory/gone.html", {"organization": organization}, status=410)


@require_safe
@remembered
def changes(request: HttpRequest) -> HttpResponse:
    found = public_changes(before=request.GET.get("before", ""))
    return render(request, "directory/changes.html", {"changes": found})


@require_safe
@remembered
def roles(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/roles.html", contexts.roles(request.day))


@require_safe
@remembered
def regions(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/regions.html", contexts.regions(request.day))


@require_safe
@remembered
def region(request: HttpRequest, code: str) -> HttpResponse:
    return render(
        request,
        "directory/region.html",
        contexts.region(get_object_or_404(Region, pk=code), request.day),
    )


@require_safe
@remembered
def sources(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/sources.html", contexts.sources())


@require_safe
@remembered
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/about.html", contexts.about(request.day))
