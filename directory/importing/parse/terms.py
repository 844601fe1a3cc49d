"""Look up the terms of a list: kinds, roles, communities and sectors."""

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.utils import translation

from directory.models import Community, Kind, Role, Sector
from directory.text import tokens

MAX_NAME_LENGTH = 250  # characters at the end of a name that are matched
ITEM_SEPARATOR = re.compile(r"[;；\n|]+")
DETAIL_SEPARATOR = re.compile(r"[(（)）/／]")
VALUE_SEPARATOR = re.compile(r"[;；、,，/\n|]+")
KIND_TERMS = {
    Kind.ENTERPRISE: (
        "企业 公司 工厂 国企 民企 国有企业 民营企业 私营企业 外资企业 上市公司 上市企业 "
        "高新技术企业 集团 company firm"
    ),
    Kind.UNIVERSITY: "普通本科院校 普通本科 普通本科高校 应用型本科 应用型本科高校 综合性大学",
    Kind.VOCATIONAL_UNIVERSITY: (
        "本科层次职业 本科层次职业学校 本科层次职业院校 职业本科 职业本科院校 职业本科学校 "
        "职业大学 职业技术大学"
    ),
    Kind.VOCATIONAL_COLLEGE: (
        "专科 大专 高职 高职院校 高职高专 高职高专院校 高等职业学校 高等职业院校 专科院校 专科学校 "
        "高专 高等专科学校 职业学院 职业技术学院 高职专科"
    ),
    Kind.SECONDARY_VOCATIONAL_SCHOOL: (
        "中职 中专 中职学校 中等职业学校 中等职业院校 中等专业学校 技校 技工学校 技工院校 职高 "
        "职业高中 职业中学 职教中心 技师学院 技师 secondaryschool"
    ),
    Kind.RESEARCH_INSTITUTE: (
        "科研院所 科研机构 研究机构 研究院 研究所 科研单位 研发机构 research"
    ),
    Kind.ASSOCIATION: (
        "协会 学会 商会 行业协会 行业组织 社会组织 社会团体 社团 联合会 行业学会 society"
    ),
    Kind.PUBLIC_BODY: "政府 政府部门 政府机构 机关 党政机关 行政机关 行政部门 政府单位 government",
    Kind.OTHER: "其他 其它 其他单位 其他机构",
}  # fmt: skip
UNDERGRADUATE = frozenset((Kind.UNIVERSITY, Kind.VOCATIONAL_UNIVERSITY))
HIGHER = UNDERGRADUATE | {Kind.VOCATIONAL_COLLEGE}
SCHOOLS = HIGHER | {Kind.SECONDARY_VOCATIONAL_SCHOOL}
# Words that say less than a kind: which of these kinds is meant, the name tells, or nobody.
VAGUE_TERMS = (
    (UNDERGRADUATE, "本科 本科院校 本科高校 本科学校 本科高等学校 大学"),
    (
        HIGHER,
        "高等学校 高等院校 高校 院校高校 普通高等学校 普通高等院校 普通高校 高等教育机构 大专院校 "
        "highereducationinstitution highereducation college universityorcollege "
        "collegeoruniversity universitycollege",
    ),
    (SCHOOLS - {Kind.UNIVERSITY}, "职业院校 职业学校 职校 vocationalschool"),
    (SCHOOLS, "院校 学校 school"),
    (HIGHER | {Kind.RESEARCH_INSTITUTE}, "institute"),
)
# Forms of ownership: they mean an enterprise where the name ends like one.
OWNERSHIP_TERMS = frozenset(("民营", "国有", "外资", "合资", "私营"))
# Regular expressions for the end of a name; the first that matches decides. A word counts only
# where it is one: 技师 is none in 科技师范, nor 科学院 in 高科学院.
KIND_BY_NAME_ENDING = (
    (r"(公司|集团|企业|厂|有限合伙|合作社|co ?ltd|inc|gmbh|limited|corp|llc)", Kind.ENTERPRISE),
    (r"(职业(?!.*师范).*大学|vocational.* university)", Kind.VOCATIONAL_UNIVERSITY),
    (
        r"(职业(?!.*师范).*学院|高等专科学校|专科学校|职工大学|职业大学分校)",
        Kind.VOCATIONAL_COLLEGE,
    ),
    (
        r"(中等专业学校|中专学校?|中等职业.*学校|职业.*学校|职业高?中学?|技工学校|技师学院|职教中心"
        r"|职业教育中心)",
        Kind.SECONDARY_VOCATIONAL_SCHOOL,
    ),
    (
        r"(研究院|研究所|研究中心|(?<![高理文工商医农专本])科学院|设计院|检测中心)",
        Kind.RESEARCH_INSTITUTE,
    ),
    (r"(协会|学会|商会|联合会|促进会|联盟)", Kind.ASSOCIATION),
    (r"(局|厅|委员会|人民政府|管委会|办公室)", Kind.PUBLIC_BODY),
    (r"(大学|university)", Kind.UNIVERSITY),
)
ROLE_TERMS = {
    "lead-enterprise": "牵头企业 牵头龙头企业 龙头企业",
    "lead-higher-education-institution": (
        "牵头高等学校 牵头高校 牵头普通高校 牵头本科 牵头本科院校 牵头本科高校 牵头院校 牵头大学"
    ),
    "lead-vocational-school": (
        "牵头职业学校 牵头职业院校 牵头高职 牵头高职院校 牵头职校 牵头职业技术学院"
    ),
    "chair": "理事长 理事长单位 主席单位",
    "executive-vice-chair": "常务副理事长 常务副理事长单位",
    "vice-chair": "副理事长 副理事长单位 副主席单位",
    "standing-council-member": "常务理事 常务理事单位",
    "council-member": "理事 理事单位",
    "member": "成员 成员单位 会员 会员单位 普通成员 普通会员 一般成员 参与单位",
}

