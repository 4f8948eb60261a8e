"""The benchmarks but AGIEval, in every published form; all rows are invented, GPQA's above all."""

import json
from pathlib import Path

import pytest

from crossthink_data.raw import Unreadable, read_source
from crossthink_data.sources import get_source
from crossthink_data.sources.amc23 import whole_number
from crossthink_data.sources.gpqa_diamond import option_order
from crossthink_data.sources.mmlu import SUBJECT_GROUPS, SUBJECTS, subject_of
from crossthink_data.sources.mmlu_pro import without_padding

NUMBERS = ["5", "6", "7", "8"]


@pytest.mark.parametrize(
    "columns",
    [
        {"problem": "P", "solution": "-", "answer": "8", "subject": "Algebra", "level": 1},
        {"problem": "P", "answer": "8"},
        {"problem": "P", "expected_answer": "8", "level": "Level 1"},
        {"prompt": [{"from": "user", "value": "P"}], "final_answer": "8"},
        {"problem": "P", "solution": r"$\boxed{8}$."},
    ],
)
def test_math_500_reads_every_published_form(read_rows, columns) -> None:
    (row,) = read_rows("math_500", columns)
    assert (row.question, row.answer, row.answer_kind) == ("P", "8", "math")


def test_math_500_reads_the_column_oriented_copy(tmp_path: Path) -> None:
    table = {"problem": {"0": "P", "1": "R"}, "expected_answer": {"0": "8", "1": "9"}}
    (tmp_path / "test.json").write_text(json.dumps(table))
    rows = list(read_source(get_source("math_500"), tmp_path / "test.json"))
    assert [(row.question, row.answer) for row in rows] == [("P", "8"), ("R", "9")]


@pytest.mark.parametrize(
    ("published", "answer"),
    [
        (27.0, "27"),
        (27, "27"),
        ("27.0", "27"),
        (-3.0, "-3"),
        (0.5, "0.5"),
        ("x", "x"),
        (None, None),
    ],
)
def test_amc23_prints_whole_answers_without_a_fraction(published, answer) -> None:
    assert whole_number(published) == answer


def test_amc23_reads_problem_or_question(read_rows) -> None:
    rows = read_rows(
        "amc23",
        {"id": 0, "problem": "P", "answer": 27.0, "url": "u", "question": "P"},
        {"id": 0, "question": "P", "answer": 27.0, "url": "u"},
    )
    assert [(row.question, row.answer) for row in rows] == [("P", "27")] * 2


@pytest.mark.parametrize(
    "columns",
    [
        {"question": "3+4?", "choices": NUMBERS, "answer": 2, "subject": "astronomy"},
        {"input": "3+4?", "A": "5", "B": "6", "C": "7", "D": "8", "target": "C"},
        {"question": "3+4?", "A": "5", "B": "6", "C": "7", "D": "8", "answer": "C"},
        {"question": "3+4?", "choices": NUMBERS, "answer": 2, "error_type": "ok"},
        {"question": "3+4?", "choices": str(NUMBERS), "answer": "2", "error_type": "ok"},
    ],
)
def test_mmlu_reads_every_published_form(read_rows, columns) -> None:
    (row,) = read_rows("mmlu", columns, file="astronomy/test.jsonl")
    assert (row.question, row.options, row.answer) == ("3+4?", tuple(NUMBERS), "7")
    assert (row.answer_label, row.subject, row.domain) == ("C", "astronomy", "gpr")


def test_mmlu_csv_takes_the_subject_from_its_file_and_none_for_text(read_rows) -> None:
    (row,) = read_rows("mmlu", ["3+4?", "None", "NA", "7", "", "C"], file="val/virology_val.csv")
    assert row.options == ("None", "NA", "7", "")
    assert row.subject == "virology"


@pytest.mark.parametrize("choices", ["[1, 2", "{'a': 1}", "[1, 2]", "__import__('os')", 3])
def test_mmlu_redux_refuses_options_that_are_no_list_of_texts(tmp_path: Path, choices) -> None:
    good = {"question": "Q", "choices": r"['\pi', 'b']", "answer": "0", "error_type": "ok"}
    path = tmp_path / "r.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in (good | {"choices": choices}, good)))
    bad, read = read_source(get_source("mmlu"), path)
    assert isinstance(bad, Unreadable)
    assert bad.reason == "wrong_type"
    assert not isinstance(read, Unreadable)
    assert read.options == (r"\pi", "b")


