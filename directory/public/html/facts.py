"""HTML of a fact's value on a member's page, by the kind of fact."""

from collections.abc import Callable
from html import escape
from typing import cast

from django.template.defaultfilters import linebreaksbr
from django.utils.safestring import SafeString

from directory.listing.records import Fact
from directory.models import Organization, Region, Sector
from directory.partial_dates import PartialDate
from directory.public.html.renderer import HtmlRenderer, render_date

FACT_LANGUAGES = {
    "name": "zh-Hans",
    "description": "zh-Hans",
    "name_en": "en",
    "description_en": "en",
}


def render_fact(renderer: HtmlRenderer, fact: Fact, organization: Organization) -> SafeString:
    """The value with its citations, or a note that there is none or that it does not apply."""
    _ = renderer.text
    if not fact.applies:
        text = _("does not apply")
        return SafeString(f'<span class="quiet">{text}</span>')
    if not fact.is_recorded:
        return SafeString(renderer.not_recorded())
    value = _get_value_renderer(fact.name)(renderer, fact, organization)
    return SafeString(f"<span>{value}</span>{_render_citations(renderer, fact)}")


def _render_citations(renderer: HtmlRenderer, fact: Fact) -> str:
    if fact.citations:
        return f'<span class="slip-end">{renderer.citation_marks(fact.citations)}</span>'
    # The day of the last check is the editor's own: it has no source.
    return "" if fact.name == "verified_on" else renderer.citation_marks_or_notice([])


ValueRenderer = Callable[[HtmlRenderer, Fact, Organization], str]


def _get_value_renderer(name: str) -> ValueRenderer:
    if name in FACT_LANGUAGES:
        return _render_localized
    return VALUE_RENDERERS.get(name, _render_text)


def _render_text(_renderer: HtmlRenderer, fact: Fact, _organization: Organization) -> str:
    return escape(str(fact.value))


def _render_localized(_renderer: HtmlRenderer, fact: Fact, _organization: Organization) -> str:
    return f'<bdi lang="{FACT_LANGUAGES[fact.name]}">{linebreaksbr(str(fact.value))}</bdi>'


def _render_regions(renderer: HtmlRenderer, fact: Fact, organization: Organization) -> str:
    regions = cast(list[Region], fact.value)
    links = " › ".join(
        f'<a href="{renderer.url("region", region.code)}">{escape(region.label)}</a>'
        for region in regions
    )
    return f'{links} <span class="quiet">{organization.region_id}</span>'


def _render_website(renderer: HtmlRenderer, fact: Fact, _organization: Organization) -> str:
    return renderer.external_link(str(fact.value))


def _render_sectors(renderer: HtmlRenderer, fact: Fact, _organization: Organization) -> str:
    sectors = cast(list[Sector], fact.value)
    return renderer.punctuation.comma.join(
        f'<a href="{renderer.url("members")}?sector={sector.code}">{escape(str(sector))}</a>'
        for sector in sectors
    )


def _render_date(_renderer: HtmlRenderer, fact: Fact, _organization: Organization) -> str:
    return render_date(cast(PartialDate, fact.value))


VALUE_RENDERERS: dict[str, ValueRenderer] = {
    "region": _render_regions,
    "website": _render_website,
    "sectors": _render_sectors,
    "verified_on": _render_date,
}
