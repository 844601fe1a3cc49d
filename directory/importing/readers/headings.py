"""Map the headings of a list, in Chinese or English, to the fields that are imported."""

import re
import unicodedata
from functools import lru_cache

from directory.tabular import COLUMNS
from directory.text.normalization import normalize_characters

HEADER_SEARCH_ROWS = 60  # the header row is looked for in this many rows

# The fields that are imported, each with the headings that offices use for it.
FIELDS = {
    "number": "名录编号 成员编号 directorynumber memberno membernumber",
    "name": (
        "单位名称 学校名称 企业名称 院校名称 机构名称 公司名称 高校名称 成员名称 "
        "成员单位 组织名称 成员单位名称 单位全称 学校全称 企业全称 全称 名称 单位 学校 "
        "企业 院校 校名 中文名 中文名称 注册名称 登记名称 申请单位 参与单位 单位中文名称 "
        "院校企业名称 拟加入单位名称 申报单位 申报单位名称 "
        "学校中文名称 企业中文名称 学校(机构)名称 registeredname organization "
        "organisation organizationname organisationname chinesename namecn namezh "
        "company companyname school schoolname institution institutionname university "
        "college member membername fullname"
    ),
    "name_en": (
        "英文名 英文名称 英文 英文全称 单位英文名称 单位英文名 学校英文名称 企业英文名称 "
        "外文名称 englishname nameenglish nameinenglish english"
    ),
    "kind": (
        "单位性质 单位类型 单位类别 性质 类别 类型 机构类型 机构性质 院校类型 学校类型 "
        "学校类别 机构类别 组织类型 单位属性 type category organizationtype"
    ),
    "level": "办学层次 层次 学校层次 培养层次",
    "roles": (
        "角色 成员角色 单位角色 职责 共同体角色 共同体职务 理事会职务 单位职务 拟任职务 "
        "担任角色 成员类型 成员类别 成员身份 会员类型 会员级别 身份 拟任角色 理事会任职 "
        "共同体内职务 在共同体中承担的角色 成员单位类型 role memberrole "
        "position"
    ),
    "communities": "共同体 产教融合共同体 所属共同体 共同体名称 共同体代码 community",
    "since": (
        "加入时间 加入日期 入会时间 入会日期 起始日期 起始时间 开始日期 开始时间 "
        "生效日期 自 任职开始 加入共同体时间 起始 startdate joined joinedon from start begin"
    ),
    "until": (
        "退出时间 退出日期 退会时间 退会日期 截止日期 截止时间 结束日期 结束时间 "
        "终止日期 到期日 至 截止 enddate lefton to end"
    ),
    "region": (
        "行政区划 行政区划代码 区划代码 地区 所在地区 所在地 所属地区 所在区域 区域 "
        "单位所在地 所属省市 注册地 省市 省市区 省市县 所在省市 所在省份城市 属地 地区代码 "
        "regioncode location place area"
    ),
    "region_name": "行政区划名称 地区名称 regioninwords",
    "province": (
        "省份 省 所在省 所在省份 所属省份 省级 省自治区直辖市 省(自治区、直辖市) 省(区、市)"
    ),
    "city": "城市 市 地市 所在市 所在城市 地级市 市州 市(州) 州市 prefecture",
    "county": "县 区县 县区 县市 县(市、区) 区 所在县 所在区县 县市区 district",
    "credit_code": (
        "统一社会信用代码 社会信用代码 信用代码 统一信用代码 统一代码 组织机构代码 "
        "机构代码 统一社会信用代码组织机构代码 统一社会信用代码证号 纳税人识别号 代码 "
        "creditcode socialcreditcode unifiedsocialcreditcode uscc code"
    ),
    "school_code": (
        "学校标识码 学校代码 院校代码 院校标识码 标识码 学校识别码 教育部代码 "
        "学校(机构)标识码 schoolcode schoolid"
    ),
    "website": "网址 网站 官网 主页 官方网站 单位网址 单位官网 学校网址 网站地址 url homepage",
    "sectors": (
        "行业 所属行业 行业代码 行业分类 行业类别 领域 产业链环节 所属领域 国民经济行业 "
        "sector industry"
    ),
    "aliases": "别名 其他名称 其它名称 又名 别称 alias alsoknownas othernames",
    "short": "简称 单位简称 学校简称 企业简称 中文简称 shortname abbreviation",
    "former": "曾用名 单位曾用名 原名 旧名 前身 曾用名称 原名称 formername formernames",
    "description": (
        "简介 单位简介 学校简介 企业简介 介绍 单位介绍 概况 描述 中文简介 descriptioncn "
        "chinesedescription about"
    ),
    "description_en": "英文简介 英文介绍 englishdescription descriptionenglish",
    "verified_on": (
        "核实日期 核实时间 核验日期 最后核实 最近核实 最后核实日期 最近核对 lastverified verified"
    ),
    "fingerprint": "指纹 编辑指纹",
}
# Recognized and not imported: running numbers, remarks, and data of persons.
IGNORED_COLUMNS = {
    "sequence": "序号 编号 no nr seq 行号 # id index sn",
    "remark": (
        "备注 说明 注 remark remarks note notes comment comments 主管部门 主管单位 "
        "举办者 authority 公办民办 办学性质 成立时间 成立日期 注册资本 规模 联盟 status "
        "状态"
    ),
    "contact": (
        "联系人 联系电话 联系方式 电话 手机 手机号 手机号码 固定电话 办公电话 邮箱 "
        "电子邮箱 电子邮件 微信 微信号 qq 地址 通讯地址 通信地址 详细地址 单位地址 "
        "注册地址 邮编 邮政编码 传真 职务 负责人 法人 法人代表 法定代表人 姓名 联络人 "
        "校长 院长 经办人 contact contacts contactperson phone telephone tel mobile "
        "email mail wechat address postcode fax person representative"
    ),
}
FIELD_BY_HEADING = {
    heading: name
    for table in (FIELDS, IGNORED_COLUMNS)
    for name, headings in table.items()
    for heading in (name.replace("_", ""), *headings.split())
}
# Headings of names that are values in other columns, too: of a kind or a role.
AMBIGUOUS_NAMES = frozenset(
    [
        "单位",
        "学校",
        "企业",
        "院校",
        "成员单位",
        "参与单位",
        "申请单位",
        "申报单位",
        "member",
        "school",
        "company",
        "university",
        "college",
        "institution",
        "organization",
    ]
)
# The field of a heading that has “English” in brackets, by its field without them.
ENGLISH_FIELDS = {"name": "name_en", "description": "description_en", "short": "aliases"}
LATIN = re.compile("[a-z]+")
CODES = ("credit_code", "school_code")
# Both in one heading mean that either code may stand below.
CODE_NAMES = (
    re.compile("信用代码|统一代码|组织机构代码|纳税人识别号|creditcode|uscc"),
    re.compile("标识码|识别码|学校代码|院校代码|schoolcode|schoolid"),
)
# Headings that often stand above quite another code, such as a postal one.
VAGUE_CODE = re.compile("(?:统一代码|机构代码|学校代码|院校代码|标识码|代码|codes?)+\\Z")
BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^】]*)】|<([^<>]*)>")


