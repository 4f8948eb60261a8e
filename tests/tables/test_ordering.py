"""Ordering: one sequence of rows whatever way they came, spilled or not."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.tables import QUESTION_SCHEMA, Sorter, ordering, reading
from crossthink_data.tables.ordering import merge, sort_table, to_arrow
from crossthink_data.tables.reading import open_questions

Row = dict[str, Any]

TINY = {"RUN_BYTES": 1, "SPILL_ROWS": 2}


def tiny(patch: pytest.MonkeyPatch, **limits: int) -> None:
    """Make every table a spilled run, read back two rows at a time."""
    for name, value in {**TINY, **limits}.items():
        patch.setattr(ordering if hasattr(ordering, name) else reading, name, value)


def numbers(values: Sequence[int]) -> pa.Table:
    return pa.table(
        {
            "order": pa.array(values, pa.uint64()),
            "name": pa.array([str(v) for v in values], pa.string()),
        }
    )


def read(tables: Iterator[pa.Table]) -> list[Row]:
    return [row for table in tables for row in table.to_pylist()]


# ---- sorter and merge ----


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 9) | st.integers(0, 2**64 - 1))), st.integers(1, 4))
def test_a_sorter_gives_back_all_rows_in_order(tables, spill_rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        tiny(patch, SPILL_ROWS=spill_rows)
        sorter = Sorter(numbers([]).schema, "order", Path(folder), name="x")
        for values in tables:
            sorter.add(numbers(values))
        found = [row["order"] for row in read(iter(sorter))]
        assert found == sorted(value for values in tables for value in values)
        assert len(list(Path(folder).iterdir())) == sum(bool(values) for values in tables)


def test_a_sorter_below_its_limit_writes_nothing(tmp_path: Path) -> None:
    sorter = Sorter(numbers([]).schema, "order", tmp_path, name="x")
    sorter.add(numbers([3, 1, 2]))
    assert [row["order"] for row in read(iter(sorter))] == [1, 2, 3]
    assert not list(tmp_path.iterdir())


def test_a_sorter_holds_rows_up_to_its_limit_and_then_writes_a_run(tmp_path: Path) -> None:
    table = numbers(range(100))
    with pytest.MonkeyPatch.context() as patch:
        tiny(patch, RUN_BYTES=3 * table.nbytes)
        sorter = Sorter(table.schema, "order", tmp_path, name="x")
        for rows, files in ((1, 0), (2, 0), (3, 1), (4, 1), (5, 1), (6, 2), (7, 2)):
            sorter.add(table)
            assert (rows, len(list(tmp_path.iterdir()))) == (rows, files)
        assert [row["order"] for row in read(iter(sorter))] == sorted([*range(100)] * 7)


def test_two_sorters_in_one_folder_keep_their_rows_apart(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        tiny(patch)
        one, other = (Sorter(numbers([]).schema, "order", tmp_path, name=name) for name in "xy")
        one.add(numbers([2, 1]))
        other.add(numbers([9, 8]))
        assert [row["order"] for row in read(iter(one))] == [1, 2]
        assert [row["order"] for row in read(iter(other))] == [8, 9]


def test_an_empty_sorter_gives_nothing(tmp_path: Path) -> None:
    sorter = Sorter(numbers([]).schema, "order", tmp_path, name="x")
    sorter.add(numbers([]))
    assert read(iter(sorter)) == []


@settings(deadline=None)
@given(st.lists(st.lists(st.lists(st.integers(0, 5), max_size=4), max_size=4), max_size=4))
def test_merged_runs_are_one_run(parts: list[list[list[int]]]) -> None:
    """Runs in any number of tables, some empty, with keys that fill whole tables."""
    runs = []
    for cuts in parts:
        values = iter(sorted(value for cut in cuts for value in cut))
        runs.append(iter([numbers([next(values) for _ in cut]) for cut in cuts]))
    found = [row["order"] for row in read(merge(runs, "order"))]
    assert found == sorted(value for cuts in parts for cut in cuts for value in cut)


def test_a_merge_reads_no_run_ahead_of_what_it_gives_out() -> None:
    asked: list[int] = []

    def run() -> Iterator[pa.Table]:
        for start in range(0, 100, 10):
            asked.append(start)
            yield numbers(range(start, start + 10))

    merged = merge([run()], "order")
    next(merged)
    assert len(asked) <= 2
    read(merged)
    assert len(asked) == 10


def test_ids_are_ordered_by_their_bytes(question_rows) -> None:
    ids = ["b", "B", "a", "é", "z", "火", "", "aa", "\U0001f600", "\uffff"]
    table = question_rows.table(question_rows.mcq(id=one) for one in ids)
    found = sort_table(table, "id")["id"].to_pylist()
    assert found == sorted(ids, key=lambda one: one.encode())


def test_to_arrow_gives_plain_types_back(question_rows) -> None:
    row = question_rows.mcq(attempts=[{"model": "m", "solved": 1, "tried": 2}])
    frame = question_rows.frame([row]).collect()
    assert to_arrow(frame, QUESTION_SCHEMA).schema == QUESTION_SCHEMA


# ---- question files ----

small_rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["1", "2", "3"]),
            "provenance": st.sampled_from(['{"row": 1}', '{"row": 2}']),
            "answer": st.sampled_from([None, "x", "y", "火"]),
            "source": st.sampled_from(["a", "b"]),
            "options": st.sampled_from([None, [], [None], ["x"], ["x", "y"]]),
            "attempts": st.sampled_from([None, [], [None], [{"model": "m", "solved": 1}]]),
        }
    ),
    min_size=1,
    max_size=14,
)


def in_order(question_rows, files: Sequence[Sequence[Row]]) -> list[Row]:
    """The rows of those files as they are read in order."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [
            question_rows.file(
                folder / f"{at}.parquet",
                (question_rows.mcq(**row) for row in rows),
                row_group_size=3,
            )
            for at, rows in enumerate(files)
        ]
        spill = folder / "spill"
        spill.mkdir()
        return read(open_questions(paths).in_order(spill))


