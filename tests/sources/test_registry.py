"""Every source says where it lives, reads a sample of each of its forms, and is light to import."""

import subprocess
import sys

import pytest

from crossthink_data.errors import RecipeError
from crossthink_data.records import ANSWER_KINDS, DOMAINS, QUESTION_TYPES
from crossthink_data.sources import Shape, Source, get_source, source_names

TABLE_1 = {
    "mmlu_train": 99_842,
    "syn_qa": 192_930,
    "natural_reasoning": 100_000,
    "numina_math": 87_350,
    "persona_math": 100_000,
    "math": 8_523,
}
BENCHMARKS = {"math_500", "amc23", "mmlu", "mmlu_pro", "gpqa_diamond", "agieval", "super_gpqa"}


def test_the_training_sources_have_the_sizes_of_table_1() -> None:
    assert {name: get_source(name).rows for name in TABLE_1} == TABLE_1
    assert sum(TABLE_1.values()) == 588_645


def test_the_folder_is_the_registry() -> None:
    assert set(source_names()) == {*TABLE_1, *BENCHMARKS, "personahub"}
    assert {name for name in source_names() if get_source(name).benchmark} == BENCHMARKS


@pytest.mark.parametrize("name", source_names())
def test_a_source_is_named_after_its_file_and_uses_the_vocabularies(name: str) -> None:
    source = get_source(name)
    assert source.name == name
    assert source.domain in DOMAINS
    assert source.question_type in QUESTION_TYPES
    assert source.answer_kind in ANSWER_KINDS
    assert "/" in source.hub_id
    assert source.revision
    assert source.licence
    assert bool(source.shapes) == (source.kind == "questions")


def test_only_gpqa_is_gated() -> None:
    assert [name for name in source_names() if get_source(name).gated] == ["gpqa_diamond"]


def test_an_unknown_source_is_answered_with_the_closest_name() -> None:
    with pytest.raises(RecipeError, match="did you mean numina_math"):
        get_source("numina_maths")


@pytest.mark.parametrize("name", source_names())
def test_no_form_is_hidden_behind_an_earlier_one(name: str) -> None:
    source: Source = get_source(name)
    for shape in source.shapes:
        first = next(other for other in source.shapes if other.fits(shape.columns))
        assert first is shape
        assert not shape.unread & shape.columns


def test_a_form_without_a_header_fits_that_many_fields_only() -> None:
    shape = Shape("csv", frozenset("012"), get_source("mmlu").shapes[0].read)
    assert shape.fits(["0", "1", "2"])
    assert not shape.fits(["0", "1", "2", "3"])


def test_listing_sources_and_opening_the_door_imports_nothing_heavy() -> None:
    code = (
        "import sys, crossthink_data.raw, crossthink_data.mapping\n"
        "from crossthink_data.sources import get_source, source_names\n"
        "[get_source(name) for name in source_names()]\n"
        "heavy = {'polars', 'duckdb', 'pyarrow', 'datasets', 'datatrove', 'torch', 'pandas'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
