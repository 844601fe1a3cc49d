"""Views of the public pages and files: lists, members, statistics, regions, sources, about."""

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
from directory.models.merged_number import find_public_organization
from directory.public.formats import csv as csv_format
from directory.public.formats import jsonld, vcard
from directory.public.formats.suggestions import build_suggestions
from directory.public.html.structured_data import render_json_ld
from directory.public.pages import contexts
from directory.public.pages import home as home_page
from directory.public.pages import sources as sources_page
from directory.public.pages.changelog import get_public_changes
from directory.public.pages.filter_panel import FilterPanel
from directory.public.pages.results import ResultList
from directory.public.pages.statistics import CSV_HEADINGS, Statistics
from directory.public.views.page_cache import IndexedRequest, cached_page
from directory.public.views.seo import get_origin

INSTITUTIONS = tuple(kind for kind in Kind.values if kind != Kind.ENTERPRISE)


@require_safe
@cached_page
def home(request: IndexedRequest) -> HttpResponse:
    return render(request, "directory/home.html", home_page.build_home_context(request.day_index))


@require_safe
@cached_page
def members(request: IndexedRequest) -> HttpResponse:
    return render_list(request, _("Members"))


@require_safe
@cached_page
def institutions(request: IndexedRequest) -> HttpResponse:
    return render_list(request, _("Schools and institutions"), INSTITUTIONS)


@require_safe
@cached_page
def enterprises(request: IndexedRequest) -> HttpResponse:
    return render_list(request, _("Enterprises"), (Kind.ENTERPRISE.value,))


@require_safe
@cached_page
def statistics(request: IndexedRequest) -> HttpResponse:
    listing = Listing(request.GET, today=request.day_index)
    context = build_list_context(listing, _("Statistics")) | {
        "canonical_query": listing.get_query_string(view="", page="", sort=""),
        "statistics": Statistics(listing),
    }
    return render(request, "directory/statistics.html", context, status=listing.status_code)


def build_list_context(listing: Listing, title: str) -> dict:
    filter_panel = FilterPanel(listing)
    return {
        "listing": listing,
        "filter_panel": filter_panel,
        "results": ResultList(listing),
        "title": title,
        "description": contexts.describe_list(title, listing, filter_panel.chips),
        "stated_size": contexts.get_listing_stated_size(listing),
    }


def render_list(
    request: IndexedRequest, title: str, only_kinds: tuple[str, ...] = ()
) -> HttpResponse:
    """A list page, with its members as linked data unless the question is invalid."""
    listing = Listing(request.GET, only_kinds, request.day_index)
    page = listing.page_number if listing.page_number > 1 else ""
    context = build_list_context(listing, title) | {
        "canonical_query": listing.get_query_string(page=page, view=""),
        "download_query": listing.get_query_string(kinds=True, view=""),
    }
    if listing.status_code == 200:
        results: ResultList = context["results"]
        origin = get_origin(request)
        data = jsonld.build_item_list(listing.total, results.start, results.items, origin)
        context["structured_data"] = render_json_ld(data)
    return render(request, "directory/members.html", context, status=listing.status_code)


@require_safe
def members_csv(request: HttpRequest) -> HttpResponseBase:
    listing = Listing(request.GET)
    if listing.status_code != 200:
        return render_refusals_as_text(request, listing)
    return StreamingHttpResponse(
        csv_format.iter_members_csv(listing),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="members.csv"'},
    )


@require_safe
def statistics_csv(request: HttpRequest) -> HttpResponseBase:
    listing = Listing(request.GET)
    if listing.status_code != 200:
        return render_refusals_as_text(request, listing)
    rows = Statistics(listing).iter_csv_rows()
    return HttpResponse(
        b"".join(csv_format.iter_csv([CSV_HEADINGS, *rows])),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="statistics.csv"'},
    )


@require_safe
@cached_page
def suggest(request: IndexedRequest) -> HttpResponse:
    typed = QueryDict(mutable=True)
    typed["q"] = request.GET.get("q", "")
    listing = Listing(typed, today=request.day_index)
    if listing.invalid_parameters:
        return render_refusals_as_text(request, listing)
    return JsonResponse({"suggestions": build_suggestions(listing)})


