"""Whoever changes a cited value says in the same step what becomes of its citation."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission

from directory.admin.base.citation_questions import CitationQuestionMixin
from directory.history.undo import service as undo_service
from directory.models import Alias, Citation, Membership, Organization, Revision, RowChange
from tests.accounts import limit, make_account
from tests.admin_client import Desk, faults
from tests.factories import (
    make_alias,
    make_citation,
    make_community,
    make_membership,
    make_organization,
    make_region,
    make_role,
    make_source,
)

pytestmark = pytest.mark.django_db
START, END, NEXT = date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)


@pytest.fixture
def desk(client, admin_user):
    return Desk(client, admin_user)


def speaks(citation) -> bool:
    return Citation.objects.speaking().filter(pk=citation.pk).exists()


def make_case(name: str) -> tuple:
    """The page, the cited row, its citation, the form's prefix, the fact, and its new value."""
    organization = make_organization("示例学院", name_en="Example")
    make_role("chair", rank=4)
    membership = make_membership(organization, since=START, until=END)
    alias = make_alias(organization, "示例旧名")
    community = make_community(purpose="示例宗旨", stated_at_least=60)
    owner, fact, value, on_page = {
        "organization": (organization, "name_en", "Another", True),
        "organization-region": (organization, "region", make_region().pk, True),
        "community": (community, "purpose", "另一宗旨", True),
        "alias": (alias, "name", "示例新名", False),
        "alias-page": (alias, "name", "示例新名", True),
        "role": (membership, "role", "chair", False),
        "since": (membership, "since", date(2024, 2, 1), False),
        "until": (membership, "until", NEXT, False),
        "until-page": (membership, "until", NEXT, True),
        "role-page": (membership, "role", "chair", True),
    }[name]
    kind = owner._meta.model_name
    citation = make_citation(**{kind: owner}, field="" if kind == "alias" else fact)
    page_row = owner if on_page else organization
    prefix = "" if on_page else {"alias": "aliases-0-", "membership": "memberships-0-"}[kind]
    return page_row, owner, citation, prefix, fact, value


CASES = [
    "organization", "organization-region", "community", "alias", "alias-page",
    "role", "since", "until", "role-page", "until-page",
]  # fmt: skip


def read(owner, fact) -> str:
    """The stored value of a fact; of a related row, its key."""
    return str(type(owner).objects.values_list(fact, flat=True).get(pk=owner.pk))


def answer(prefix, fact, answer, **new) -> dict:
    question = f"{prefix}citations_of_{fact}"
    return {question: answer} | {f"{question}_{name}": value for name, value in new.items()}


def test_every_form_of_what_can_be_cited_asks():
    cited = [
        field.related_model
        for field in Citation._meta.fields
        if field.related_model and field.name != "source"
    ]
    for model, model_admin in admin.site._registry.items():
        if model._meta.concrete_model in cited:
            assert issubclass(model_admin.form, CitationQuestionMixin), model
        for inline in model_admin.inlines:
            if inline.model in cited:
                assert issubclass(inline.form, CitationQuestionMixin), inline


@pytest.mark.parametrize("case", CASES)
def test_a_change_of_a_cited_value_asks_first(desk, case):
    page_row, owner, citation, prefix, fact, value = make_case(case)
    before = read(owner, fact)
    page = desk.send(desk.open(page_row), **{f"{prefix}{fact}": value})
    assert [each.answer.html_name for each in page.context["citation_questions"]] == [
        f"{prefix}citations_of_{fact}"
    ]
    assert f'name="{prefix}citations_of_{fact}"' in page.content.decode()
    assert "answer this first" in faults(page) or "请先" in faults(page)
    assert read(owner, fact) == before
    assert speaks(citation)


@pytest.mark.parametrize("case", CASES)
def test_keep_binds_the_citation_anew_in_history_and_undo_takes_it_back(desk, admin_user, case):
    page_row, owner, citation, prefix, fact, value = make_case(case)
    changes = {f"{prefix}{fact}": value} | answer(prefix, fact, "keep")
    page = desk.send(desk.open(page_row), **changes)
    assert page.redirect_chain, faults(page)
    assert read(owner, fact) == str(value)
    assert speaks(citation)
    change = RowChange.objects.get(revision=Revision.objects.latest("pk"), noun="citation")
    assert list(change.after) == ["value"]
    undo_service.undo(Revision.objects.latest("pk"), admin_user)
    assert read(owner, fact) != str(value)
    assert speaks(citation)


@pytest.mark.parametrize("case", CASES)
def test_none_leaves_it_with_the_old_value_until_an_undo(desk, admin_user, case):
    page_row, owner, citation, prefix, fact, value = make_case(case)
    desk.send(desk.open(page_row), **{f"{prefix}{fact}": value}, **answer(prefix, fact, "none"))
    assert read(owner, fact) == str(value)
    assert not speaks(citation)
    undo_service.undo(Revision.objects.latest("pk"), admin_user)
    assert speaks(citation)