Value = TypeVar("Value")


class KindDecision(NamedTuple):
    """The kind of a row, the code of a reason or "", and all kinds that its words may mean."""

    kind: str
    warning: str
    kinds: frozenset[str] = frozenset()


def normalize_term(text: str) -> str:
    """Return a text folded for comparison, without spaces and punctuation."""
    return "".join(run for run, _han in tokens.split_runs(text))


def split_values(cell: str) -> list[str]:
    """Return the values of a cell that holds several."""
    return [part.strip() for part in VALUE_SEPARATOR.split(cell) if part.strip()]


def get_labels(kind: Kind) -> list[str]:
    """Return the label of a kind in every language of the site."""
    labels = []
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            labels.append(str(kind.label))
    return labels


def get_sector_terms(row: Sector) -> list[str]:
    """Return the codes and names by which lists refer to a sector."""
    code_and_name = f"{row.code}{row.name}"
    return [row.code, row.code[1:], row.name, row.name_en, code_and_name, code_and_name[1:]]


def build_lookup(table: Iterable[tuple[Value, Iterable[str]]]) -> dict[str, Value]:
    """Return the value of each normalized term; the first value that claims a term has it."""
    lookup: dict[str, Value] = {}
    for value, names in table:
        for name in names:
            if key := normalize_term(name):
                lookup.setdefault(key, value)
    return lookup


