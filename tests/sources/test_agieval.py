"""AGIEval: tasks by file name, labels of all kinds, printed option labels taken off."""

import pytest

from crossthink_data.sources import RawRow
from crossthink_data.sources.agieval import (
    ENGLISH_TASKS,
    TASKS,
    read_port,
    stem_of_query,
    without_labels,
)

ROW = {"passage": None, "question": "Q?", "options": ["(A)5", "(B)6", "(C)7"], "label": "B"}


def test_there_are_21_tasks_of_which_ten_are_the_english_group() -> None:
    assert len(TASKS) == len(set(TASKS)) == 21
    assert len(ENGLISH_TASKS) == 10
    assert set(ENGLISH_TASKS) <= set(TASKS)


@pytest.mark.parametrize(
    ("label", "answer", "expected"),
    [
        ("B", "6", "B"),
        (["B"], "6", "B"),
        (["A", "C"], None, "A,C"),
        ([], None, None),
        (None, None, None),
        ("F", None, "F"),
    ],
)
def test_labels_are_reported_as_published(read_rows, label, answer, expected) -> None:
    (row,) = read_rows("agieval", ROW | {"label": label}, file="jec-qa-kd.jsonl")
    assert (row.answer, row.answer_label, row.options) == (answer, expected, ("5", "6", "7"))
    assert (row.subject, row.domain) == ("jec-qa-kd", "gpr")


def test_a_passage_comes_before_the_question(read_rows) -> None:
    rows = read_rows("agieval", ROW | {"passage": "Text."}, ROW | {"passage": ""}, file="x.jsonl")
    assert [row.question for row in rows] == ["Text.\nQ?", "Q?"]
    assert rows[0].subject is None


@pytest.mark.parametrize("task", ["sat-math", "aqua-rat", "gaokao-mathqa"])
def test_choice_tasks_in_mathematics_belong_to_mr(read_rows, task: str) -> None:
    (row,) = read_rows("agieval", ROW, file=f"v1/{task}.jsonl")
    assert (row.domain, row.question_type, row.subject) == ("mr", "mcq", task)


@pytest.mark.parametrize(
    ("repository", "task", "domain"),
    [
        ("hails/agieval-sat-math", "sat-math", "mr"),
        ("dmayhem93/AGIEval-lsat-ar", "lsat-ar", "gpr"),
        ("someone/exams", None, "gpr"),
    ],
)
def test_the_task_of_a_single_hub_port_is_its_repository(repository, task, domain) -> None:
    columns = {"query": "Q: Q?", "choices": ["(A)x", "(B)y"], "gold": [0]}
    question = read_port(RawRow(columns, "default/test", 1, repository, "main"))
    assert (question.subject, question.domain) == (task, domain)


def test_rows_without_options_are_open_and_graded_by_answer(read_rows) -> None:
    cloze = {"passage": None, "question": "Q?", "options": None, "label": None, "answer": "(3,4]"}
    (row,) = read_rows("agieval", cloze | {"other": {"level": 5}}, file="math.jsonl")
    assert (row.question_type, row.answer_kind, row.domain) == ("open", "math", "mr")
    assert (row.answer, row.answer_label, row.options) == ("(3,4]", None, None)
    assert '"level":5' in row.provenance


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        (("(A)x", "(B) y"), ("x", "y")),
        ((" A. x", "(B)y"), ("x", "y")),
        (("A x", "B y"), ("x", "y")),
        (("A\uff0ex", "B\uff0ey"), ("x", "y")),
        (("A? x", "B? y"), ("x", "y")),
        (("A man", "Two men"), ("A man", "Two men")),
        (("(A)p", "(C)q", "(B)r", "(D)s"), ("p", "r", "q", "s")),
        (("(A)p", "(C)q", "(C)r", "(D)s"), ("p", "q", "r", "s")),
        (("(A)No.1", "Storehouse B.3"), ("No.1", "Storehouse B.3")),
        (("A", "B"), ("A", "B")),
        (("", "(B)"), ("", "")),
    ],
)
def test_a_label_goes_only_where_it_looks_like_one(published, expected) -> None:
    assert without_labels(published) == expected


def test_options_printed_out_of_order_keep_the_gold_of_their_letter(read_rows) -> None:
    row = ROW | {"options": ["(A)p", "(C)q", "(B)right", "(D)s"], "label": "B"}
    (question,) = read_rows("agieval", row, file="logiqa-en.jsonl")
    assert (question.answer, question.answer_label) == ("right", "B")


def test_the_hub_port_is_read_back_into_stem_and_options(read_rows) -> None:
    query = "A passage.Q: Which? Answer Choices: (A)x (B)y\nA: Among A through B, the answer is"
    (row,) = read_rows(
        "agieval", {"query": query, "choices": ["(A)x", "(B)y"], "gold": [1]}, file="lsat-ar.jsonl"
    )
    assert row.question == "A passage.\nWhich?"
    assert (row.options, row.answer, row.answer_label) == (("x", "y"), "y", "B")


def test_the_cloze_port_loses_its_call_to_answer() -> None:
    assert stem_of_query("Q: What is 1+1?\nA: The answer is") == "What is 1+1?"
    assert stem_of_query("no markers at all") == "no markers at all"