@lru_cache(maxsize=1024)
def normalize_heading(heading: str) -> str:
    """Return a heading without full-width forms, case, spaces, marks and punctuation.

    Each row is compared with the headings. Measured: 1.9 s instead of 2.4 s, a CSV file of
    60,000 rows and 10 columns, __main__.iter_output.
    """
    text = unicodedata.normalize("NFKC", normalize_characters(heading)).casefold()
    return re.sub(r"[\s_\-*★☆:：.。/、,，'\"“”\u200b-\u200d\ufeff]+", "", text)


def find_field(heading: str) -> str:
    """Return the field of a heading, the kind of an ignored column, or ""."""
    text = normalize_heading(heading)
    if not text or len(text) > 40:
        return ""
    if text in FIELD_BY_HEADING:
        return FIELD_BY_HEADING[text]
    if is_double_code(heading):
        return "credit_code"
    inside = "".join("".join(filter(None, groups)) for groups in BRACKETS.findall(text))
    field = _find_bilingual_field(BRACKETS.sub("", text))
    if ("英文" in inside and "中" not in inside) or "english" in inside or inside in ("en", "英"):
        return ENGLISH_FIELDS.get(field, field)
    return field


def _find_bilingual_field(text: str) -> str:
    """Return the field of the whole text, else of its Han characters, else of its Latin letters."""
    if text in FIELD_BY_HEADING or not (latin := "".join(LATIN.findall(text))):
        return FIELD_BY_HEADING.get(text, "")
    han = LATIN.sub("", text)
    return FIELD_BY_HEADING.get(han) or (FIELD_BY_HEADING.get(latin, "") if han else "")