def test_the_57_subjects_fall_into_groups_of_18_13_12_and_14() -> None:
    assert [len(group) for group in SUBJECT_GROUPS.values()] == [18, 13, 12, 14]
    assert len(SUBJECTS) == 57


@pytest.mark.parametrize(
    ("file", "subject"),
    [
        ("val/astronomy_val.csv", "astronomy"),
        ("mmlu_astronomy.csv", "astronomy"),
        ("astronomy/test", "astronomy"),
        ("astronomy/test-00000-of-00001.parquet", "astronomy"),
        ("all/test", None),
    ],
)
def test_the_subject_is_in_the_name_of_a_file_or_folder(file, subject) -> None:
    assert subject_of(file) == subject


@pytest.mark.parametrize(
    ("published", "gold", "kept"),
    [
        (("a", "b", "N/A", "N/A"), "A", ("a", "b")),
        (("a", "N/A", "b"), "A", ("a", "N/A", "b")),
        (("a", "N/A"), "B", ("a", "N/A")),
        (("a",), "A", ("a",)),
        (("N/A", "N/A"), None, ()),
    ],
)
def test_mmlu_pro_padding_goes_from_the_end_and_never_the_gold(published, gold, kept) -> None:
    assert without_padding(published, gold) == kept


def test_mmlu_pro_takes_text_by_index_and_letter_as_published(read_rows) -> None:
    row = {"question": "Prime?", "options": ["4", "7", "N/A"], "answer": "B", "category": "math"}
    agreeing, differing, bare = read_rows(
        "mmlu_pro", row | {"answer_index": 1}, row | {"answer_index": 0}, row
    )
    assert (agreeing.answer, agreeing.answer_label, agreeing.subject) == ("7", "B", "math")
    assert (differing.answer, differing.answer_label) == ("4", "B")
    assert (bare.answer, bare.options) == ("7", ("4", "7"))


def test_super_gpqa_reports_letter_and_text_even_when_they_differ(read_rows) -> None:
    row = {"question": "Gas?", "options": ["He", "Ne"], "answer": "Ne", "discipline": "Science"}
    rows = read_rows("super_gpqa", row | {"answer_letter": "B"}, row | {"answer_letter": "A"})
    assert [(row.answer, row.answer_label) for row in rows] == [("Ne", "B"), ("Ne", "A")]
    assert rows[0].subject == "Science"


def gpqa_row(record: str) -> dict[str, object]:
    return {
        "Record ID": record,
        "Question": " An invented question? ",
        "Correct Answer": "right [title]x\n",
        "Incorrect Answer 1": "wrong 1",
        "Incorrect Answer 2": "wrong 2",
        "Incorrect Answer 3": "wrong 3",
        "High-level domain": "Physics",
    }


def test_gpqa_shuffles_by_record_and_keeps_the_gold(read_rows) -> None:
    rows = read_rows("gpqa_diamond", *(gpqa_row(f"rec{number}") for number in range(40)))
    assert {row.answer for row in rows} == {"right. x"}
    assert {row.answer_label for row in rows} == set("ABCD")
    assert {row.question for row in rows} == {"An invented question?"}
    assert {row.subject for row in rows} == {"Physics"}


def test_the_gpqa_order_is_the_same_in_every_run() -> None:
    assert option_order("rec0") == (1, 3, 2, 0)
    assert option_order("rec1") == (1, 2, 0, 3)


def test_gpqa_repackaged_keeps_its_order(read_rows) -> None:
    row = {
        "prompt": [{"from": "user", "value": "An invented question?"}],
        "choices": {"A": "w", "B": "x", "C": "y", "D": "z"},
        "final_answer": "D",
    }
    (question,) = read_rows("gpqa_diamond", row)
    assert (question.options, question.answer) == (("w", "x", "y", "z"), "z")
