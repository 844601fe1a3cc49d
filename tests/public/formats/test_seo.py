"""What machines find: titles, addresses, linked data, sitemap, icons, the picture and the vCard."""

import json
import re
import struct
import zlib
from datetime import date
from xml.etree import ElementTree

import pytest

from directory.models import Contact
from directory.public.formats import images as page_images
from directory.public.formats import sitemaps, vcard
from tests.factories import (
    make_alias,
    make_member,
    make_membership,
    make_organization,
    make_region,
    saved,
)

pytestmark = pytest.mark.django_db
ROOMS = ("/", "/members/", "/institutions/", "/enterprises/", "/roles/", "/regions/",
         "/statistics/", "/changes/", "/sources/", "/about/")  # fmt: skip
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def page_of(client, address):
    return client.get(address, follow=True).content.decode()


def linked(page):
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])


def contact(row, **values):
    values = {"label": "示例办公室", "channel": "telephone", "hidden": False} | values
    return saved(Contact(organization=row, **values))


def test_every_room_says_what_it_is_in_both_languages(client):
    titles, told = set(), set()
    for prefix in ("", "/en"):
        for room in ROOMS:
            page = page_of(client, prefix + room)
            titles.add(re.search("<title>(.+?)</title>", page)[1])
            told.add(re.search('name="description" content="(.+?)"', page)[1])
            assert f'rel="canonical" href="http://testserver{prefix}{room}"' in page
            for code, address in (("zh-Hans", room), ("en", "/en" + room), ("x-default", room)):
                assert f'hreflang="{code}" href="http://testserver{address}"' in page
            assert 'property="og:image" content="http://testserver/picture.png"' in page
    assert len(titles) == 2 * len(ROOMS)
    assert len(told) >= len(ROOMS)


def test_an_error_page_is_not_to_be_found(client):
    for address in ("/nothing/", "/members/?kind=foo", "/members/?page=9", "/statistics/?page=9"):
        page = page_of(client, address)
        assert '<meta name="robots" content="noindex">' in page
        assert "canonical" not in page


def test_a_member_is_linked_data(client):
    row = make_member("示例学院", name_en="Example College", kind="vocational-college",
                      region=make_region(), school_code="4165013094")  # fmt: skip
    make_alias(row, "示例旧名")
    told = linked(page_of(client, f"/en/members/{row.pk}/"))
    assert told["@type"] == "CollegeOrUniversity"
    assert told["name"] == "Example College"
    assert told["alternateName"] == ["示例学院", "示例旧名"]
    assert told["identifier"][0]["value"] == "4165013094"
    assert told["memberOf"][0]["roleName"] == "Example member"
    assert told["@id"].endswith(f"/en/members/{row.pk}-example-college/")


@pytest.mark.slow
def test_a_list_is_linked_data_with_the_places_of_the_whole(client):
    for number in range(52):
        make_member(f"示例第{number}学院")
    told = linked(page_of(client, "/members/?page=2"))
    assert told["numberOfItems"] == 52
    assert [item["position"] for item in told["itemListElement"]] == [51, 52]


def test_no_name_can_leave_the_linked_data(client):
    row = make_member("示例</script><script>alert(1)</script>")
    for address in ("/members/", f"/members/{row.pk}/"):
        page = page_of(client, address)
        assert "<script>alert" not in page
        assert "</script><script>alert(1)" in json.dumps(linked(page), ensure_ascii=False)


def sitemap_of(client, name="sitemap.xml"):
    return [
        found.text for found in ElementTree.fromstring(client.get(f"/{name}").content).iter(LOC)
    ]


def test_the_sitemap_leads_to_every_member_and_every_public_page(client):
    row = make_member(region=make_region())
    found = [a for part in sitemap_of(client) for a in sitemap_of(client, part.split("/")[-1])]
    assert f"http://testserver{row.get_absolute_url()}" in found
    assert f"http://testserver/en/members/{row.pk}-{row.slug}/" in found
    assert "http://testserver/regions/652801/" in found
    for address in found:
        assert client.get(address.removeprefix("http://testserver")).status_code == 200, address


def test_the_sitemap_knows_no_drafts_and_no_withdrawn_members(client):
    make_organization("示例草稿", state="draft")
    gone = make_member("示例撤回", state="withdrawn")
    listed = sitemap_of(client, "sitemap-pages.xml")
    assert not [address for address in listed if f"/{gone.pk}-" in address]
    assert client.get("/sitemap-members-1.xml").status_code == 404