@settings(deadline=None, max_examples=60)
@given(small_rows, st.data())
def test_the_same_rows_come_in_the_same_sequence_from_any_files(question_rows, rows, data) -> None:
    expected = in_order(question_rows, [rows])
    shuffled = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    files = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    # Files that are in order already are merged without being sorted: try those too.
    files = [
        sorted(part, key=lambda row: row["id"]) if data.draw(st.booleans()) else part
        for part in files
    ]
    with pytest.MonkeyPatch.context() as patch:
        if data.draw(st.booleans()):
            tiny(
                patch,
                _BATCH_ROWS=2,
                _FEWEST_BATCH_ROWS=2,
                RUN_BYTES=data.draw(st.sampled_from([1, 1000])),
            )
        assert in_order(question_rows, files) == expected


@settings(deadline=None, max_examples=40)
@given(small_rows)
def test_question_rows_are_ordered_by_id_then_provenance_and_none_is_lost(
    question_rows, rows
) -> None:
    found = in_order(question_rows, [rows])
    keys = [(row["id"], row["provenance"]) for row in found]
    assert keys == sorted(keys)

    def as_text(some: Sequence[Row]) -> list[str]:
        made = question_rows.table(question_rows.mcq(**row) for row in some).to_pylist()
        return sorted(json.dumps(row, sort_keys=True) for row in made)

    assert sorted(json.dumps(row, sort_keys=True) for row in found) == as_text(rows)


def test_many_rows_of_one_id_are_ordered_across_tables_and_files(question_rows) -> None:
    rows = [{"id": "1", "origin_id": "1", "answer": f"{number:03}"} for number in range(40)]
    with pytest.MonkeyPatch.context() as patch:
        tiny(patch, _BATCH_ROWS=2, _FEWEST_BATCH_ROWS=2)
        found = in_order(question_rows, [rows[30:], rows[:7], rows[7:30]])
    assert [row["answer"] for row in found] == [row["answer"] for row in rows]


def test_files_out_of_order_are_spilled_and_files_in_order_are_not(
    question_rows, tmp_path: Path
) -> None:
    rows = [question_rows.mcq(id=f"{number:04}") for number in range(600)]
    tidy = question_rows.file(tmp_path / "tidy.parquet", rows)
    loose = question_rows.file(tmp_path / "loose.parquet", rows[::-1])
    with pytest.MonkeyPatch.context() as patch:
        tiny(patch, RUN_BYTES=20_000)
        for path, runs in ((tidy, False), (loose, True)):
            spill = tmp_path / f"spill of {path.stem}"
            spill.mkdir()
            found = read(open_questions([path]).in_order(spill))
            assert [row["id"] for row in found] == [row["id"] for row in rows]
            assert bool(list(spill.glob("*.arrow"))) == runs


def test_a_chosen_few_columns_come_in_the_same_order(question_rows, tmp_path: Path) -> None:
    rows = [
        question_rows.mcq(id=str(number % 5), provenance=f'{{"row": {number * 7 % 11}}}')
        for number in range(11)
    ]
    path = question_rows.file(tmp_path / "x.parquet", rows)
    columns = ("id", "provenance")
    few = read(open_questions([path]).in_order(tmp_path, columns=columns))
    whole = read(open_questions([path]).in_order(tmp_path))
    assert few == [{name: row[name] for name in columns} for row in whole]
