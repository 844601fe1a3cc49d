"""The system check that keeps hand-written lists of columns in step with the models."""

import pytest
from django.core.checks import Tags, run_checks

from directory.listing import loader
from directory.quality import issues

LISTS = [
    (loader, "ORGANIZATION_COLUMNS", "slug"),
    (loader, "MEMBERSHIP_COLUMNS", "until"),
    (loader, "ALIAS_COLUMNS", "language"),
    (loader, "CITATION_COLUMNS", "note_en"),
    (issues, "ISSUE_COLUMNS", "since"),
]


def find_errors():
    messages = run_checks(tags=[Tags.models])
    return [(each.id, each.msg) for each in messages if each.id.startswith("directory.")]


def test_every_list_of_columns_covers_its_model():
    assert find_errors() == []


@pytest.mark.parametrize(("module", "name", "column"), LISTS)
def test_a_column_missing_from_a_list_is_an_error(monkeypatch, module, name, column):
    columns = [each for each in getattr(module, name) if each != column]
    monkeypatch.setattr(module, name, tuple(columns))
    assert [error for error, _message in find_errors()] == ["directory.E001"]


@pytest.mark.parametrize(("module", "name", "column"), LISTS)
def test_a_name_that_is_no_column_is_an_error(monkeypatch, module, name, column):
    monkeypatch.setattr(module, name, (*getattr(module, name), "no_such_column"))
    assert [error for error, _message in find_errors()] == ["directory.E002"]


def test_a_new_model_field_without_a_decision_is_an_error(monkeypatch):
    meta = loader.Alias._meta
    field = loader.Citation._meta.get_field("passage")
    monkeypatch.setitem(meta.__dict__, "concrete_fields", (*meta.concrete_fields, field))
    assert [message for _error, message in find_errors()] == [
        "directory.listing.loader.ALIAS_COLUMNS lacks the column 'passage'."
    ]