def test_a_large_sitemap_comes_in_parts(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "PART_SIZE", 2)
    for _ in range(5):
        make_member(verified_on=date(2024, 5, 6))
    assert len(sitemap_of(client)) == 4
    last = client.get("/sitemap-members-3.xml").content.decode()
    assert last.count("<url>") == 2
    assert "<lastmod>2024-05-06</lastmod>" in last
    assert client.get("/sitemap-members-4.xml").status_code == 404


def test_robots_may_read_what_is_public(client):
    told = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/\n" in told
    assert "Disallow: /en/admin/\n" in told
    assert "Sitemap: http://testserver/sitemap.xml" in told
    assert "Disallow: /\n" not in told


def pixels(body: bytes) -> tuple[int, int, bytes]:
    assert body.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", body[16:24])
    start = body.index(b"IDAT")
    size = struct.unpack(">I", body[start - 4 : start])[0]
    return width, height, zlib.decompress(body[start + 4 : start + 4 + size])


def test_the_picture_dyes_a_thread_for_each_named_member(client):
    assert client.get("/picture.png")["Content-Type"] == "image/png"
    width, height, rows = pixels(page_images.draw_share_image(3, 60))
    assert (width, height) == (1200, 630)
    line = rows[(width + 1) * 145 + 1 : (width + 1) * 146]
    assert len(re.findall(b"\x02+", line)) == 3
    assert len(re.findall(b"[\x03-\x10]+", line)) == 57 + 13


@pytest.mark.parametrize(("named", "stated"), [(0, None), (1, None), (100_000, 60), (5000, 9000)])
def test_a_picture_can_be_drawn_of_any_size(named, stated):
    assert len(page_images.draw_share_image(named, stated)) < 60_000


def test_icons_are_pictures_of_the_sizes_that_are_named(client):
    told = client.get("/manifest.webmanifest").json()
    assert client.get("/en/manifest.webmanifest").json()["start_url"] == "/en/"
    for icon in told["icons"]:
        width, height, _rows = pixels(client.get(icon["src"]).content)
        assert icon["sizes"] == f"{width}x{height}"
    assert client.get("/icon-99.png").status_code == 404
    assert client.get("/favicon.ico").content[:4] == b"\0\0\1\0"


def test_the_vcard_holds_public_contacts_only(client):
    row = make_member("示例学院")
    contact(row, value="0000-0001")
    contact(row, value="0000-0002", hidden=True)
    contact(row, value="示例路1号", channel="address")
    card = client.get(f"{row.get_absolute_url()}vcard")
    assert card["Content-Type"].startswith("text/vcard")
    text = card.content.decode()
    assert "TEL;VALUE=text:0000-0001" in text
    assert "0000-0002" not in text
    assert "ADR:;;示例路1号;;;;" in text


def test_the_vcard_stands_where_the_page_does(client):
    draft = make_organization("示例草稿", state="draft")
    assert client.get(f"/members/{draft.pk}/vcard").status_code == 404
    gone = make_member("示例撤回", state="withdrawn")
    assert client.get(f"/members/{gone.pk}/vcard").status_code == 410
    row = make_member("示例学院")
    moved = client.get(f"/members/{row.pk}-old-name/vcard")
    assert moved["Location"] == f"{row.get_absolute_url()}vcard"


def test_no_value_ends_a_line_of_the_vcard():
    assert vcard.escape_text("a;b,c\\d\r\nEND:VCARD") == "a\\;b\\,c\\\\d\\nEND:VCARD"
    folded = vcard.fold_line("NOTE:" + "学" * 100)
    assert all(len(line.encode()) <= 75 for line in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == "NOTE:" + "学" * 100


def test_a_list_and_an_entry_say_how_to_cite_them(client):
    row = make_member("示例学院")
    listed = page_of(client, "/en/members/?kind=university")
    assert re.search(r"Cite this list: .+, data version \d+,", listed)
    assert "http://testserver/en/members/?kind=university</span>" in listed
    assert re.search(
        rf"entry {row.pk}, “<bdi>示例学院</bdi>”, as of \d{{4}}-",
        page_of(client, f"/en/members/{row.pk}/"),
    )


def test_a_former_member_is_told_with_its_days(client):
    row = make_organization("示例旧员")
    make_membership(row, since=date(2019, 1, 1), until=date(2020, 1, 1))
    role = linked(page_of(client, f"/members/{row.pk}/"))["memberOf"][0]
    assert (role["startDate"], role["endDate"]) == ("2019-01-01", "2020-01-01")