@pytest.mark.parametrize("case", CASES)
def test_a_new_source_and_its_words_speak_for_the_new_value(desk, admin_user, case):
    page_row, owner, citation, prefix, fact, value = make_case(case)
    source = make_source("S2", language="en")
    new = {"source": source.pk, "passage": "New words.", "place": "7"}
    changes = {f"{prefix}{fact}": value} | answer(prefix, fact, "new", **new)
    page = desk.send(desk.open(page_row), **changes)
    assert page.redirect_chain, faults(page)
    added = Citation.objects.exclude(pk=citation.pk).get()
    assert (added.source, added.passage, added.place) == (source, "New words.", "7")
    assert (added.language, added.evidence, added.field) == ("en", "stated", citation.field)
    assert getattr(added, f"{owner._meta.model_name}_id") == owner.pk
    assert speaks(added)
    assert not speaks(citation)
    undo_service.undo(Revision.objects.latest("pk"), admin_user)
    assert list(Citation.objects.all()) == [citation]
    assert speaks(citation)


@pytest.mark.parametrize("case", ["organization", "role", "alias", "until-page"])
@pytest.mark.parametrize("missing", ["source", "passage"])
def test_a_new_citation_needs_its_source_and_words(desk, case, missing):
    page_row, owner, _citation, prefix, fact, value = make_case(case)
    new = {"source": make_source().pk, "passage": "示例原文"} | {missing: " "}
    changes = {f"{prefix}{fact}": value} | answer(prefix, fact, "new", **new)
    page = desk.send(desk.open(page_row), **changes)
    assert not page.redirect_chain
    [question] = page.context["citation_questions"]
    assert [bool(each.errors) for each in question.new] == [
        missing == "source",
        missing == "passage",
        False,
    ]
    assert Citation.objects.count() == 1
    assert read(owner, fact) != str(value)


@pytest.mark.parametrize("choice", ["keep", "none", ""])
def test_words_that_no_answer_asks_for_are_not_lost(desk, choice):
    page_row, owner, _citation, prefix, fact, value = make_case("role")
    changes = answer(prefix, fact, choice, passage="示例新原文") | {f"{prefix}{fact}": value}
    page = desk.send(desk.open(page_row), **changes)
    [question] = page.context["citation_questions"]
    assert question.answer.errors
    assert "示例新原文" in page.content.decode()
    assert read(owner, fact) == "member"


@pytest.mark.parametrize("case", ["organization", "alias", "role", "until"])
@pytest.mark.parametrize("choice", ["keep", "new", "none"])
def test_answers_stay_when_the_page_comes_back_for_another_fault(desk, case, choice):
    page_row, _owner, citation, prefix, fact, value = make_case(case)
    new = {"source": make_source().pk, "passage": "示例新原文"} if choice == "new" else {}
    changes = answer(prefix, fact, choice, **new) | {f"{prefix}{fact}": value}
    page = desk.send(desk.open(page_row), **changes, website="no address")
    assert list(page.context["adminform"].form.errors) == ["website"]
    [question] = page.context["citation_questions"]
    assert question.answer.value() == choice
    assert not question.answer.errors
    page = desk.send(page, website="https://example.org/")
    assert page.redirect_chain, faults(page)
    assert speaks(citation) == (choice == "keep")
    assert Citation.objects.count() == 1 + (choice == "new")


def test_several_rows_are_asked_about_at_once_and_answered_each_for_itself(desk):
    row = make_organization()
    make_role("chair", rank=4)
    memberships = [make_membership(row, make_role(code)) for code in ("member", "chair")]
    citations = [make_citation(membership=each, field="since") for each in memberships]
    citations.append(make_citation(alias=make_alias(row, "示例旧名")))
    changes = {f"memberships-{number}-since": START for number in (0, 1)}
    page = desk.send(desk.open(row), **changes, **{"aliases-0-name": "示例新名"})
    labels = [each.answer.label for each in page.context["citation_questions"]]
    assert len(set(labels)) == 3
    answers = {"memberships-0-citations_of_since": "keep", "aliases-0-citations_of_name": "none"}
    desk.send(page, **answers, **{"memberships-1-citations_of_since": "none"})
    assert [speaks(each) for each in citations] == [True, False, False]


def test_a_row_that_is_deleted_is_not_asked_about(desk):
    row = make_organization()
    make_citation(alias=make_alias(row, "示例旧名"))
    changes = {"aliases-0-name": "示例新名", "aliases-0-DELETE": "on"}
    page = desk.send(desk.open(row), **changes)
    assert page.redirect_chain, faults(page)
    assert not Alias.objects.exists()


