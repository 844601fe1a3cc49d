"""What words of a list mean in the directory: kinds, roles, communities and sectors."""

import re
from collections.abc import Iterable

from django.conf import settings
from django.utils import translation

from directory.models import Community, Kind, Role, Sector
from directory.text import tokens

LONGEST = 250  # characters at the end of a name that are looked at
LISTED = re.compile(r"[;；\n|]+")
DIVIDED = re.compile(r"[(（)）/／]")
SPLIT = re.compile(r"[;；、,，/\n|]+")
KINDS = {
    Kind.ENTERPRISE: (
        "企业 公司 工厂 国企 民企 国有企业 民营企业 私营企业 外资企业 上市公司 上市企业 "
        "高新技术企业 集团 company firm"
    ),
    Kind.UNIVERSITY: (
        "本科 本科院校 本科高校 本科学校 普通本科 普通本科院校 普通本科高校 应用型本科 "
        "应用型本科高校 大学 "
        "综合性大学 本科高等学校 highereducationinstitution"
    ),
    Kind.VOCATIONAL_UNIVERSITY: (
        "本科层次职业 本科层次职业学校 本科层次职业院校 职业本科 职业本科院校 职业本科学校 "
        "职业大学 职业技术大学"
    ),
    Kind.VOCATIONAL_COLLEGE: (
        "专科 高职 高职院校 高职高专 高职高专院校 高等职业学校 高等职业院校 专科院校 专科学校 "
        "高专 高等专科学校 职业学院 职业技术学院 高职专科 college"
    ),
    Kind.SECONDARY_VOCATIONAL_SCHOOL: (
        "中职 中专 中职学校 中等职业学校 中等职业院校 中等专业学校 技校 技工学校 技工院校 职高 "
        "职业高中 职业中学 职教中心 技师学院 技师 vocationalschool secondaryschool"
    ),
    Kind.RESEARCH_INSTITUTE: (
        "科研院所 科研机构 研究机构 研究院 研究所 科研单位 研发机构 institute research"
    ),
    Kind.ASSOCIATION: (
        "协会 学会 商会 行业协会 行业组织 社会组织 社会团体 社团 联合会 行业学会 society"
    ),
    Kind.PUBLIC_BODY: "政府 政府部门 政府机构 机关 党政机关 行政机关 行政部门 政府单位 government",
    Kind.OTHER: "其他 其它 其他单位 其他机构",
}  # fmt: skip
# Who owns it: an enterprise, where the name says that it is one.
OWNERS = frozenset(("民营", "国有", "外资", "合资", "私营"))
# What a name ends in, the first that fits.
ENDINGS = (
    (r"(公司|集团|企业|厂|有限合伙|合作社|co ?ltd|inc|gmbh|limited|corp|llc)", Kind.ENTERPRISE),
    (r"职业.*大学", Kind.VOCATIONAL_UNIVERSITY),
    (
        r"(职业.*学院|技术学院|高等专科学校|专科学校|职工大学|职业大学分校)",
        Kind.VOCATIONAL_COLLEGE,
    ),
    (
        r"(中等专业学校|中专学校?|中等职业.*学校|职业.*学校|职业高?中学?|技工学校|技师学院|职教中心"
        r"|职业教育中心)",
        Kind.SECONDARY_VOCATIONAL_SCHOOL,
    ),
    (r"(研究院|研究所|研究中心|科学院|设计院|检测中心)", Kind.RESEARCH_INSTITUTE),
    (r"(协会|学会|商会|联合会|促进会|联盟)", Kind.ASSOCIATION),
    (r"(局|厅|委员会|人民政府|管委会|办公室)", Kind.PUBLIC_BODY),
    (r"(大学|university)", Kind.UNIVERSITY),
)
LEVELS = {"本科": True, "专科": False, "高职": False, "高职(专科)": False, "职业本科": True}
VOCATIONAL = re.compile(r"职业|技师|应用技术职业")
ROLES = {
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


def plain(text: str) -> str:
    return "".join(run for run, _han in tokens.pieces(text))


def parts(cell: str) -> list[str]:
    """The values of a cell that holds several."""
    return [part.strip() for part in SPLIT.split(cell) if part.strip()]


def labels(kind: Kind) -> list[str]:
    """The kind in the words of every language of the site."""
    found = []
    for language, _label in settings.LANGUAGES:
        with translation.override(language):
            found.append(str(kind.label))
    return found


def sector_names(row: Sector) -> list[str]:
    whole = f"{row.code}{row.name}"
    return [row.code, row.code[1:], row.name, row.name_en, whole, whole[1:]]


def looked_up(table: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for value, names in table:
        for name in names:
            if key := plain(name):
                found.setdefault(key, value)
    return found


class Vocabulary:
    """Every word that is known, by its plain form."""

    def __init__(self):
        self.kinds = looked_up(
            (kind.value, [kind.value, *labels(kind), *KINDS.get(kind, "").split()]) for kind in Kind
        )
        self.role = {role.code: role for role in Role.objects.order_by("rank")}
        self.roles = looked_up(
            (code, [code, row.name, row.name_en, *ROLES.get(code, "").split()])
            for code, row in self.role.items()
        )
        self.community = {row.code: row for row in Community.objects.order_by("pk")}
        self.communities = looked_up(
            (code, [code, row.name, row.name_en]) for code, row in self.community.items()
        )
        self.sectors = looked_up(
            (row.code, sector_names(row)) for row in Sector.objects.order_by("code")
        )

    def sector_parts(self, cell: str) -> list[str]:
        """The sectors of a cell; one that is called 纺织服装、服饰业 is one."""
        found = []
        for part in LISTED.split(cell) if cell else ():
            found += [part] if plain(part) in self.sectors else parts(part)
        return found

    def kind_of(self, cell: str) -> str:
        """By the whole cell, or by what stands before a bracket or stroke: 企业（民营）."""
        if (known := self.kinds.get(plain(cell), "")) or not cell:
            return known
        first, *rest = (self.kinds.get(plain(part), "") for part in DIVIDED.split(cell))
        return first if all(other in ("", first) for other in rest) else ""

    def kind(self, cell: str, level: str, name: str) -> tuple[str, str]:
        """The kind and what is to be said of it: "", kind-unknown, -missing or -inferred.

        Of an unknown word it is the kind that the name tells, if it does.
        """
        known = self.kind_of(cell)
        if not cell and level:
            by_level = kind_by_level(plain(level), name)
            return (by_level, "") if by_level else self.kind(level, "", name)
        if known == Kind.UNIVERSITY and VOCATIONAL.search(name):
            plainly = plain(DIVIDED.split(cell)[0]) == "本科"
            return (Kind.VOCATIONAL_UNIVERSITY.value if plainly else known), ""
        if known:
            return known, ""
        ending = kind_by_name(name)
        schools = set(Kind) - {Kind.ENTERPRISE, Kind.ASSOCIATION, Kind.PUBLIC_BODY}
        if cell and ending in schools and re.match("(院校|高校|学校|高等学校|高等院校)", cell):
            return ending, "kind-inferred"
        if ending == Kind.ENTERPRISE and plain(cell) in OWNERS:
            return ending, ""
        if cell:
            return ending, "kind-unknown"
        return (ending, "kind-inferred") if ending else ("", "kind-missing")


def kind_by_level(level: str, name: str) -> str:
    """By the ministry's word for the level, and whether the name says vocational."""
    undergraduate = LEVELS.get(level)
    if undergraduate is None:
        return ""
    if not undergraduate:
        return Kind.VOCATIONAL_COLLEGE.value
    vocational = VOCATIONAL.search(name) or level == "职业本科"
    return (Kind.VOCATIONAL_UNIVERSITY if vocational else Kind.UNIVERSITY).value


def kind_by_name(name: str) -> str:
    text = re.sub(r"[(（].*?[)）]\s*$", "", tokens.fold(name[-LONGEST:])).rstrip(" .。")
    return next((kind.value for end, kind in ENDINGS if re.search(rf"{end}\Z", text)), "")
