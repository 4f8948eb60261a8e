"""Rollouts: rows of other people's files, under the names that their columns have."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossthink_data.errors import RecipeError, SourceError
from crossthink_data.rollouts import Columns, Rollout, read_rollouts
from crossthink_data.sources import Unreadable

Row = dict[str, Any]
NO_NAMES = Columns()


def lines(path: Path, *rows: object) -> Path:
    path.write_text(
        "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    )
    return path


def read(path: Path, columns: Columns = NO_NAMES) -> list[Rollout | Unreadable]:
    return list(read_rollouts(path, columns))


def only(path: Path, columns: Columns = NO_NAMES) -> Rollout:
    (row,) = read(path, columns)
    assert isinstance(row, Rollout), row
    return row


@pytest.mark.parametrize("completion", ["completion", "response", "output", "solution_str"])
@pytest.mark.parametrize("gold", ["gold", "ground_truth", "answer", "solution", "gts"])
@pytest.mark.parametrize("kind", ["kind", "answer_kind"])
def test_each_documented_name_is_read(
    tmp_path: Path, completion: str, gold: str, kind: str
) -> None:
    row = only(lines(tmp_path / "x.jsonl", {completion: "said", gold: "5", kind: "math"}))
    assert (row.completion, row.gold, row.kind, row.options) == ("said", "5", "math", None)


def test_our_training_rows_are_read_as_they_are(tmp_path: Path) -> None:
    row = {
        "completion": "said",
        "reward_model": {"style": "rule", "ground_truth": "(B) Mars"},
        "extra_info": {"answer_kind": "mcq", "options": ["Venus", "Mars"], "id": "00ff"},
    }
    expected = Rollout(1, "00ff", "said", "(B) Mars", "mcq", ["Venus", "Mars"])
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "x.parquet")
    assert only(tmp_path / "x.parquet") == expected
    assert only(lines(tmp_path / "x.jsonl", row)) == expected


def test_the_first_name_counts_and_a_null_in_it_is_no_gold(tmp_path: Path) -> None:
    both = {"completion": "said", "gold": "5", "answer": "what the model answered", "kind": "math"}
    path = lines(tmp_path / "x.jsonl", both, both | {"gold": None})
    first, second = read(path)
    assert isinstance(first, Rollout)
    assert first.gold == "5"
    assert isinstance(second, Unreadable)
    assert second.reason == "no_gold"


def test_columns_can_be_named(tmp_path: Path) -> None:
    row = {"completion": "not this", "model": {"said": "this"}, "right.one": "5", "gold": "7"}
    path = lines(tmp_path / "x.jsonl", row)
    found = only(path, Columns("model.said", "right.one", "math"))
    assert (found.completion, found.gold, found.kind) == ("this", "5", "math")


def test_a_conversation_is_what_the_assistant_said_last(tmp_path: Path) -> None:
    said = {"role": "assistant", "content": "first"}
    tool = {"role": "tool", "content": "4"}
    thought = {"role": "assistant", "content": "last", "reasoning_content": "so"}
    rows = [
        {"gold": 5, "kind": "math", "completion": completion}
        for completion in ([said, tool], [said, tool, thought], said, [], [tool], ["a"], 5)
    ]
    path = lines(tmp_path / "x.jsonl", *rows)
    told = [row.completion for row in read(path) if isinstance(row, Rollout)]
    assert told == ["first", "<think>so</think>last", "first", None, None, None, None]
    prefilled = list(read_rollouts(path, NO_NAMES, think="prefilled"))[1]
    assert isinstance(prefilled, Rollout)
    assert prefilled.completion == "so</think>last"


def test_a_worked_solution_stands_for_its_last_box(tmp_path: Path) -> None:
    row = {"completion": "x", "solution": r"\boxed{4}, no, \boxed{5}", "kind": "math"}
    assert only(lines(tmp_path / "x.jsonl", row)).gold == "5"


@pytest.mark.parametrize("gold", [5, 0.5, True, [1, 2], {"a": 1}, "", "5"])
def test_a_gold_may_be_any_json(tmp_path: Path, gold: object) -> None:
    row = {"completion": "x", "gold": gold, "kind": "math"}
    assert only(lines(tmp_path / "x.jsonl", row)).gold == gold


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"completion": None, "gold": "5", "kind": "math"}, "no_completion"),
        ({"gold": "5", "kind": "math"}, "no_completion"),
        ({"completion": "x", "gold": None, "kind": "math"}, "no_gold"),
        ({"completion": "x", "gold": "5"}, "no_kind"),
        ({"completion": "x", "gold": "5", "kind": "essay"}, "unknown_kind"),
        ({"completion": "x", "gold": "5", "kind": ["math"]}, "unknown_kind"),
        ({"completion": "x", "gold": "A", "kind": "mcq", "options": "A"}, "options_not_a_list"),
        ("{\n", "not_json"),
        ("[1]\n", "wrong_type"),
    ],
)
def test_a_row_that_cannot_be_graded_has_its_reason(
    tmp_path: Path, row: object, reason: str
) -> None:
    good = {"completion": "x", "gold": "5", "kind": "math"}
    first, second, third = read(lines(tmp_path / "x.jsonl", good, row, good))
    assert isinstance(first, Rollout)
    assert isinstance(third, Rollout)
    assert isinstance(second, Unreadable)
    assert (second.reason, second.number) == (reason, 2)


@pytest.mark.parametrize(
    ("row", "columns", "error", "message"),
    [
        ({"complet1on": "x", "gold": 5, "kind": "math"}, NO_NAMES, SourceError, "mean complet1on"),
        ({"completion": "x", "kind": "math"}, NO_NAMES, SourceError, "no row has a column gold or"),
        ({"completion": "x", "gold": 5}, NO_NAMES, SourceError, "say it with --kind"),
        (
            {"completion": "x", "gold": 5, "kind": "math"},
            Columns(completion="completon"),
            RecipeError,
            "no row has a column completon.*did you mean completion",
        ),
        (
            {"completion": "x", "gold": 5, "kind": "math"},
            Columns(gold="golt"),
            RecipeError,
            "did you mean gold",
        ),
    ],
)
def test_a_column_that_no_row_has_is_refused_by_its_name(
    tmp_path: Path, row: Row, columns: Columns, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        read(lines(tmp_path / "x.jsonl", row, row), columns)
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "x.parquet")
    with pytest.raises(error, match=message):
        read(tmp_path / "x.parquet", columns)


def test_the_columns_of_every_row_are_named(tmp_path: Path) -> None:
    path = lines(tmp_path / "x.jsonl", {"id": "a"}, {"complete": "x"})
    with pytest.raises(SourceError, match="columns are id, complete; did you mean complete"):
        read(path)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        read(tmp_path / "nothing.jsonl")
    with pytest.raises(SourceError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(SourceError, match="no row can be read"):
        read(lines(tmp_path / "x.jsonl", "no json\n", "nor this\n"))
    with pytest.raises(SourceError, match="form csv"):
        read(lines(tmp_path / "x.csv", "completion,gold\n"))
    with pytest.raises(SourceError, match="whole parquet file"):
        read(lines(tmp_path / "x.parquet", "PAR1 torn"))


def test_a_limit_stops_reading_and_still_knows_the_columns(tmp_path: Path) -> None:
    good = {"completion": "x", "gold": "5", "kind": "math"}
    path = lines(tmp_path / "x.jsonl", *[good] * 5)
    assert len(list(read_rollouts(path, NO_NAMES, 2))) == 2
    with pytest.raises(RecipeError, match="no row has a column golt"):
        list(read_rollouts(path, Columns(gold="golt"), 2))
