"""Admin of likely duplicates: pairs with score and reasons, and pairs that are not the same."""

from dataclasses import dataclass
from typing import cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from directory import jobs
from directory.admin.merging import MERGE_PERMISSION
from directory.duplicates import pairs
from directory.duplicates.similarity import Similarity
from directory.models import LikelyPair, NotSame, Organization, PairSearch
from directory.permissions import disclosure, policy, scope

PAGE_SIZE = 50
MAX_PAGE = 100
MAX_COMPARED_IN_REQUEST = 5000  # organizations; more are compared by a job


@dataclass(frozen=True)
class PairRow:
    """Two organizations that are likely the same, and why."""

    one: Organization
    other: Organization
    similarity: Similarity

    @property
    def is_alike(self) -> bool:
        """Whether they still are alike: one of them may have been changed since the search."""
        return bool(self.similarity.score)

    @property
    def percent(self) -> int:
        return round(self.similarity.score * 100)


@dataclass(frozen=True)
class BoundedPage:
    """A page of rows that are not counted, and whether there is another."""

    number: int
    rows: list
    has_more: bool

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def next(self) -> int:
        return self.number + 1 if self.has_more and self.number < MAX_PAGE else 0


@admin.register(LikelyPair)
class LikelyPairAdmin(admin.ModelAdmin):
    """Lists the pairs that a search found; they are judged or merged, never edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        """Allow whoever may see organizations to see which of them are alike."""
        return request.user.has_perm("directory.view_organization") or may_decide(request)

    def get_urls(self):
        def at(name: str, view, route: str = ""):
            page = self.admin_site.admin_view(view)
            return path(route, page, name=f"directory_likelypair_{name}")

        return [
            at("changelist", self.pairs_view),
            at("apart", self.not_same_view, "apart/"),
            at("tell_apart", require_POST(self.mark_not_same_view), "tell-apart/"),
            at("take_back", require_POST(self.delete_not_same_view), "take-back/"),
            at("compare", require_POST(self.compare_view), "compare/"),
        ]

    def pairs_view(self, request: HttpRequest) -> HttpResponse:
        page = paginate(request, scope.filter_visible(request.user, pairs.list_pairs()))
        similarities = pairs.explain_pairs(page.rows)
        context = {
            "title": _("Likely doubles"),
            "pairs": [PairRow(row.one, row.other, similarities[row.pk]) for row in page.rows],
            "search": PairSearch.objects.filter(id=1).first(),
            "is_limited": policy.permission_for(request.user).is_limited,
            "may_merge": request.user.has_perm(MERGE_PERMISSION),
        }
        return self.render_page(request, "pairs.html", context, page)

    def not_same_view(self, request: HttpRequest) -> HttpResponse:
        rows = NotSame.objects.select_related("one", "other")
        page = paginate(request, scope.filter_visible(request.user, rows))
        context = {"title": _("Not the same"), "rows": page.rows}
        return self.render_page(request, "pairs_not_same.html", context, page)

    def render_page(self, request, name: str, context: dict, page: BoundedPage) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | context
        context |= {
            "opts": self.opts,
            "page": page,
            "may_decide": may_decide(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/directory/{name}", context)

    # -- Decisions ---------------------------------------------------------------

    def mark_not_same_view(self, request: HttpRequest) -> HttpResponse:
        enforce_may_decide(request)
        one, other = parse_number(request, "one"), parse_number(request, "other")
        rows = scope.filter_visible(request.user, Organization.objects.all()).in_bulk([one, other])
        for number in {one, other} - rows.keys():
            if disclosure.is_elsewhere(request.user, Organization, str(number)):
                messages.error(request, disclosure.NUMBER_ELSEWHERE % {"number": number})
                return self.redirect("changelist")
        if len(rows) != 2:
            raise Http404
        pairs.mark_not_same(one, other, cast(User, request.user))
        text = _("Remembered: “%(one)s” and “%(other)s” are not the same.")
        names = {"one": rows[one].label, "other": rows[other].label}
        messages.success(request, text % names)
        return self.redirect("changelist")

    def delete_not_same_view(self, request: HttpRequest) -> HttpResponse:
        enforce_may_decide(request)
        rows = scope.filter_visible(request.user, NotSame.objects.all())
        row = rows.filter(pk=parse_number(request, "pair")).first()
        if row is None or not pairs.delete_not_same(row.pk):
            raise Http404
        messages.success(request, _("Forgotten: the two may be the same."))
        return self.redirect("apart")

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        enforce_may_decide(request)
        are_few = not Organization.objects.order_by("pk")[MAX_COMPARED_IN_REQUEST:].exists()
        if are_few:
            pairs.compare_all()
            count = scope.filter_visible(request.user, pairs.list_pairs()).count()
            text = _("All organizations were compared: %d likely pairs.") % count
        else:
            jobs.start_command("find_duplicates")
            text = _("All organizations are being compared; reload this page to see how far it is.")
        messages.success(request, text)
        return self.redirect("changelist")

    def redirect(self, page: str) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:directory_likelypair_{page}"))


def may_decide(request: HttpRequest) -> bool:
    return request.user.has_perm("directory.change_organization")


def enforce_may_decide(request: HttpRequest) -> None:
    """Raise PermissionDenied for accounts that may not change organizations."""
    if not may_decide(request):
        raise PermissionDenied


def parse_number(request: HttpRequest, name: str) -> int:
    """Parse a posted primary key; 0 for what is none."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def paginate(request: HttpRequest, rows: QuerySet) -> BoundedPage:
    """Read the page that the query asks for, without counting the rows."""
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
    number = min(max(number, 1), MAX_PAGE)
    first = list(rows[PAGE_SIZE * (number - 1) : PAGE_SIZE * number + 1])
    return BoundedPage(number, first[:PAGE_SIZE], len(first) > PAGE_SIZE)
