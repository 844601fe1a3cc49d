"""Create fictional organizations in an empty database: `python -m tests.bench.fictional 10000`.

Each thousand has its own seed, so that a small directory is the beginning of a larger one.
"""

import os
import sys
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from multiprocessing import get_context
from random import Random

import django
from django.apps import apps

# Also where a process of the pool reads this file again.
if not apps.ready:
    django.setup()

from django.core.management import call_command
from django.db import connection, transaction

from directory.models import (
    Alias,
    Citation,
    Community,
    DataVersion,
    Kind,
    Membership,
    Organization,
    Region,
    Role,
    Sector,
    Source,
    State,
)
from directory.search import index as search_index
from directory.search import indexer
from directory.search.documents import build_documents
from directory.text import tokens

CHUNK_SIZE = 1000
NAME_PREFIX, NAME_PREFIX_EN = "示例", "Example"
XINJIANG_PREFIX, XINJIANG_SHARE = "65", 0.12
FIRST_PUBLISHED = datetime(2024, 1, 1, tzinfo=UTC)
CHARACTERS = (
    "锦云恒瑞丰盛华泰祥宏金银天海江河山林春秋晨星明光远达信诚德仁义礼智和平安康宁福禄寿喜"
    "东南西北中元亨利贞乾坤永久长青绿蓝紫红橙黄白玄雅韵文章书画琴棋诗词歌赋风雷雨露霜雪冰玉"
    "珍珠翠碧琼瑶琳琅松柏竹梅兰菊荷莲桂桃李杏枫桐鹤凤鸾麟龙虎骏鹏燕鸿鹭蝶蜂泉溪湖洋波涛浪潮"
    "岳峰岭岩石川原野田园庭阁楼台亭桥舟帆航程途志勇毅刚健敏慧聪颖卓越超群英杰俊豪飞腾跃翔"
)
TRADES = {
    "纺织": "Textile", "服装": "Garment", "棉纺": "Cotton", "针织": "Knitwear", "印染": "Dyeing",
    "面料": "Fabric", "家纺": "Household", "化纤": "Fibre", "丝绸": "Silk", "服饰": "Apparel",
    "毛纺": "Wool", "纺机": "Machinery", "染整": "Finishing", "麻纺": "Linen", "绣品": "Embroidery",
    "羊绒": "Cashmere", "鞋帽": "Footwear", "花边": "Lace", "牛仔": "Denim", "毛巾": "Towel",
    "校服": "Uniform", "帐篷": "Tent", "绳网": "Rope", "地毯": "Carpet", "蜡染": "Batik",
}  # fmt: skip
FORMS = {
    Kind.ENTERPRISE: (64, "有限公司", "Company"),
    Kind.UNIVERSITY: (4, "大学", "University"),
    Kind.VOCATIONAL_UNIVERSITY: (2, "职业技术大学", "Vocational University"),
    Kind.VOCATIONAL_COLLEGE: (10, "职业技术学院", "Vocational College"),
    Kind.SECONDARY_VOCATIONAL_SCHOOL: (10, "职业中等专业学校", "Vocational School"),
    Kind.RESEARCH_INSTITUTE: (4, "研究院", "Institute"),
    Kind.ASSOCIATION: (3, "行业协会", "Association"),
    Kind.PUBLIC_BODY: (2, "服务中心", "Service Centre"),
    Kind.OTHER: (1, "产业园", "Park"),
}


@lru_cache(maxsize=1)
def load_reference_codes() -> dict:
    """Return the codes of the reference data, read once in each process."""
    counties = (
        Region.objects.exclude_virtual().exclude(code__endswith="00").values_list("code", flat=True)
    )
    return {
        "home": [code for code in counties if code.startswith(XINJIANG_PREFIX)],
        "counties": list(counties),
        "sectors": list(Sector.objects.values_list("code", flat=True)),
        "roles": list(Role.objects.all()),
        "communities": list(Community.objects.values_list("pk", flat=True)),
    }


def build_organization(number: int, random: Random) -> Organization:
    kinds = list(FORMS)
    kind = random.choices(kinds, [FORMS[k][0] for k in kinds])[0]
    # The later a trade is in the list the rarer it is: from a seventh to one in 250.
    trade = random.choices(list(TRADES), [1 / place**1.3 for place in range(1, len(TRADES) + 1)])[0]
    brand = "".join(random.sample(CHARACTERS, 2))
    codes = load_reference_codes()
    region = random.choice(codes["home" if random.random() < XINJIANG_SHARE else "counties"])
    name, name_en = f"{NAME_PREFIX}{brand}{trade}{FORMS[kind][1]}", ""
    if random.random() < 0.5:
        pinyin = "".join(tokens.get_syllables(brand)).capitalize()
        name_en = f"{NAME_PREFIX_EN} {pinyin} {TRADES[trade]} {FORMS[kind][2]}"
    return Organization(
        pk=number,
        name=name,
        name_en=name_en,
        kind=kind,
        region_id=region if random.random() < 0.97 else None,
        website="https://www.example.org/" if random.random() < 0.3 else "",
        description=f"{name}是虚构的。" if random.random() < 0.3 else "",
        state=State.PUBLISHED,
        first_published_at=FIRST_PUBLISHED + timedelta(minutes=number),
        slug=tokens.build_slug(name, name_en),
        pinyin=tokens.sort_key(name),
    )


def build_aliases(row: Organization, random: Random) -> list[Alias]:
    aliases = []
    if random.random() < 0.25:
        aliases.append(Alias(organization=row, name=row.name[:4], sort=Alias.Sort.SHORT))
    if random.random() < 0.05:
        former_name = NAME_PREFIX + "".join(random.sample(CHARACTERS, 2)) + "厂"
        aliases.append(Alias(organization=row, name=former_name, sort=Alias.Sort.FORMER))
    return aliases