def test_a_question_about_one_row_does_not_hide_the_fault_of_another(desk):
    row = make_organization()
    alias = make_alias(row, "示例旧名")
    make_alias(row, "示例别名")
    make_citation(alias=alias)
    changes = {"aliases-0-name": "示例新名", "aliases-1-name": "示例新名"}
    page = desk.send(desk.open(row), **changes)
    errors = page.context["inline_admin_formsets"][1].formset.errors
    assert [list(each) for each in errors] == [["citations_of_name"], ["name"]]


def test_an_open_question_about_the_only_role_is_no_lack_of_a_role(client):
    row = make_organization(state="draft")
    membership = make_membership(row, make_role())
    make_citation(membership=membership, field="since")
    editor = limit(make_account("limited", "editor"), community=membership.community)
    desk = Desk(client, editor)
    page = desk.send(desk.open(row), **{"memberships-0-since": START})
    formset = page.context["inline_admin_formsets"][0].formset
    assert not formset.non_form_errors()
    assert list(formset.errors[0]) == ["citations_of_since"]


def test_keep_holds_although_the_citation_itself_is_edited_too(desk):
    row = make_organization("示例学院")
    citation = make_citation(organization=row, field="name")
    changes = {"name": "示例新学院", "citations_of_name": "keep", "citations-0-note": "示例注"}
    desk.send(desk.open(row), **changes)
    citation.refresh_from_db()
    assert (citation.note, citation.value) == ("示例注", "示例新学院")


def test_keep_does_not_revive_a_citation_of_an_older_value(desk):
    row = make_organization("示例学院")
    old = make_citation(organization=row, field="name")
    desk.send(desk.open(row), name="示例新学院", citations_of_name="none")
    new = make_citation(make_source("S2"), organization=row, field="name")
    desk.send(desk.open(row), name="示例大学", citations_of_name="keep")
    assert [speaks(old), speaks(new)] == [False, True]


def test_the_number_in_the_words_of_a_size_is_a_part_of_its_value(desk):
    community = make_community(stated_size="60余所", stated_at_least=60)
    make_citation(community=community, field="stated_size")
    page = desk.send(desk.open(community), stated_at_least=70)
    assert "citations_of_stated_size" in page.context["adminform"].form.errors


def test_the_english_name_of_a_community_is_a_fact_of_its_own(desk):
    community = make_community(name_en="Example")
    make_citation(community=community, field="name")
    assert desk.send(desk.open(community), name_en="Another").redirect_chain


def test_two_rows_that_exchange_cited_values_are_each_asked_about(desk):
    row = make_organization()
    first, second = make_alias(row, "示例甲"), make_alias(row, "示例乙")
    citations = [make_citation(alias=first), make_citation(alias=second)]
    changes = {"aliases-0-name": "示例乙", "aliases-1-name": "示例甲"}
    answers = {f"aliases-{number}-citations_of_name": "keep" for number in (0, 1)}
    page = desk.send(desk.open(row), **changes, **answers)
    assert page.redirect_chain, faults(page)
    values = Citation.objects.order_by("pk").values_list("value", flat=True)
    assert list(values) == ["示例乙", "示例甲"]
    assert all(map(speaks, citations))


def test_who_may_not_add_citations_is_not_offered_to(client):
    alias = make_alias(make_organization(state="draft"), "示例旧名")
    make_citation(alias=alias)
    user = make_account("narrow")
    names = ("view_alias", "change_alias")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    desk = Desk(client, user)
    page = desk.send(desk.open(alias), name="示例新名")
    [question] = page.context["citation_questions"]
    assert [key for key, _label in question.answer.field.choices] == ["none"]
    assert not question.new


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Another source says it", "Example role · Example community", "since unknown"]),
        ("zh-hans", ["其他来源", "示例共同体", "起始日期未知"]),
    ],
)
def test_the_question_is_put_in_the_language_of_the_page(desk, language, words):
    row = make_organization()
    role = make_role("chair", rank=4, name="示例理事", name_en="Example role")
    community = make_community(name_en="Example community")
    make_citation(membership=make_membership(row, role, community), field="since")
    page = desk.client.get(desk.address(Organization, "change", row.pk, language=language))
    content = desk.send(page, **{"memberships-0-since": START}).content.decode()
    assert all(word in content for word in words), words


def test_a_question_is_no_difference_between_two_editors(desk, admin_user):
    row = make_organization("示例学院")
    membership = make_membership(row, since=START)
    make_citation(membership=membership, field="since")
    stale = desk.open(row)
    desk.send(desk.open(row), website="https://example.org/")
    answers = {"memberships-0-citations_of_since": "keep"}
    page = desk.send(stale, **{"memberships-0-since": END}, **answers)
    labels = [each.label for each in page.context["differences"]]
    assert not any("“" in label for label in labels), labels
    assert Membership.objects.get().since == START
