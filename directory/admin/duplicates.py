"""The desk of likely doubles: pairs with their score and reasons, and those told apart."""

from threading import Thread

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from directory.admin.merging import MERGE
from directory.duplicates import pairs
from directory.models import LikelyPair, NotSame, Organization, PairSearch
from directory.permissions import scope

PAGE = 50
LAST_PAGE = 100
AT_ONCE = 5000  # so many organizations are compared within a request; more in the background


@admin.register(LikelyPair)
class LikelyPairAdmin(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        """Whoever may see organizations may see which of them are alike."""
        return request.user.has_perm("directory.view_organization") or may_judge(request)

    def get_urls(self):
        def at(name: str, view, address: str = ""):
            page = self.admin_site.admin_view(view)
            return path(address, page, name=f"directory_likelypair_{name}")

        return [
            at("changelist", self.listing),
            at("apart", self.apart, "apart/"),
            at("tell_apart", require_POST(self.tell_apart), "tell-apart/"),
            at("take_back", require_POST(self.take_back), "take-back/"),
            at("compare", require_POST(self.compare), "compare/"),
        ]

    def listing(self, request: HttpRequest) -> HttpResponse:
        number, rows, more = paged(request, scope.visible(request.user, pairs.listed()))
        why = pairs.reasons(rows)
        context = {
            "title": _("Likely doubles"),
            "pairs": [(row, row.one, row.other, why[row.pk]) for row in rows],
            "search": PairSearch.objects.filter(id=1).first(),
            "may_merge": request.user.has_perm(MERGE),
        }
        return self.page(request, "pairs.html", context, number, more)

    def apart(self, request: HttpRequest) -> HttpResponse:
        told = scope.visible(request.user, NotSame.objects.select_related("one", "other"))
        number, rows, more = paged(request, told)
        context = {"title": _("Not the same"), "rows": rows}
        return self.page(request, "pairs_apart.html", context, number, more)

    def page(self, request, name: str, context: dict, number: int, more: bool) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | context
        context |= {
            "opts": self.opts,
            "number": number,
            "earlier": number - 1,
            "later": number + 1 if more and number < LAST_PAGE else 0,
            "may_judge": may_judge(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/directory/{name}", context)

    # -- Judging -----------------------------------------------------------------

    def tell_apart(self, request: HttpRequest) -> HttpResponse:
        demand(request)
        keys = [number_in(request, name) for name in ("one", "other")]
        rows = scope.visible(request.user, Organization.objects.all()).in_bulk(keys)
        if len(rows) != 2:
            raise Http404
        pairs.tell_apart(*keys, request.user)
        text = _("Remembered: “%(one)s” and “%(other)s” are not the same.")
        names = {"one": rows[keys[0]].label, "other": rows[keys[1]].label}
        messages.success(request, text % names)
        return self.back("changelist")

    def take_back(self, request: HttpRequest) -> HttpResponse:
        demand(request)
        told = scope.visible(request.user, NotSame.objects.all())
        row = told.filter(pk=number_in(request, "pair")).first()
        if row is None or not pairs.take_back(row.pk):
            raise Http404
        messages.success(request, _("Forgotten: the two may be the same."))
        return self.back("apart")

    def compare(self, request: HttpRequest) -> HttpResponse:
        demand(request)
        few = not Organization.objects.order_by("pk")[AT_ONCE:].exists()
        if few:
            found = pairs.compare_all()
            text = _("All organizations were compared: %d likely pairs.") % (found or 0)
        else:
            Thread(target=compare_aside, daemon=True).start()
            text = _("All organizations are being compared; reload this page to see how far it is.")
        messages.success(request, text)
        return self.back("changelist")

    def back(self, page: str) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:directory_likelypair_{page}"))


def compare_aside() -> None:
    """In a thread of its own, with a connection of its own."""
    try:
        pairs.compare_all()
    finally:
        connection.close()


def may_judge(request: HttpRequest) -> bool:
    return request.user.has_perm("directory.change_organization")


def demand(request: HttpRequest) -> None:
    if not may_judge(request):
        raise PermissionDenied


def number_in(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def paged(request: HttpRequest, rows) -> tuple[int, list, bool]:
    """A page of rows without counting them all, and whether there is another."""
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
    number = min(max(number, 1), LAST_PAGE)
    found = list(rows[PAGE * (number - 1) : PAGE * number + 1])
    return number, found[:PAGE], len(found) > PAGE
