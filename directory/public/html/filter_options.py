"""HTML of the filter form's options: checkboxes with counts, nested where one holds others.

They are built in Python because a filter form has hundreds of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from directory.listing.index.reference_data import NONE
from directory.listing.listing import Option
from directory.text.language import get_punctuation


def format_place_count(count: int) -> str:
    text = ngettext("%(inside)s place inside", "%(inside)s places inside", count)
    return text % {"inside": count}


def format_group_count(count: int) -> str:
    return ngettext("%(inside)s group", "%(inside)s groups", count) % {"inside": count}


@dataclass
class FilterChoice:
    """An option of a filter with its label, and the options that lie below it."""

    name: str
    option: Option
    label: str
    children: list["FilterChoice"] = field(default_factory=list)

    @property
    def html(self) -> SafeString:
        option = self.option
        return render_option(self.name, option.code, self.label, option.count, option.is_selected)

    @property
    def is_open(self) -> bool:
        """Whether anything below it is selected."""
        return any(child.option.is_selected or child.is_open for child in self.children)


class FilterChoices(list[FilterChoice]):
    """The options of one filter; as a tree, all stand open with `is_expanded`."""

    format_child_count: Callable[[int], str] = staticmethod(format_place_count)
    is_expanded = False

    @property
    def html(self) -> SafeString:
        return SafeString("".join(choice.html for choice in self))

    @property
    def tree_html(self) -> SafeString:
        return SafeString("".join(map(self._render_item, self)))

    def _render_item(self, choice: FilterChoice) -> str:
        if not choice.children:
            return f"<li>{choice.html}</li>"
        is_open = " open" if self.is_expanded or choice.is_open else ""
        label = f"{escape(choice.label)}{get_punctuation().colon}"
        children = "".join(map(self._render_item, choice.children))
        return (
            f"<li>{choice.html}<details{is_open}><summary>"
            f'<span class="visually-hidden">{label}</span>'
            f"{self.format_child_count(len(choice.children))}</summary>"
            f"<ul>{children}</ul></details></li>"
        )


@dataclass(frozen=True)
class SuggestedQuery:
    """A query that may have been meant, and its query string."""

    text: str
    url: str


def render_suggested_queries(queries: Iterable[SuggestedQuery]) -> SafeString:
    links = (f'<a href="{escape(query.url)}">{escape(query.text)}</a>' for query in queries)
    return SafeString(get_punctuation().comma.join(links))


def render_option(name: str, code: str, label: str, count: int, is_selected: bool) -> SafeString:
    """One option of a filter: its checkbox, its label and how many members it would leave."""
    css_class = f' class="mark {code}"' if name == "evidence" and code != NONE else ""
    sector_code = f" {code}" if name == "sector" and code != NONE else ""
    return SafeString(
        f'<label class="option{"" if count else " none"}"><input type="checkbox" name="{name}" '
        f'value="{escape(code)}"{" checked" if is_selected else ""}>'
        f"<span{css_class}>{escape(label)}{sector_code}"
        f'</span><span class="num">{count}</span></label>'
    )
