"""An import is applied with the rights of whoever accepts it, and shows nobody else's entries."""

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from directory.importing import service as import_service
from directory.models import Citation, Import, Membership, Organization, Revision, Source
from tests import spreadsheets as files
from tests.accounts import limit, make_account
from tests.factories import make_community, make_organization, make_role
from tests.importing.planning import AS_SOURCE

pytestmark = pytest.mark.django_db
HEADS = ["单位名称", "类别", "行政区划", "角色", "共同体"]


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def brought(who, *rows: list[str], **options) -> Import:
    of = import_service.create_import("示例.csv", files.csv(HEADS, *rows), who, options)
    import_service.plan_import(of)
    return of


def accept(client, user, of: Import):
    client.force_login(user)
    answer = client.post(reverse("admin:directory_import_apply", args=[of.pk]))
    of.refresh_from_db()
    return answer


NEW = ["示例纺织有限公司", "企业", "", "", ""]


def test_an_editor_who_accepts_a_publishers_import_writes_drafts(client):
    of = brought(make_account("chief", "publisher"), NEW, publish=True)
    accept(client, make_account("helper", "editor"), of)
    assert Organization.objects.get().state == "draft"
    assert Revision.objects.get().who_name == "helper"


def test_a_publisher_who_accepts_an_editors_import_is_the_one_who_publishes(client):
    of = brought(make_account("helper", "editor"), NEW, publish=True)
    accept(client, make_account("chief", "publisher"), of)
    assert Organization.objects.get().state == "published"
    assert Revision.objects.get().who_name == "chief"


def test_an_import_of_an_account_that_is_gone_has_the_rights_of_who_accepts_it(client):
    chief = make_account("chief", "publisher")
    of = brought(chief, NEW, publish=True)
    chief.delete()
    accept(client, make_account("helper", "editor"), of)
    assert Organization.objects.get().state == "draft"


def test_who_accepted_and_is_gone_lends_nobody_all_rights():
    of = brought(None, NEW)
    import_service.mark_started(of, Import.State.APPLYING)
    with pytest.raises(PermissionDenied, match="not there any more"):
        import_service.run_import(of)
    assert not Organization.objects.exists()


def test_who_accepts_a_lead_role_is_its_proposer(client):
    make_community(code="example", name="示例共同体", second_person=True)
    make_role("lead-enterprise", name="牵头企业", axis="lead")
    row = ["示例纺织有限公司", "企业", "", "牵头企业", "example"]
    of = brought(make_account("first", "publisher"), row, publish=True)
    accept(client, make_account("second", "publisher"), of)
    assert Membership.objects.get().proposed_by == "second"


def test_a_limited_account_sees_only_the_imports_that_it_brought(client):
    of = brought(make_account("other", "editor"), NEW)
    client.force_login(limit(make_account("limited", "editor"), "650000"))
    for page in ("change", "columns", "rows"):
        assert client.get(reverse(f"admin:directory_import_{page}", args=[of.pk])).status_code in (
            302,
            404,
        )
    assert (
        "示例.csv" not in client.get(reverse("admin:directory_import_changelist")).content.decode()
    )


def test_a_row_that_leads_out_of_the_remit_is_left_and_the_others_written(client):
    user = limit(make_account("limited", "editor"), "650000", "110000")
    user.remit.regions.set(["650000"])
    mine = make_organization("示例学院", kind="university", region_id="650000", state="draft")
    rows = [["示例学院", "", "110000", "", ""], ["示例新疆厂", "企业", "650000", "", ""]]
    of = brought(user, *rows)
    of.rows.filter(organization=mine.pk).update(decision="change")
    accept(client, user, of)
    assert (of.state, of.counts["applied"], of.counts["stale"]) == ("applied", 1, 1)
    assert of.rows.get(organization=mine.pk).reasons[-1][0] == "not-yours"


def test_a_role_elsewhere_is_left_and_told(client):
    ours, theirs = make_community(code="ours", name="甲"), make_community(code="theirs", name="乙")
    make_role("member", name="成员")
    user = limit(make_account("limited", "editor"), community=ours)
    rows = [["示例甲厂", "企业", "", "成员", each.code] for each in (ours, theirs)]
    rows[1][0] = "东方乙校"
    of = brought(user, *rows)
    accept(client, user, of)
    assert [row.applied for row in of.rows.order_by("number")] == ["yes", "no"]


def test_who_may_not_enter_sources_cites_none(client):
    user = make_account("typist")
    names = ("view_import", "change_import", "add_import", "add_organization")
    names += ("change_organization", "view_organization")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    of = brought(make_account("other", "editor"), NEW, **AS_SOURCE)
    accept(client, user, of)
    assert (Organization.objects.count(), Source.objects.count()) == (1, 0)
    assert not Citation.objects.exists()
