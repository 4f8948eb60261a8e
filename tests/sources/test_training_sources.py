"""The training sources, in every published form; all rows are invented."""

import json
from pathlib import Path

import pytest

from crossthink_data.raw import Unreadable, read_source
from crossthink_data.sources import get_source

SUN = ["a rock", "a lamp", "the Sun", "a mirror"]


@pytest.mark.parametrize("answer", [2, "C", "2", 2.0])
def test_mmlu_train_reads_the_flat_form_with_any_kind_of_label(read_rows, answer) -> None:
    (row,) = read_rows(
        "mmlu_train", {"question": "Light?", "subject": "", "choices": SUN, "answer": answer}
    )
    assert (row.answer, row.answer_label, row.options) == ("the Sun", "C", tuple(SUN))
    assert (row.domain, row.question_type, row.answer_kind) == ("gpr", "mcq", "mcq")
    assert row.subject is None


def test_mmlu_train_reads_the_nested_form_as_the_flat_one(read_rows) -> None:
    flat = {"question": "Light?", "subject": "", "choices": SUN, "answer": 2}
    assert read_rows("mmlu_train", {"train": flat}) == read_rows("mmlu_train", flat)


def test_mmlu_train_reads_six_csv_columns_without_a_header(read_rows) -> None:
    (row,) = read_rows("mmlu_train", ["Light?", *SUN, "C"], file="arc_easy.csv")
    assert (row.question, row.answer, row.answer_label) == ("Light?", "the Sun", "C")


def test_a_label_outside_the_options_stays_visible(read_rows) -> None:
    (row,) = read_rows("mmlu_train", {"question": "Light?", "choices": SUN, "answer": 7})
    assert (row.answer, row.answer_label) == (None, "H")


def test_equal_options_are_told_apart_by_their_letter(read_rows) -> None:
    (row,) = read_rows("mmlu_train", {"question": "?", "choices": ["x", "y", "x"], "answer": 2})
    assert (row.answer, row.answer_label, row.options) == ("x", "C", ("x", "y", "x"))


def test_natural_reasoning_keeps_empty_answers_and_ignores_responses(read_rows) -> None:
    rows = read_rows(
        "natural_reasoning",
        {"question": "Pressure?", "reference_answer": " 4 atm\n", "responses": [{"response": "z"}]},
        {"question": "Why?", "reference_answer": "", "responses": []},
        {"question": None, "reference_answer": None, "responses": []},
    )
    assert [row.answer for row in rows] == ["4 atm", "", None]
    assert rows[2].question == ""
    assert rows[0].answer_kind == "short_open"


COT = {"source": "cn_k12", "problem": "Find $x$.", "messages": []}


def test_numina_cot_takes_the_last_box_and_counts_them(read_rows) -> None:
    (row,) = read_rows("numina_math", COT | {"solution": r"\boxed{1}, then \boxed{\frac{1}{2}}."})
    assert row.answer == r"\frac{1}{2}"
    assert row.subject == "cn_k12"
    assert json.loads(row.provenance) == {
        "boxes": 2,
        "dataset": "AI-MO/NuminaMath-CoT",
        "file": "rows.jsonl",
        "licence": "Apache-2.0",
        "published_source": "cn_k12",
        "row": 1,
    }


def test_numina_cot_without_a_box_has_no_answer(read_rows) -> None:
    (row,) = read_rows("numina_math", COT | {"solution": "Thus proved."})
    assert row.answer is None


def test_numina_1_5_shows_a_filter_what_was_published(read_rows) -> None:
    (row,) = read_rows(
        "numina_math",
        {
            "problem": "Prove it.",
            "solution": "Done.",
            "answer": "proof",
            "problem_type": "Algebra",
            "question_type": "proof",
            "problem_is_valid": "Yes",
            "solution_is_valid": "Incomplete",
            "source": "olympiads",
            "synthetic": False,
        },
    )
    assert (row.answer, row.subject) == ("proof", "Algebra")
    origin = json.loads(row.provenance)
    assert origin["dataset"] == "AI-MO/NuminaMath-1.5"
    assert origin["question_type"] == "proof"
    assert origin["published_source"] == "olympiads"
    assert (origin["boxes"], origin["synthetic"]) == (0, False)


