"""The adapters on published files, where CROSSTHINK_REAL_DATA names a folder of them."""

from collections import Counter
from pathlib import Path

import pytest

from crossthink_data.mapping import mapped_source
from crossthink_data.raw import Unreadable, read_personas, read_source
from crossthink_data.records import Question
from crossthink_data.sources import Source, get_source


def questions(source: Source, path: Path) -> list[Question]:
    rows = list(read_source(source, path))
    assert not [row for row in rows if isinstance(row, Unreadable)]
    return [row for row in rows if isinstance(row, Question)]


@pytest.mark.parametrize(
    ("source", "path", "count"),
    [
        ("mmlu", "mmlu/test", 7_658),
        ("mmlu", "mmlu/val", 1_531),
        ("mmlu", "mmlu/dev", 285),
        ("mmlu", "mmlu_redux", 600),
        ("mmlu_pro", "mmlu_pro", 1_003),
    ],
)
def test_choice_benchmarks_are_read_whole_and_every_gold_is_an_option(
    real_data: Path, source: str, path: str, count: int
) -> None:
    rows = questions(get_source(source), real_data / path)
    assert len(rows) == count
    assert all(row.options and row.answer in row.options and row.subject for row in rows)


def test_the_8523_row_math_file_has_two_empty_answers(real_data: Path) -> None:
    rows = questions(get_source("math"), real_data / "math" / "limr_math_8523.json")
    assert len(rows) == 8_523
    assert sum(not (row.answer or "").strip() for row in rows) == 2


def test_math_500_answers_are_the_last_boxes_of_their_solutions(
    real_data: Path, tmp_path: Path
) -> None:
    import json

    path = real_data / "math500" / "test.jsonl"
    rows = questions(get_source("math_500"), path)
    assert len(rows) == 500
    solved = tmp_path / "solved.jsonl"
    keep = ("problem", "solution")
    lines = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
    solved.write_text("\n".join(json.dumps({key: row[key] for key in keep}) for row in lines))
    boxed = [row.answer for row in questions(get_source("math_500"), solved)]
    assert boxed == [row.answer for row in rows]


def test_amc23_answers_are_integers(real_data: Path) -> None:
    rows = questions(get_source("amc23"), real_data / "amc23")
    assert len(rows) == 40
    assert all(row.answer and row.answer.removeprefix("-").isdecimal() for row in rows)


def test_agieval_is_read_with_its_lists_and_its_one_empty_label(real_data: Path) -> None:
    rows = questions(get_source("agieval"), real_data / "agieval")
    assert len(rows) == 4_214
    assert len({row.subject for row in rows}) == 10
    choices = [row for row in rows if row.question_type == "mcq"]
    labels = Counter(len((row.answer_label or "").replace(",", "")) for row in choices)
    assert labels == {1: 2_540, 2: 226, 3: 210, 4: 119, 0: 1}
    assert Counter(row.subject for row in rows if row.question_type == "open") == {
        "math": 1_000,
        "gaokao-mathcloze": 118,
    }


def test_a_mapping_reads_theoremqa(real_data: Path) -> None:
    source = mapped_source(
        "theoremqa",
        domain="gpr",
        answer_kind="short_open",
        columns={"question": "Question", "answer": "Answer", "subject": "field", "id": "id"},
    )
    rows = questions(source, real_data / "open_ended_stem" / "theoremqa.json")
    assert len(rows) == 800
    assert rows[0].answer == "11760"
    assert {"True", "False", "1.0", "[0, 5]"} <= {row.answer for row in rows}


def test_a_mapping_reads_minerva_by_its_boxes(real_data: Path) -> None:
    source = mapped_source(
        "minerva",
        domain="gpr",
        answer_kind="math",
        columns={"question": "problem", "answer_box": "solution", "subject": "type"},
    )
    rows = questions(source, real_data / "open_ended_stem" / "minerva_math_test.jsonl")
    assert len(rows) == 272
    assert rows[0].answer == "1.6"
    assert all(row.answer for row in rows)


def test_the_sample_file_gives_5000_different_personas(real_data: Path) -> None:
    personas = list(read_personas(real_data / "personahub"))
    assert len(personas) == 5_000
    assert not [persona for persona in personas if isinstance(persona, Unreadable)]
    assert len({getattr(persona, "text", None) for persona in personas}) == 5_000
