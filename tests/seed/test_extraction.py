"""The fixtures say what the sources say: every fact cited, every passage letter by letter."""

import copy
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from directory.management.commands import build_fixtures
from directory.seed import extraction
from directory.seed import fixtures as seed_fixtures

FACTS = extraction.load_toml(seed_fixtures.FOLDER / "extraction.toml")
NAMES = extraction.load_toml(seed_fixtures.FOLDER / "regions.toml")["names"]


@pytest.fixture
def documents():
    """The sources that are at hand; they are not part of the project."""
    folder = build_fixtures.get_documents_folder()
    paths = {source["code"]: folder / source["copy"] for source in FACTS["sources"]}
    found = extraction.load_copies(FACTS["sources"], paths)
    if not found:
        pytest.skip("no source is at hand, so no passage is compared; all else is tested")
    return found


def only(documents, code):
    """A citation of this source, in a copy of the extraction that may be changed."""
    if code not in documents:
        pytest.skip(f"{code} is not at hand")
    facts = copy.deepcopy(FACTS)
    return facts, [c for _entry, c in quoted(facts) if c["source"] == code]


def quoted(facts):
    return [(entry, each) for entry in extraction.iter_entries(facts) for each in entry.citations]


def build(*names, **options):
    said = StringIO()
    call_command("build_fixtures", *names, stdout=said, **options)
    return said.getvalue()


def changed(passage):
    """The same words with one letter changed."""
    middle = len(passage) // 2
    return passage[:middle] + ("q" if passage[middle] != "q" else "p") + passage[middle + 1 :]


def test_every_passage_stands_where_it_is_said_to_stand(documents):
    assert list(extraction.find_problems(FACTS, documents)) == []


def test_one_changed_letter_of_any_passage_is_refused_by_its_fact_source_and_line(documents):
    for number in range(len(quoted(FACTS))):
        facts = copy.deepcopy(FACTS)
        entry, citation = quoted(facts)[number]
        if citation["source"] not in documents:
            continue
        citation["passage"] = changed(citation["passage"])
        (complaint,) = extraction.find_problems(facts, documents)
        assert f"of {entry.label}: {citation['source']}" in complaint
        assert (
            f"{extraction.format_place(citation)} does not hold “{citation['passage']}”"
            in complaint
        )


def test_a_passage_on_another_line_is_refused(documents):
    facts, (citation, *_rest) = only(documents, "S1")
    citation["line"] += 1
    (complaint,) = extraction.find_problems(facts, documents)
    assert f"S1 line {citation['line']} does not hold" in complaint


def test_a_passage_of_half_a_cell_is_refused(documents):
    facts, (citation, *_rest) = only(documents, "S3")
    citation["passage"] = citation["passage"][:-1]
    (complaint,) = extraction.find_problems(facts, documents)
    assert f"S3 row {citation['row']} does not hold" in complaint


def test_cells_of_another_order_are_refused(documents):
    facts, cited = only(documents, "S3")
    citation = next(c for c in cited if extraction.CELL_SEPARATOR in c["passage"])
    cells = citation["passage"].split(extraction.CELL_SEPARATOR)
    citation["passage"] = extraction.CELL_SEPARATOR.join(reversed(cells))
    assert len(list(extraction.find_problems(facts, documents))) == 1


def test_another_copy_of_the_document_is_refused(documents, tmp_path):
    only(documents, "S1")
    folder = build_fixtures.get_documents_folder()
    other = tmp_path / "source-document.txt"
    other.write_bytes((folder / other.name).read_bytes() + b" ")
    with pytest.raises(CommandError, match="The copy of S1 is not the one that was read"):
        build("--check", document=str(other))


def test_where_the_sources_are_not_at_hand_it_is_said_and_the_rest_is_built(tmp_path):
    said = build(document=str(tmp_path / "source-document.txt"), folder=str(tmp_path))
    for source in FACTS["sources"]:
        assert f"{source['copy']} is not at hand" in said
    for name in seed_fixtures.FILES:
        built, kept = tmp_path / name, seed_fixtures.FOLDER / name
        assert built.read_bytes() == kept.read_bytes()


def test_the_fixtures_are_what_the_extraction_gives():
    assert "6 files are as built from the extraction" in build("--check")


def test_a_fixture_that_was_edited_by_hand_is_noticed(tmp_path):
    build(folder=str(tmp_path))
    edited = tmp_path / "organizations.json"
    edited.write_text(edited.read_text("utf-8").replace("Korla", "Korle"), "utf-8")
    with pytest.raises(
        CommandError, match=r"Not as built from the extraction: organizations\.json"
    ):
        build("--check", folder=str(tmp_path))


def test_every_recorded_fact_has_a_source():
    assert [entry.label for entry in extraction.iter_entries(FACTS) if entry.uncited_fields] == []


@pytest.mark.parametrize("noun", ["community", "organization", "alias", "membership"])
def test_a_fact_without_its_source_is_refused(noun):
    facts = copy.deepcopy(FACTS)
    entry = next(entry for entry in extraction.iter_entries(facts) if entry.model_name == noun)
    entry.row["citations"] = []
    assert any(
        complaint.endswith(f"of {entry.label} has no source.")
        for complaint in extraction.find_problems(facts, {})
    )


def test_an_inference_without_a_note_is_refused():
    facts = copy.deepcopy(FACTS)
    citation = next(c for _entry, c in quoted(facts) if c["evidence"] == "inferred")
    del citation["note_en"]
    (complaint,) = extraction.find_problems(facts, {})
    assert "is inferred without a note in both languages" in complaint


def test_a_paragraph_is_refused():
    facts = copy.deepcopy(FACTS)
    quoted(facts)[0][1]["passage"] = "字" * (extraction.MAX_PASSAGE_LENGTH + 1)
    (complaint,) = extraction.find_problems(facts, {})
    assert complaint.endswith("quote a phrase.")


def test_a_column_that_no_model_has_is_refused():
    facts = copy.deepcopy(FACTS)
    facts["organizations"][0]["adress"] = "somewhere"
    with pytest.raises(ValueError, match="has no adress"):
        seed_fixtures.build_organizations(facts)


def test_a_passage_is_a_small_part_of_its_paragraph(documents):
    _facts, cited = only(documents, "S1")
    lengths = [len(line) for line in documents["S1"].lines]
    for citation in cited:
        paragraph = lengths[citation["line"] - 1]
        # Only the headline is short enough to be quoted for the most part.
        part = 0.7 if paragraph < 120 else 0.2
        assert len(citation["passage"]) <= paragraph * part, citation["passage"]


def test_the_regions_are_read_as_their_people_say_them():
    assert seed_fixtures.correct_pinyin("库尔勒市", "ku er lei shi") == "ku er le shi"
    assert seed_fixtures.correct_pinyin("单县", "dan xian") == "shan xian"
    assert seed_fixtures.correct_pinyin("涡阳县", "guo yang xian") == "guo yang xian"


def test_only_regions_that_exist_are_given_names():
    found = seed_fixtures.read_divisions(seed_fixtures.FOLDER / "regions.json")
    assert set(NAMES) <= {division["code"] for division in found}
