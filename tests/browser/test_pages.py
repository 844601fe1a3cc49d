"""Every page in a real browser: nobody is shut out, nothing leaves the host, nothing scrolls."""

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from playwright.sync_api import expect

from tests.browser.visits import TAGS, Visit

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ("/", "/members/", "/members/?q=zut", "/members/?q=qqqq&kind=university",
         "/members/?kind=foo", "/members/?page=9", "/members/?view=table", "/members/2/", "/roles/",
         "/statistics/", "/regions/", "/regions/650000/", "/changes/", "/sources/", "/about/",
         "/nothing/")  # fmt: skip
STATIC = Path(__file__).parents[2] / "static"
# 640 is what a window of 1280 shows at 200 %.
WIDTHS = (320, 640, 1440)
AXE_WIDTHS = (360, 768, 1440)


SHIFTS = """window.shifted = []; new PerformanceObserver(list => list.getEntries().forEach(
    entry => entry.sources.forEach(({node}) => window.shifted.push(node?.className ?? "")))
).observe({type: "layout-shift", buffered: true})"""
FOUND: dict[str, list] = {}


@pytest.fixture
def findings(browser, site):
    """Every page in both languages, walked once: what was wrong with it at which size."""
    if not FOUND:
        FOUND.update({name: [] for name in ("axe", "wide", "strange", "said", "shifted")})
        # A colour that is still on its way to the night is no colour to judge.
        visit = Visit(browser, site, WIDTHS[0], reduced_motion="reduce")
        visit.context.add_init_script(SHIFTS)
        for address in (prefix + page for prefix in ("", "/en") for page in PAGES):
            visit.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
            visit.page.goto(site + address)
            look(visit.page, address)
        elsewhere = [url for url in visit.asked if not url.startswith((site, "data:"))]
        FOUND["strange"] += elsewhere
        # A page that answers 400 or 404 is told by the browser itself; that is no word of ours.
        FOUND["said"] += [text for text in visit.said if "Failed to load resource" not in text]
    return FOUND


def look(page, address):
    FOUND["shifted"] += [(address, moved) for moved in page.evaluate("window.shifted")]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            FOUND["wide"].append((address, width))
    page.evaluate("document.querySelectorAll('.cite, .fold').forEach(d => d.open = true)")
    page.evaluate(Axe().axe_script)
    # Between the two languages every page is judged at every width by day and by night.
    schemes = (
        ("dark", "light", "dark") if address.startswith("/en/") else ("light", "dark", "light")
    )
    for width, scheme in zip(AXE_WIDTHS, schemes, strict=True):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        judge(page, (address, width, scheme))
    page.emulate_media(color_scheme="light")


def judge(page, where):
    options = {"runOnly": TAGS, "resultTypes": ["violations"]}
    for violation in page.evaluate("options => axe.run(options)", options)["violations"]:
        nodes = [node["html"][:120] for node in violation["nodes"][:3]]
        FOUND["axe"].append((*where, violation["id"], nodes))


def test_axe_finds_nothing_that_shuts_people_out(findings):
    assert not findings["axe"]


def test_nothing_scrolls_sideways(findings):
    assert not findings["wide"]


def test_nothing_leaves_the_host(findings):
    assert not findings["strange"]


def test_the_console_stays_silent(findings):
    assert not findings["said"]


def test_nothing_shifts_while_a_page_loads(findings):
    assert not findings["shifted"]


def test_the_keyboard_alone_filters_opens_a_member_and_comes_back(browser, site):
    page = Visit(browser, site).page
    page.goto(f"{site}/en/members/")
    page.focus('input[name="role"][value="lead-vocational-school"]')
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**role=lead-vocational-school**")
    page.focus(".entry-name a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/members/3-**")
    page.go_back()
    assert page.is_checked('input[name="role"][value="lead-vocational-school"]')


