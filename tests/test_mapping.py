"""A user's own file, read through a mapping of column names."""

import json
from pathlib import Path

import pytest

from crossthink_data.errors import RecipeError, SourceError
from crossthink_data.mapping import mapped_source
from crossthink_data.raw import Unreadable, find_origin, read_source
from crossthink_data.records import Question


def read(path: Path, *rows: dict[str, object], **mapping: object) -> list[Question | Unreadable]:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    settings = {"domain": "gpr", "answer_kind": "short_open"} | mapping
    return list(read_source(mapped_source("mine", **settings), path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mine.jsonl"


@pytest.mark.parametrize(
    ("published", "answer"),
    [
        (11760, "11760"),
        (1.0, "1.0"),
        (0.25, "0.25"),
        (True, "True"),
        ([1, 2], "[1, 2]"),
        ("x", "x"),
        ("", ""),
        (None, None),
        (float("nan"), None),
    ],
)
def test_answers_of_any_type_become_text(path, published, answer) -> None:
    (row,) = read(path, {"q": "Q", "a": published}, columns={"question": "q", "answer": "a"})
    assert row.answer == answer
    assert (row.source, row.question_type, row.answer_kind) == ("mine", "open", "short_open")


def test_an_answer_that_is_an_object_costs_its_row_only(path) -> None:
    bad, good = read(
        path,
        {"q": "Q", "a": {"x": 1}},
        {"q": "Q", "a": 1},
        columns={"question": "q", "answer": "a"},
    )
    assert (bad.reason, good.answer) == ("wrong_type", "1")


def test_several_question_columns_are_joined_and_empty_ones_left_out(path) -> None:
    columns = {"question": ["text", "q"], "answer": "a"}
    rows = [{"text": text, "q": "Q?", "a": "1"} for text in ("Passage.", "", None)]
    assert [row.question for row in read(path, *rows, columns=columns)] == [
        "Passage.\nQ?",
        "Q?",
        "Q?",
    ]


@pytest.mark.parametrize(
    ("row", "options"),
    [
        ({"o": ["x", "y"]}, "o"),
        ({"o": {"A": "x", "B": "y"}}, "o"),
        ({"o": {"B": "y", "A": "x"}}, "o"),
        ({"o": {"a": "x", "b": "y"}}, "o"),
        ({"o": {"(B)": "y", "(A)": "x"}}, "o"),
        ({"o1": "x", "o2": "y"}, ["o1", "o2"]),
    ],
)
@pytest.mark.parametrize(
    ("gold", "key"), [("B", "answer_label"), (1, "answer_index"), ("1", "answer_index")]
)
def test_options_stand_in_a_list_an_object_or_columns(path, row, options, gold, key) -> None:
    (question,) = read(
        path,
        row | {"q": "Q", "g": gold, "s": "law", "n": 7},
        answer_kind="mcq",
        columns={"question": "q", "options": options, key: "g", "subject": "s", "id": "n"},
        licence="CC0",
    )
    assert question.options == ("x", "y")
    assert (question.answer, question.answer_label, question.subject) == ("y", "B", "law")
    assert json.loads(question.provenance) == {
        "dataset": "mine",
        "file": "mine.jsonl",
        "licence": "CC0",
        "published_id": 7,
        "row": 1,
    }


def test_a_number_as_a_label_is_not_guessed_to_be_a_position(path) -> None:
    (row,) = read(
        path,
        {"q": "Q", "o": ["x", "y"], "g": 1},
        answer_kind="mcq",
        columns={"question": "q", "options": "o", "answer_label": "g"},
    )
    assert (row.answer, row.answer_label) == (None, "1")


LETTERED = {"question": "q", "options": "o", "answer_label": "g"}


@pytest.mark.parametrize(
    ("published", "letter", "answer"),
    [
        ("b", "B", "y"),
        ("(C)", "C", "z"),
        ("(c)", "C", "z"),
        ("[C]", "C", "z"),
        (" d ", "D", "w"),
        ("C.", "C", "z"),
        ("C)", "C", "z"),
        ("c:", "C", "z"),
        ("e", "E", None),
        ("a, c", "A,C", None),
        ("(A) and (C)", "A,C", None),
        (["a", "(C)"], "A,C", None),
        (["b"], "B", "y"),
        ([], None, None),
        ([1], "1", None),
        ("third", "third", None),
        ("B) y", "B) y", None),
        ("  ", None, None),
        (None, None, None),
    ],
)
def test_a_label_is_read_as_its_letter_and_what_is_none_stays(
    path, published, letter, answer
) -> None:
    row = {"q": "Q", "o": ["x", "y", "z", "w"], "g": published}
    (question,) = read(path, row, answer_kind="mcq", columns=LETTERED)
    assert (question.answer_label, question.answer) == (letter, answer)


@pytest.mark.parametrize(
    "options", [{"A": "x", "C": "y"}, {"a": "x", "A": "y"}, {"one": "x", "two": "y"}]
)
def test_an_object_that_is_not_lettered_costs_its_row_only(path, options) -> None:
    good = {"q": "Q", "o": ["x", "y"], "g": "A"}
    bad, read_well = read(path, good | {"o": options}, good, answer_kind="mcq", columns=LETTERED)
    assert bad.reason == "wrong_type"
    assert all(repr(key) in bad.detail for key in options)
    assert read_well.answer == "x"


def test_text_and_label_are_both_reported_when_both_are_mapped(path) -> None:
    (row,) = read(
        path,
        {"q": "Q", "o": ["x", "y"], "g": "A", "a": "y"},
        answer_kind="mcq",
        columns={"question": "q", "options": "o", "answer_label": "g", "answer": "a"},
    )
    assert (row.answer, row.answer_label) == ("y", "A")


def test_the_gold_may_be_the_last_box_of_a_column(path) -> None:
    rows = read(
        path,
        {"q": "Q", "s": r"\boxed{1.6} \mathrm{cm}"},
        {"q": "Q", "s": "none"},
        answer_kind="math",
        columns={"question": "q", "answer_box": "s"},
    )
    assert [row.answer for row in rows] == ["1.6", None]


def test_a_csv_with_any_separator_is_read_by_its_header(tmp_path: Path) -> None:
    source = mapped_source(
        "mine", domain="gpr", answer_kind="short_open", columns={"question": "q", "answer": "a"}
    )
    path = tmp_path / "mine.csv"
    path.write_text('n;q;a\n1;"a, b; c";NA\n')
    (row,) = read_source(source, path)
    assert (row.question, row.answer) == ("a, b; c", "NA")


def test_a_column_the_file_lacks_is_named_with_the_closest_one(path) -> None:
    with pytest.raises(SourceError, match=r"lacks quesion \(did you mean question\?\)"):
        read(path, {"question": "Q", "a": 1}, columns={"question": "quesion", "answer": "a"})


def test_a_source_of_ones_own_must_be_told_where_it_is() -> None:
    source = mapped_source(
        "mine", domain="gpr", answer_kind="short_open", columns={"question": "q", "answer": "a"}
    )
    with pytest.raises(RecipeError, match="--from PATH"):
        find_origin(source)


GOOD = {"question": "q", "answer": "a"}


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"columns": {"question": "q", "anwser": "a"}}, "did you mean answer?"),
        ({"columns": {"answer": "a"}}, "no question"),
        ({"columns": {"question": "q"}}, "no gold"),
        ({"columns": GOOD | {"answer": ""}}, "names no column"),
        ({"columns": GOOD | {"subject": ["a", "b"]}}, "wanted is one"),
        ({"columns": GOOD | {"answer_box": "s"}}, "both answer and answer_box"),
        ({"columns": GOOD, "domain": "gprs"}, "did you mean gpr?"),
        ({"columns": GOOD, "answer_kind": "shortopen"}, "did you mean short_open?"),
        ({"columns": GOOD, "answer_kind": "mcq"}, "map `options`"),
        ({"columns": GOOD | {"options": "o"}}, "map `options`"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(mapping, message: str) -> None:
    settings = {"domain": "gpr", "answer_kind": "short_open"} | mapping
    with pytest.raises(RecipeError) as caught:
        mapped_source("mine", **settings)
    assert "mine" in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["", " ", "my data", "a:b", "a=1", "open", "mcq", "gpr", "all"])
def test_a_name_that_a_ratio_could_not_hold_is_refused(name: str) -> None:
    with pytest.raises(RecipeError, match="give") as caught:
        mapped_source(name, domain="gpr", answer_kind="short_open", columns=GOOD)
    assert repr(name) in str(caught.value)
