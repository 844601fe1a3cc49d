"""The officers' desk in a real browser: nobody is shut out of it, and nothing scrolls sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User

from directory.importing import service as import_service
from directory.models import ImportRow
from tests import spreadsheets as files
from tests.browser.visits import TAGS, Visit
from tests.factories import make_alias, make_citation, make_organization

pytestmark = pytest.mark.django_db(transaction=True)
HEADS = ["单位名称", "类别", "所在地", "备注"]
D = "/admin/directory"
PAGES = (
    "/admin/", f"{D}/organization/", f"{D}/organization/?q=zut", f"{D}/organization/2/change/",
    f"{D}/organization/2/history/", f"{D}/organization/1/merge/?with=3", f"{D}/membership/",
    f"{D}/region/", f"{D}/import/", f"{D}/import/add/", f"{D}/import/1/change/",
    f"{D}/import/1/row/3/", f"{D}/revision/", f"{D}/likelypair/", "/admin/auth/user/",
    "/admin/auth/user/1/change/", "/admin/auth/group/", f"{D}/import/1/columns/",
    f"{D}/organization/1/merge/?with=4", f"{D}/organization/1/merge/?with=4",
)  # fmt: skip
SIZES = ((360, "light"), (360, "dark"), (1280, "dark"), (1280, "light"))


@pytest.fixture
def officer(browser, site, settings, tmp_path):
    """Signed in, with a plan of an import that waits, and a draft as number 4."""
    settings.VAR_DIR = tmp_path
    draft = make_organization("示例草稿院", state="draft", name_en="Example Draft")
    make_citation(alias=make_alias(draft, "示例草稿"))
    assert draft.pk == 4
    user = User.objects.create_superuser("officer", "", "a long password")
    rows = [["示例棉纺厂", "神秘", "不知何处", "x"], ["示例针织有限公司", "企业", "", ""]]
    of = import_service.create_import("示例名单.csv", files.csv(["示例"], HEADS, *rows), user)
    import_service.plan_import(of)
    assert ImportRow.objects.filter(of=of, number=3).exists()
    visit = Visit(browser, site, reduced_motion="reduce")
    visit.page.goto(f"{site}/admin/login/")
    visit.page.fill("#id_username", "officer")
    visit.page.fill("#id_password", "a long password")
    visit.page.click("input[type=submit]")
    return visit


def test_axe_and_the_width_find_nothing_at_the_desk(officer, site):
    found = []
    options = {"runOnly": TAGS, "resultTypes": ["violations"]}
    for number, address in enumerate(PAGES):
        # Between the pages both languages, sizes and lights are tried evenly.
        page = officer.open(f"{'/en' if number % 2 else ''}{address}")
        page.evaluate(Axe().axe_script)
        for width, scheme in SIZES[number // 2 % 2 :: 2]:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for each in page.evaluate("options => axe.run(options)", options)["violations"]:
                found.append((address, width, scheme, each["id"], each["nodes"][0]["html"][:120]))
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append((address, width, "sideways"))
    assert not found