class Terms:
    """The terms of kinds, roles, communities and sectors: codes by their normalized form."""

    def __init__(self) -> None:
        exact = (
            (frozenset((kind,)), [kind.value, *KIND_TERMS.get(kind, "").split(), *get_labels(kind)])
            for kind in Kind
        )
        self.kinds = build_lookup([*get_vague_terms(), *exact])
        self.role_by_code = {role.code: role for role in Role.objects.order_by("rank")}
        self.role_codes = build_lookup(
            (code, [code, row.name, row.name_en, *ROLE_TERMS.get(code, "").split()])
            for code, row in self.role_by_code.items()
        )
        self.community_by_code = {row.code: row for row in Community.objects.order_by("pk")}
        self.community_codes = build_lookup(
            (code, [code, row.name, row.name_en]) for code, row in self.community_by_code.items()
        )
        self.sector_codes = build_lookup(
            (row.code, get_sector_terms(row)) for row in Sector.objects.order_by("code")
        )

    def split_sectors(self, cell: str) -> list[str]:
        """Return the sectors of a cell; a separator may be part of a name (纺织服装、服饰业)."""
        sectors: list[str] = []
        for part in ITEM_SEPARATOR.split(cell) if cell else ():
            sectors += [part] if normalize_term(part) in self.sector_codes else split_values(part)
        return sectors

    def find_kinds(self, cell: str) -> frozenset[str]:
        """Return the kinds that a cell may mean; a bracket or slash tells more: 高校（本科）."""
        if (kinds := self.kinds.get(normalize_term(cell))) or not cell:
            return kinds or frozenset()
        parts = DETAIL_SEPARATOR.split(cell)
        kinds, *rest = (self.kinds.get(normalize_term(part), frozenset()) for part in parts)
        for other in filter(None, rest):
            kinds &= other
        return kinds

    def determine_kind(self, cell: str, level: str, name: str) -> KindDecision:
        """Return the kind that a list gives, or the one that the name suggests, with a reason.

        The reasons are kind-unknown, -missing, -inferred, -vague and -conflict.
        """
        kinds, by_name = self.find_kinds(cell or level), find_kind_by_name(name)
        if not (cell or level):
            return KindDecision(by_name, "kind-inferred" if by_name else "kind-missing")
        if cell and kinds and (by_level := self.find_kinds(level)):
            if not kinds & by_level:
                return KindDecision(by_name, "kind-conflict", kinds)
            kinds &= by_level
        if kinds:
            return choose_kind(kinds, by_name)
        is_school = by_name in SCHOOLS | {Kind.RESEARCH_INSTITUTE}
        if is_school and re.match("(院校|高校|学校|高等学校|高等院校)", cell):
            return KindDecision(by_name, "kind-inferred")
        if by_name == Kind.ENTERPRISE and normalize_term(cell) in OWNERSHIP_TERMS:
            return KindDecision(by_name, "", frozenset((by_name,)))
        return KindDecision(by_name, "kind-unknown")


def get_vague_terms() -> list[tuple[frozenset[str], list[str]]]:
    """Return the words that may mean several kinds, by these kinds."""
    return [(frozenset(kinds), words.split()) for kinds, words in VAGUE_TERMS]


def get_kind_words() -> list[str]:
    """Return a word for each kind in the active language that means no other kind."""
    vague = build_lookup(get_vague_terms())
    return [
        KIND_TERMS[kind].split()[0] if normalize_term(str(kind.label)) in vague else str(kind.label)
        for kind in Kind
    ]


def choose_kind(kinds: frozenset[str], by_name: str) -> KindDecision:
    """Choose one of the kinds that a word may mean, by the kind that the name suggests.

    What is undergraduate is a university unless its name tells that it is a vocational one.
    """
    if len(kinds) == 1:
        (kind,) = kinds
        # “Other” says less than any kind that is recorded.
        return KindDecision(str(kind), "", frozenset(Kind) if kind == Kind.OTHER else kinds)
    if by_name and by_name not in kinds:
        return KindDecision(by_name, "kind-conflict", kinds)
    if kinds == UNDERGRADUATE:
        return KindDecision(by_name or Kind.UNIVERSITY.value, "", kinds)
    return KindDecision(by_name, "kind-inferred" if by_name else "kind-vague", kinds)


def find_kind_by_name(name: str) -> str:
    """Return the kind that the end of a name suggests, or ""."""
    text = re.sub(r"[(（].*?[)）]\s*$", "", tokens.fold(name[-MAX_NAME_LENGTH:])).rstrip(" .。")
    endings = KIND_BY_NAME_ENDING
    return next((kind.value for end, kind in endings if re.search(rf"{end}\Z", text)), "")