def render_refusals_as_text(request: HttpRequest, listing: Listing) -> HttpResponse:
    """The refusal of a URL that serves no page: the same sentences as plain text."""
    lines = [f"{each.parameter}: {each.reason}" for each in listing.invalid_parameters]
    if listing.refusals.more:
        lines.append(_("… and %(n)s more.") % {"n": listing.refusals.more})
    text = "\n".join(lines or [_("There is no such page.")]) + "\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=listing.status_code)


@require_safe
@cached_page
def member(request: IndexedRequest, number: str, slug: str | None = None) -> HttpResponse:
    organization = get_organization_or_404(number)
    if (answer := redirect_or_gone(request, organization, number, slug)) is not None:
        return answer
    record = contexts.load_record(organization, request.day_index)
    if record is None:
        return answer_again(request, number, slug)
    context = contexts.build_member_context(organization, record, request.day_index)
    data = jsonld.build_member(record, get_origin(request))
    context["structured_data"] = render_json_ld(data)
    return render(request, "directory/member.html", context)


@require_safe
@cached_page
def member_vcard(request: IndexedRequest, number: str, slug: str | None = None) -> HttpResponse:
    organization = get_organization_or_404(number)
    if (answer := redirect_or_gone(request, organization, number, slug, "vcard")) is not None:
        return answer
    record = contexts.load_record(organization, request.day_index)
    if record is None:
        return answer_again(request, number, slug, "vcard")
    card = vcard.build_vcard(record, get_origin(request) + organization.get_absolute_url())
    return HttpResponse(card, content_type="text/vcard; charset=utf-8")


def get_organization_or_404(number: str) -> Organization:
    """The organization of a public number; for a merged one, that into which it was merged."""
    organization = find_public_organization(number)
    if organization is None:
        raise Http404
    return organization


def answer_again(
    request: HttpRequest, number: str, slug: str | None, ending: str = ""
) -> HttpResponse:
    """The answer for a member that was merged, withdrawn or deleted while its page was built."""
    organization = get_organization_or_404(number)
    answer = redirect_or_gone(request, organization, number, slug, ending)
    if answer is None:
        raise Http404
    return answer


def redirect_or_gone(
    request: HttpRequest,
    organization: Organization,
    number: str,
    slug: str | None,
    ending: str = "",
) -> HttpResponse | None:
    """Redirect to its present address, or say that it was withdrawn; None where all is right."""
    here = HttpResponsePermanentRedirect(organization.get_absolute_url() + ending)
    if organization.pk != int(number):
        return here
    if organization.state == State.WITHDRAWN:
        return render_gone(request, organization)
    return here if slug != organization.slug else None


def render_gone(request: HttpRequest, organization: Organization) -> HttpResponse:
    """410 with the reason of the withdrawal."""
    return render(request, "directory/gone.html", {"organization": organization}, status=410)


@require_safe
@cached_page
def changes(request: IndexedRequest) -> HttpResponse:
    page = get_public_changes(before=request.GET.get("before", ""))
    return render(request, "directory/changes.html", {"page": page})


@require_safe
@cached_page
def roles(request: IndexedRequest) -> HttpResponse:
    return render(request, "directory/roles.html", contexts.build_roles_context(request.day_index))


@require_safe
@cached_page
def regions(request: IndexedRequest) -> HttpResponse:
    context = contexts.build_regions_context(request.day_index)
    return render(request, "directory/regions.html", context)


@require_safe
@cached_page
def region(request: IndexedRequest, code: str) -> HttpResponse:
    row = get_object_or_404(Region, pk=code)
    context = contexts.build_region_context(row, request.day_index)
    return render(request, "directory/region.html", context)


@require_safe
@cached_page
def sources(request: IndexedRequest) -> HttpResponse:
    return render(request, "directory/sources.html", sources_page.build_sources_context())


@require_safe
@cached_page
def about(request: IndexedRequest) -> HttpResponse:
    return render(request, "directory/about.html", contexts.build_about_context(request.day_index))