def build_memberships(row: Organization, random: Random) -> list[Membership]:
    """Most are plain members; some sit in the council too, some left, some are in both."""
    codes = load_reference_codes()
    roles = codes["roles"]
    memberships = [
        Membership(organization=row, role=roles[-1], community_id=codes["communities"][0])
    ]
    if random.random() < 0.15:
        open_roles = [role for role in roles[:-1] if role.accepts_kind(row.kind)]
        memberships.append(
            Membership(
                organization=row,
                role=random.choice(open_roles),
                community_id=codes["communities"][0],
            )
        )
    if random.random() < 0.1:
        memberships.append(
            Membership(organization=row, role=roles[-1], community_id=codes["communities"][1])
        )
    for membership in memberships:
        if random.random() < 0.6:
            membership.since = date(2015, 1, 1) + timedelta(days=30 * random.randrange(120))
            if random.random() < 0.1:
                membership.until = membership.since + timedelta(days=30 * random.randrange(1, 60))
    return memberships


def build_citations(
    row: Organization, memberships: list[Membership], random: Random
) -> list[Citation]:
    if random.random() > 0.4:
        return []
    evidence = random.choices(["stated", "inferred", "differs"], [8, 3, 1])[0]
    source = {"source_id": random.choice(["S1", "S2"]), "passage": f"{row.name}（虚构）"}
    source["place"] = str(row.pk)
    return [
        Citation(organization=row, field="name", evidence="stated", **source),
        Citation(organization=row, field="region", evidence=evidence, **source),
        *(
            Citation(membership=membership, field="role", evidence=evidence, **source)
            for membership in memberships
        ),
    ]


def create_organizations(numbers: range) -> int:
    """Create the organizations of these numbers with related rows, then their search words."""
    random = Random(numbers.start)
    rows = [build_organization(number, random) for number in numbers]
    aliases = [alias for row in rows for alias in build_aliases(row, random)]
    memberships = {row.pk: build_memberships(row, random) for row in rows}
    through = Organization.sectors.through
    sectors = [
        through(organization_id=row.pk, sector_id=code)
        for row in rows
        if random.random() < 0.6
        for code in random.sample(load_reference_codes()["sectors"], random.choice([1, 1, 2]))
    ]
    citations = [
        citation for row in rows for citation in build_citations(row, memberships[row.pk], random)
    ]
    with transaction.atomic():
        Organization.objects.bulk_create(rows)
        Alias.objects.bulk_create(aliases)
        Membership.objects.bulk_create(
            [each for several in memberships.values() for each in several]
        )
        through.objects.bulk_create(sectors)
        Citation.objects.bulk_create(citations)
    # Computed before the lock is taken, so that two processes do not wait for each other.
    batches = list(map(build_documents, indexer.build_requests(rows, indexer.RegionWords())))
    with transaction.atomic():
        for batch in batches:
            search_index.write_documents(batch)
    return len(numbers)


def init_worker() -> None:
    """Set up each process: do not wait for the disk, and read no region twice."""
    indexer.RegionWords = lru_cache(maxsize=1)(indexer.RegionWords)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous = OFF")


def create_reference_data() -> None:
    """Create what organizations refer to: real regions, sectors and roles; the rest fictional."""
    call_command("loaddata", "regions.json", "vocabulary.json", verbosity=0)
    for number in (1, 2):
        Source.objects.create(
            code=f"S{number}", title=f"{NAME_PREFIX}来源{number}", medium="letter"
        )
        Community.objects.create(
            code=f"example-{number}",
            name=f"{NAME_PREFIX}共同体{number}",
            name_en=f"{NAME_PREFIX_EN} {number}",
        )


def prepare_database() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    create_reference_data()


@contextmanager
def deferred_search_index():
    """Build the search index last: PostgreSQL indexes all words much faster at once."""
    postgresql = connection.vendor == "postgresql"
    indexes = [
        s for s in search_index.CREATE_POSTGRESQL if s.startswith("CREATE INDEX")
    ] * postgresql
    with connection.cursor() as cursor:
        for statement in indexes:
            cursor.execute(f"DROP INDEX {statement.split()[2]}")
    yield
    print("  indexing", flush=True)
    with connection.cursor() as cursor:
        if postgresql:
            cursor.execute("SET maintenance_work_mem = '512MB'")
        for statement in indexes:
            cursor.execute(statement)
        # What autovacuum would have done by the time that a real directory is as large.
        cursor.execute("VACUUM ANALYZE" if postgresql else "PRAGMA wal_checkpoint(TRUNCATE)")


def split_ranges(total: int) -> list[range]:
    starts = range(1, total + 1, CHUNK_SIZE)
    return [range(start, min(start + CHUNK_SIZE, total + 1)) for start in starts]


def print_progress(done: int, total: int, since: float) -> None:
    rate = done / (time.monotonic() - since)
    print(f"  {done:,} of {total:,} organizations, {rate:,.0f} a second", flush=True)


def create_all(total: int) -> None:
    ranges, done, start = split_ranges(total), 0, time.monotonic()
    connection.close()
    processes = min(os.cpu_count() or 1, len(ranges))
    with get_context("spawn").Pool(processes, initializer=init_worker) as pool:
        for created in pool.imap_unordered(create_organizations, ranges):
            done += created
            if done == total or done * 20 // total > (done - created) * 20 // total:
                print_progress(done, total, start)


if __name__ == "__main__":
    prepare_database()
    with deferred_search_index():
        create_all(int(sys.argv[1]))
    DataVersion.increment()