@pytest.mark.parametrize("cell", [None, "", "absent"])
def test_numina_provenance_has_no_key_for_what_was_not_published(read_rows, cell) -> None:
    verdicts = ("question_type", "problem_is_valid", "solution_is_valid")
    columns = {} if cell == "absent" else dict.fromkeys(verdicts, cell)
    row = {"problem": "2+2?", "solution": "-", "answer": "4", "problem_type": None}
    (question,) = read_rows("numina_math", row | columns | {"source": "olympiads"})
    assert set(json.loads(question.provenance)).isdisjoint({*verdicts, "problem_type"})
    assert question.subject == "olympiads"


def test_numina_tir_has_no_pool(read_rows) -> None:
    row = {"problem": "2+2?", "solution": r"\boxed{4}", "messages": []}
    (question,) = read_rows("numina_math", row)
    assert (question.answer, question.subject) == ("4", None)
    assert json.loads(question.provenance)["dataset"] == "AI-MO/NuminaMath-TIR"


def test_a_numina_problem_with_options_in_its_text_is_reported_as_published(read_rows) -> None:
    problem = "Pick the prime.\nA. 4\nB. 5"
    row = COT | {"problem": problem, "solution": r"So $\boxed{\text{B}}$."}
    (question,) = read_rows("numina_math", row)
    assert (question.question, question.options) == (problem, None)
    assert (question.answer, question.question_type) == (r"\text{B}", "open")


@pytest.mark.parametrize(
    ("columns", "dataset"),
    [
        ({"prompt": "P", "answer": "8", "id": "u1", "source": "math"}, "GAIR-NLP/LIMR"),
        ({"problem": "P", "answer": "8", "subject": "Algebra", "level": 1}, None),
        ({"problem": "P", "answer": "8", "difficulty": 5.0, "type": "Algebra"}, None),
        ({"problem": "P", "solution": "-", "expected_answer": "8", "id": 3}, "zwhe99/MATH"),
        ({"problem": "P", "level": "Level 1", "type": "Algebra", "solution": r"\boxed 8$"}, None),
    ],
)
def test_math_reads_every_published_form(read_rows, columns, dataset) -> None:
    (row,) = read_rows("math", columns)
    assert (row.question, row.answer) == ("P", "8")
    assert (row.domain, row.question_type, row.answer_kind) == ("mr", "open", "math")
    expected = dataset or "DigitalLearningGmbH/MATH-lighteval"
    assert json.loads(row.provenance)["dataset"] == expected


def test_math_reads_the_original_tree_of_one_problem_a_file(tmp_path: Path) -> None:
    for number, box in enumerate([r"\boxed{4}", r"\boxed{}", "no box"], 1):
        path = tmp_path / "train" / "algebra" / f"{number}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        problem = {"problem": "P", "level": "Level ?", "type": "Algebra", "solution": box}
        path.write_text(json.dumps(problem, indent=1))
    (tmp_path / "train" / "algebra" / "4.json").write_text('{"problem": ')
    (tmp_path / "README.md").write_text("not data")
    rows = list(read_source(get_source("math"), tmp_path))
    assert [getattr(row, "answer", "-") for row in rows] == ["4", "", None, "-"]
    assert rows[3] == Unreadable("train/algebra/4.json", 1, "not_json", '{"problem": ')


def test_provenance_has_the_same_bytes_whatever_the_order_of_columns(read_rows) -> None:
    columns = {"problem": "P", "answer": "8", "level": 1, "unique_id": "t/1"}
    backwards = dict(reversed(columns.items()))
    (one,), (other,) = read_rows("math", columns), read_rows("math", backwards)
    assert one.provenance == other.provenance
    assert one.provenance.startswith('{"dataset":"DigitalLearningGmbH/MATH-lighteval","file":')
