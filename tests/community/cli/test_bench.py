"""The benchmark: its made-up data is plainly made up, its arguments and its table are right."""

import argparse

import pytest
from django.db import transaction

from community import __main__ as commands
from community.cli import bench as bench_command
from community.cli import benchmark
from directory.models import Alias, Citation, Membership, Organization
from directory.search import index as search_index
from directory.search import indexer
from tests.bench import fictional


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """Forty of them, for all tests of this module, rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        fictional.load_reference_codes.cache_clear()
        fictional.create_reference_data()
        fictional.create_organizations(range(1, 41))
        yield
        transaction.set_rollback(True)
        fictional.load_reference_codes.cache_clear()


@pytest.fixture
def made(filled, db):
    return Organization.objects.order_by("pk")


def test_every_name_says_that_it_is_an_example(made):
    chinese = [row.name for row in made] + list(Alias.objects.values_list("name", flat=True))
    assert len(chinese) > 40
    assert all(name.startswith("示例") for name in chinese)
    assert all(row.name_en.startswith("Example ") for row in made if row.name_en)


def test_no_fictional_organization_has_a_code_that_could_be_somebodys(made):
    assert not made.exclude(credit_code="", school_code="").exists()


def test_the_same_numbers_make_the_same_organizations(made):
    first = [(row.name, row.kind, row.region_id) for row in made]
    held = Membership.objects.count(), Citation.objects.count()
    Organization.objects.all().delete()
    fictional.create_organizations(range(1, 41))
    assert [(row.name, row.kind, row.region_id) for row in made.all()] == first
    assert (Membership.objects.count(), Citation.objects.count()) == held


def test_fictional_organizations_are_rows_that_the_directory_takes(made):
    for row in made:
        row.full_clean()


def test_fictional_organizations_are_found_by_their_words(made):
    assert search_index.search("示例")[0] == {row.pk for row in made}
    written = search_index.dump_index()
    indexer.rebuild()
    assert search_index.dump_index() == written


def test_numbers_fall_into_chunks_without_a_gap():
    numbers = [number for chunk in fictional.split_ranges(2500) for number in chunk]
    assert numbers == list(range(1, 2501))


def test_sizes_are_told_by_name_in_any_case_and_taken_in_their_order():
    read = bench_command.build_choices_parser(bench_command.SIZES)
    assert read("100k") == ["100k"]
    assert read("1m,60") == ["60", "1M"]
    with pytest.raises(argparse.ArgumentTypeError, match="60, 10k, 100k, 1M"):
        read("2k")


def test_without_arguments_all_is_measured():
    options = commands.build_parser().parse_args(["bench"])
    assert (options.size, options.engine) == (["60", "10k", "100k", "1M"], ["sqlite", "postgresql"])


def test_another_maker_makes_the_directory_anew(monkeypatch):
    before = bench_command.compute_fingerprint("60")
    monkeypatch.setattr(bench_command, "FINGERPRINT_FILES", bench_command.FINGERPRINT_FILES[1:])
    assert (
        bench_command.compute_fingerprint("60")
        != before
        != bench_command.compute_fingerprint("10k")
    )


@pytest.mark.parametrize(("p50", "verdict"), [(18.0, "≤ 9: ok"), (18.2, "≤ 9: over")])
def test_a_figure_is_told_as_a_multiple_of_the_bare_view(p50, verdict):
    figure = benchmark.BenchmarkCase("a page", "/members/", {"100k": 9})
    told = benchmark.format_result(benchmark.CaseResult(figure, p50, 30.0, 2.0, 80.0, 9))
    assert told.split("  ")[0] == "a page"
    assert f"{p50 / 2:.1f}" in told.split()
    assert told.endswith(verdict)


def test_a_slow_page_is_asked_a_few_times_and_a_very_slow_one_is_not_waited_for():
    seconds = benchmark.MAX_SECONDS
    assert not benchmark.is_finished(benchmark.MIN_REQUESTS - 1, seconds + 1)
    assert benchmark.is_finished(benchmark.MIN_REQUESTS, seconds + 1)
    assert benchmark.is_finished(1, 3 * seconds + 1)


@pytest.mark.slow
def test_the_measured_pages_are_those_that_the_site_answers(made, client, settings):
    settings.ROOT_URLCONF = "tests.bench.urls"
    for figure in benchmark.build_cases("sqlite", 40, "/roles/", "")[:-1]:
        for value in figure.placeholders[:3] or [""]:
            assert client.get(figure.path.format(value)).status_code == 200
    assert client.get(benchmark.INDEX_PATH).json()["members"] <= 40
