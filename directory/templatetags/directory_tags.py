"""Template tags and filters of the public pages; what draws HTML is in `directory.public.html`."""

from datetime import date

from django import template
from django.conf import settings
from django.db.models import Model
from django.template.base import Parser, Token
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from directory.history.describe import ChangeLine
from directory.listing.records import Fact, Record
from directory.models import Citation, Organization, Region
from directory.models.date_fields import get_partial_date
from directory.partial_dates import PartialDate
from directory.public.html import changes, facts, list_items, meta_tags
from directory.public.html.filter_options import SuggestedQuery, render_suggested_queries
from directory.public.html.fragment_cache import FragmentCacheNode
from directory.public.html.renderer import get_renderer, render_completeness
from directory.public.html.thread_chart import build_thread_chart
from directory.text.language import list_separator, localize

register = template.Library()


# The page


@register.simple_tag
def site_name() -> str:
    return localize(settings.SITE_NAME, settings.SITE_NAME_EN)


@register.simple_block_tag
def page_title(content: str) -> SafeString:
    """The page's title, for the browser's tab and for link previews."""
    return meta_tags.render_title(content)


@register.simple_block_tag
def page_description(content: str) -> SafeString:
    return meta_tags.render_description(content)


@register.tag
def cache_by_language(parser: Parser, token: Token) -> FragmentCacheNode:
    """`{% cache_by_language %}…{% endcache_by_language %}`: rendered once for each language."""
    nodelist = parser.parse(("endcache_by_language",))
    parser.delete_first_token()
    return FragmentCacheNode(nodelist)


# Texts


@register.filter
def language_label(code: str) -> str:
    return {"zh-Hans": _("Chinese"), "en": _("English")}.get(code, code)


@register.filter
def citation_reference(citation: Citation) -> SafeString:
    return SafeString(get_renderer().citation_reference(citation))


@register.filter
def citation_place(citation: Citation) -> SafeString:
    return SafeString(get_renderer().citation_place(citation))


@register.simple_tag
def missing_facts(record: Record) -> str:
    """The labels of the facts that are not recorded."""
    return list_separator().join(str(fact.label) for fact in record.missing_facts)


@register.simple_tag
def since(day: date | PartialDate | None) -> SafeString:
    return SafeString(get_renderer().since(day))


# Pieces of HTML


@register.simple_tag
def citation_marks(citations: list[Citation]) -> SafeString:
    return SafeString(get_renderer().citation_marks(citations))


@register.simple_tag
def citation_marks_or_notice(citations: list[Citation]) -> SafeString:
    return SafeString(get_renderer().citation_marks_or_notice(citations))


@register.simple_tag
def citation_marks_or_not_recorded(citations: list[Citation]) -> SafeString:
    return SafeString(get_renderer().citation_marks_or_not_recorded(citations))


@register.simple_tag
def not_recorded() -> SafeString:
    return SafeString(get_renderer().not_recorded())


@register.simple_tag
def text_or_not_recorded(text: object) -> str:
    """The text, escaped by the template engine, or the mark of a missing value."""
    return str(text) if text else not_recorded()


@register.simple_tag
def date_or_not_recorded(day: date | PartialDate | None) -> SafeString:
    return SafeString(get_renderer().date_or_not_recorded(day))


@register.simple_tag
def partial_date_or_not_recorded(row: Model, name: str) -> SafeString:
    """The date that a row has in this field, with its precision."""
    return SafeString(get_renderer().date_or_not_recorded(get_partial_date(row, name)))


@register.simple_tag
def suggested_queries(queries: list[SuggestedQuery]) -> SafeString:
    return render_suggested_queries(queries)


@register.simple_tag
def external_link_or_not_recorded(url: str) -> SafeString:
    renderer = get_renderer()
    return SafeString(renderer.external_link(url) if url else renderer.not_recorded())


@register.simple_tag
def region_path(regions: list[Region]) -> SafeString:
    return SafeString(get_renderer().region_path(regions))


@register.filter
def isolate(text: str) -> SafeString:
    """A text of somebody's in a sentence: its direction does not turn what stands beside it."""
    return format_html("<bdi>{}</bdi>", text)


@register.simple_tag
def organization_link(organization: Organization) -> SafeString:
    return SafeString(get_renderer().organization_link(organization))


@register.simple_tag
def record_names(record: Record) -> SafeString:
    return list_items.render_names(get_renderer(), record)


@register.simple_tag
def fact_value(fact: Fact, organization: Organization) -> SafeString:
    return facts.render_fact(get_renderer(), fact, organization)


@register.simple_tag
def change_line(line: ChangeLine) -> SafeString:
    return changes.render_change_line(get_renderer(), line)


@register.simple_tag
def completeness_meter(record: Record) -> SafeString:
    """A bar with a square for each fact that applies to a member."""
    return render_completeness(*record.fact_counts)


@register.inclusion_tag("directory/partials/_thread_chart.html")
def thread_chart(named: int, stated: int | None, has_scale: bool = True) -> dict:
    """A thread for each member, named or only stated."""
    return {"chart": build_thread_chart(named, stated), "has_scale": has_scale}
