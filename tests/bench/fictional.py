"""`python -m tests.bench.fictional 10000`: fictional organizations in an empty database.

Each thousand is made from its own seed, so that a small directory is the beginning of a larger one.
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
from directory.search.documents import spell_out
from directory.text import tokens

CHUNK = 1000
MARK, MARK_EN = "示例", "Example"
XINJIANG, AT_HOME = "65", 0.12
OPENING = datetime(2024, 1, 1, tzinfo=UTC)
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
def surroundings() -> dict:
    """The codes of what is already there, read once in each process."""
    counties = Region.objects.real().exclude(code__endswith="00").values_list("code", flat=True)
    return {
        "home": [code for code in counties if code.startswith(XINJIANG)],
        "counties": list(counties),
        "sectors": list(Sector.objects.values_list("code", flat=True)),
        "roles": list(Role.objects.all()),
        "communities": list(Community.objects.values_list("pk", flat=True)),
    }


def organization(number: int, dice: Random) -> Organization:
    kinds = list(FORMS)
    kind = dice.choices(kinds, [FORMS[k][0] for k in kinds])[0]
    # The later a trade stands in the list the rarer it is: from a seventh to one in 250.
    trade = dice.choices(list(TRADES), [1 / place**1.3 for place in range(1, len(TRADES) + 1)])[0]
    brand = "".join(dice.sample(CHARACTERS, 2))
    there = surroundings()
    region = dice.choice(there["home" if dice.random() < AT_HOME else "counties"])
    name, name_en = f"{MARK}{brand}{trade}{FORMS[kind][1]}", ""
    if dice.random() < 0.5:
        spoken = "".join(tokens.syllables(brand)).capitalize()
        name_en = f"{MARK_EN} {spoken} {TRADES[trade]} {FORMS[kind][2]}"
    return Organization(
        pk=number,
        name=name,
        name_en=name_en,
        kind=kind,
        region_id=region if dice.random() < 0.97 else None,
        website="https://www.example.org/" if dice.random() < 0.3 else "",
        description=f"{name}是虚构的。" if dice.random() < 0.3 else "",
        state=State.PUBLISHED,
        first_published_at=OPENING + timedelta(minutes=number),
        slug=tokens.slug_of(name, name_en),
        pinyin=tokens.sort_key(name),
    )


def aliases(row: Organization, dice: Random) -> list[Alias]:
    found = []
    if dice.random() < 0.25:
        found.append(Alias(organization=row, name=row.name[:4], sort=Alias.Sort.SHORT))
    if dice.random() < 0.05:
        former = MARK + "".join(dice.sample(CHARACTERS, 2)) + "厂"
        found.append(Alias(organization=row, name=former, sort=Alias.Sort.FORMER))
    return found


def memberships(row: Organization, dice: Random) -> list[Membership]:
    """Most are plain members; some sit in the council too, some left, some are in both."""
    there = surroundings()
    roles = there["roles"]
    held = [Membership(organization=row, role=roles[-1], community_id=there["communities"][0])]
    if dice.random() < 0.15:
        fitting = [role for role in roles[:-1] if role.admits(row.kind)]
        held.append(
            Membership(
                organization=row, role=dice.choice(fitting), community_id=there["communities"][0]
            )
        )
    if dice.random() < 0.1:
        held.append(
            Membership(organization=row, role=roles[-1], community_id=there["communities"][1])
        )
    for seat in held:
        if dice.random() < 0.6:
            seat.since = date(2015, 1, 1) + timedelta(days=30 * dice.randrange(120))
            if dice.random() < 0.1:
                seat.until = seat.since + timedelta(days=30 * dice.randrange(1, 60))
    return held


def citations(row: Organization, held: list[Membership], dice: Random) -> list[Citation]:
    if dice.random() > 0.4:
        return []
    evidence = dice.choices(["stated", "inferred", "differs"], [8, 3, 1])[0]
    known = {"source_id": dice.choice(["S1", "S2"]), "passage": f"{row.name}（虚构）"}
    known["place"] = str(row.pk)
    return [
        Citation(organization=row, field="name", evidence="stated", **known),
        Citation(organization=row, field="region", evidence=evidence, **known),
        *(Citation(membership=seat, field="role", evidence=evidence, **known) for seat in held),
    ]


def make(numbers: range) -> int:
    """The organizations of these numbers with all that hangs on them, then their search words."""
    dice = Random(numbers.start)
    rows = [organization(number, dice) for number in numbers]
    also = [alias for row in rows for alias in aliases(row, dice)]
    held = {row.pk: memberships(row, dice) for row in rows}
    through = Organization.sectors.through
    chosen = [
        through(organization_id=row.pk, sector_id=code)
        for row in rows
        if dice.random() < 0.6
        for code in dice.sample(surroundings()["sectors"], dice.choice([1, 1, 2]))
    ]
    cited = [found for row in rows for found in citations(row, held[row.pk], dice)]
    with transaction.atomic():
        Organization.objects.bulk_create(rows)
        Alias.objects.bulk_create(also)
        Membership.objects.bulk_create([seat for seats in held.values() for seat in seats])
        through.objects.bulk_create(chosen)
        Citation.objects.bulk_create(cited)
    # Thought out before the lock is taken, so that two processes do not wait for each other.
    spelt = list(map(spell_out, indexer.questions(rows, indexer.Places())))
    with transaction.atomic():
        for each in spelt:
            search_index.put(each)
    return len(numbers)


def settle_in() -> None:
    """In each process: nothing waits for the disk, and no region is read twice."""
    indexer.Places = lru_cache(maxsize=1)(indexer.Places)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous = OFF")


def vocabulary() -> None:
    """What the organizations point to: the real divisions, sectors and roles; the rest made up."""
    call_command("loaddata", "regions.json", "vocabulary.json", verbosity=0)
    for number in (1, 2):
        Source.objects.create(code=f"S{number}", title=f"{MARK}来源{number}", medium="letter")
        Community.objects.create(
            code=f"example-{number}", name=f"{MARK}共同体{number}", name_en=f"{MARK_EN} {number}"
        )


def prepare() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    vocabulary()


@contextmanager
def words_indexed_last():
    """PostgreSQL indexes all words at once much faster than a thousand at a time."""
    postgresql = connection.vendor == "postgresql"
    indexes = [s for s in search_index.MAKE_POSTGRESQL if s.startswith("CREATE INDEX")] * postgresql
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


def chunks(total: int) -> list[range]:
    starts = range(1, total + 1, CHUNK)
    return [range(start, min(start + CHUNK, total + 1)) for start in starts]


def show(done: int, total: int, since: float) -> None:
    rate = done / (time.monotonic() - since)
    print(f"  {done:,} of {total:,} organizations, {rate:,.0f} a second", flush=True)


def fill(total: int) -> None:
    todo, done, start = chunks(total), 0, time.monotonic()
    connection.close()
    processes = min(os.cpu_count() or 1, len(todo))
    with get_context("spawn").Pool(processes, initializer=settle_in) as pool:
        for made in pool.imap_unordered(make, todo):
            done += made
            if done == total or done * 20 // total > (done - made) * 20 // total:
                show(done, total, start)


if __name__ == "__main__":
    prepare()
    with words_indexed_last():
        fill(int(sys.argv[1]))
    DataVersion.grow()