def is_own_export(headings: list[str]) -> bool:
    """Whether a file with these headings was exported from this directory.

    A file for editing has fingerprints; without them it still has all columns of the public file.
    """
    names = {heading.strip() for heading in headings}
    return any(find_field(heading) == "fingerprint" for heading in names) or names >= {*COLUMNS}


def score_header_row(cells: list[str]) -> int:
    """Return how much a row looks like a header: 3 for the name, 2 for each imported field.

    An ignored column counts 1. A row that begins with a number is a row of the list: 企业 is a
    kind there, and no heading.
    """
    first = next((cell for cell in cells if cell.strip()), "")
    if normalize_heading(first).isdecimal():
        return 0
    fields = {find_field(cell) for cell in cells if cell and len(cell) < 80} - {""}
    imported = fields & FIELDS.keys()
    return 2 * len(imported) + len(fields - imported) + ("name" in imported)


def map_headings(headings: list[str]) -> list[str]:
    """Return the field of each column, or the kind of a column that is not imported.

    A second column for the same field gets "twice", and the columns of another list that stands
    beside the first one get "adjacent". Of two columns for a code the one whose heading names the
    code exactly is taken.
    """
    fields = [find_field(heading) for heading in headings]
    adjacent = find_adjacent_start(headings, fields)
    mapping = [*fields[:adjacent], *["adjacent"] * (len(fields) - adjacent)]
    taken: set[str] = set()
    for column in sorted(range(adjacent), key=lambda at: is_vague_code(headings[at])):
        if fields[column] in taken:
            mapping[column] = "twice"
        taken |= {fields[column]} & FIELDS.keys()
    return mapping


def find_adjacent_start(headings: list[str], fields: list[str]) -> int:
    """Return the column where another list begins beside the first, else the number of columns.

    It begins where a heading is repeated, if what follows names organizations again and repeats
    at least two columns; after a column without a heading, if there is one between the lists.
    """
    keys = [
        field if field in FIELDS or field == "sequence" else normalize_heading(heading)
        for heading, field in zip(headings, fields, strict=True)
    ]
    for start, key in enumerate(keys):
        if not key or key not in keys[:start] or "name" not in keys[:start]:
            continue
        gap = max((at for at in range(keys.index("name"), start) if not keys[at]), default=start)
        if not set(keys[gap + 1 : start]) & set(keys[start:]):
            start = min(gap + 1, start)
        common = set(keys[start:]) & set(keys[:start]) - {""}
        return start if "name" in common and len(common) > 1 else len(keys)
    return len(keys)


def is_heading_row(cells: list[str], share: float = 0.5) -> bool:
    """Whether a row names a column of organizations and another one.

    At least this share of its filled cells must be headings that are known; all of them where
    the only word for organizations may be the value of a row.
    """
    filled = [cell for cell in cells if cell.strip()]
    if not filled or len(filled[0]) >= 80 or normalize_heading(filled[0]).isdecimal():
        return False
    fields = {normalize_heading(cell): find_field(cell) for cell in filled if len(cell) < 80}
    names = {heading for heading, field in fields.items() if field == "name"}
    known = [cell for cell in filled if fields.get(normalize_heading(cell))]
    if not names - AMBIGUOUS_NAMES:
        share = 1 if len(filled) > 2 else 2
    found = set(fields.values()) - {""}
    return bool(names) and len(found) > 1 and len(known) >= share * len(filled)


def is_double_code(heading: str) -> bool:
    """Whether a heading names both the credit code and the school code."""
    text = normalize_heading(heading)
    return len(text) <= 40 and all(pattern.search(text) for pattern in CODE_NAMES)


def is_vague_code(heading: str) -> bool:
    """Whether only the cells below can tell which code the heading means, if any."""
    plain = BRACKETS.sub("", normalize_heading(heading))
    return bool(VAGUE_CODE.match(plain)) or is_double_code(heading)