def test_a_name_is_offered_while_typing_and_opened_by_keyboard(browser, site):
    page = Visit(browser, site).page
    page.goto(f"{site}/en/")
    page.type("#q", "byxy")
    page.wait_for_selector(".suggestions li")
    assert page.get_attribute("#q", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = page.get_attribute("#q", "aria-activedescendant")
    assert page.get_attribute(f"#{chosen}", "aria-selected") == "true"
    page.keyboard.press("Enter")
    page.wait_for_url("**/members/3-**")


def test_a_filter_applies_at_once_and_back_takes_it_back(browser, site):
    page = Visit(browser, site).page
    page.goto(f"{site}/en/members/")
    page.check('input[name="kind"][value="enterprise"]')
    page.wait_for_url("**?kind=enterprise")
    expect(page.locator(".entry")).to_have_count(1)
    assert page.evaluate("document.activeElement.value") == "enterprise"
    assert "1 member" in page.text_content("#said")
    page.go_back()
    expect(page.locator(".entry")).to_have_count(3)
    assert not page.is_checked('input[name="kind"][value="enterprise"]')


def test_the_journey_works_without_script(browser, site):
    page = Visit(browser, site, java_script_enabled=False).page
    page.goto(f"{site}/en/members/")
    page.check('input[name="role"][value="lead-vocational-school"]')
    page.click(".filters-do .button")
    assert "role=lead-vocational-school" in page.url
    page.click(".entry-name a")
    assert "/members/3-" in page.url
    page.go_back()
    assert page.is_checked('input[name="role"][value="lead-vocational-school"]')


def test_the_filters_are_a_sheet_on_a_phone(browser, site):
    page = Visit(browser, site, 360).page
    page.goto(f"{site}/en/members/")
    assert not page.is_visible(".filters")
    page.click(".filters-switch summary")
    box = page.locator(".filters").bounding_box()
    assert (box["x"], box["width"]) == (0, 360)
    page.check('input[name="kind"][value="enterprise"]')
    page.wait_for_url("**?kind=enterprise")
    assert "1 member" in page.inner_text(".filters-switch summary")


def test_the_filters_of_a_table_and_of_figures_apply_at_once_too(browser, site):
    page = Visit(browser, site).page
    for address in ("/en/members/?view=table", "/en/statistics/"):
        page.goto(site + address)
        page.click(".filters-switch summary")
        page.check('input[name="kind"][value="enterprise"]')
        page.wait_for_url("**kind=enterprise**")
        expect(page.locator(".tally b")).to_have_text("1")
        assert page.is_visible(".filters")
    page.goto(f"{site}/en/members/")
    page.click(".views a >> text=Table")
    page.wait_for_url("**?view=table")
    expect(page.locator("table.ledger tbody tr")).to_have_count(3)


def test_paper_shows_a_numbered_roll(browser, site):
    page = Visit(browser, site).page
    page.goto(f"{site}/en/members/")
    page.emulate_media(media="print")
    assert page.is_hidden(".filters")
    assert page.is_hidden(".masthead nav")
    drawn = "getComputedStyle(document.querySelector('.entry'), '::before').content"
    assert page.evaluate(drawn) == "counter(list-item)"


def test_the_pictures_of_the_readme_can_be_taken_anew(site, tmp_path):
    command = [sys.executable, "manage.py", "take_pictures", "--site", site, "--to", tmp_path]
    subprocess.run(list(map(str, command)), cwd=STATIC.parent, check=True, timeout=60)
    shown = re.findall(r"docs/(\w+)\.png", (STATIC.parent / "README.md").read_text())
    assert set(shown) == {path.stem for path in tmp_path.iterdir()}


def test_a_mark_opens_to_the_very_words_without_script(browser, site):
    page = Visit(browser, site, java_script_enabled=False).page
    page.goto(f"{site}/en/members/1/")
    page.click(".holds .cite summary")
    assert page.is_visible("text=Textile Technology Co., Ltd. as the lead enterprise")


def test_the_first_view_weighs_under_sixty_kilobytes(client, seeded_pages):
    import brotli

    files = [path.read_bytes() for path in (*(STATIC / "site").iterdir(), STATIC / "icon.svg")]
    shared = sum(len(brotli.compress(body)) for body in files)
    shared += sum(len(client.get(a).content) for a in ("/favicon.ico", "/manifest.webmanifest"))
    for address in PAGES:
        page = client.get(address, follow=True).content
        assert len(brotli.compress(page)) + shared < 60_000, address


@pytest.fixture
def seeded_pages():
    call_command("load_fixtures", stdout=StringIO())
