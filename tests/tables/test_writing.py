"""Writing: bytes that depend on the rows alone, plain types, and outputs whole or not at all."""

import os
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossthink_data.errors import SourceError
from crossthink_data.tables import QUESTION_SCHEMA, TRAINING_SCHEMA, Scratch, TableWriter, writing


def varied_table(question_rows, rows: int, words: int = 1) -> pa.Table:
    """Rows with nulls, empty lists and repeated words, so that every encoding is met."""
    return question_rows.table(
        question_rows.mcq(
            id=f"{number:016x}",
            origin_id=f"{number:016x}",
            source=f"source {number % 3}",
            subject=None if number % 4 else "botany",
            question=f"What is {number}?" * (words + number % 5),
            options=None if number % 7 == 0 else [str(number)] * (number % 5),
            attempts=[{"model": "m", "solved": number, "tried": 9}] if number % 11 == 0 else None,
        )
        for number in range(rows)
    )


def written(
    table: pa.Table, cuts: Sequence[int], metadata: dict[bytes, bytes] | None = None
) -> bytes:
    """The bytes of a file to which the table was written in parts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.parquet"
        writer = TableWriter(path, table.schema, metadata or {})
        for start, stop in zip([0, *cuts], [*cuts, table.num_rows], strict=True):
            writer.write(table.slice(start, stop - start))
        writer.close()
        assert writer.rows == table.num_rows
        return path.read_bytes()


def as_file(content: bytes) -> pq.ParquetFile:
    return pq.ParquetFile(pa.BufferReader(content))


def group_rows(content: bytes) -> list[int]:
    metadata = as_file(content).metadata
    return [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)]


# ---- bytes ----


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 60), st.lists(st.integers(0, 60), max_size=8))
def test_bytes_do_not_depend_on_how_rows_were_cut_into_writes(question_rows, rows, cuts) -> None:
    table = varied_table(question_rows, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "ROW_GROUP_ROWS", 7)
        content = written(table, sorted(min(cut, rows) for cut in cuts))
        assert content == written(table, [])
    assert as_file(content).read() == table
    assert group_rows(content) == [7] * (rows // 7) + ([rows % 7] if rows % 7 else [])


def test_bytes_do_not_depend_on_the_cuts_at_real_sizes_either(question_rows) -> None:
    table = varied_table(question_rows, 40_000, words=20)  # several pages a row group
    whole = written(table, [])
    assert group_rows(whole) == [16_384, 16_384, 40_000 - 2 * 16_384]
    for cuts in ([1], [16_383, 16_385], [*range(1000, 40_000, 1000)]):
        assert written(table, cuts) == whole
    assert as_file(whole).read() == table


def test_bytes_do_not_depend_on_chunks_or_on_offsets_of_a_slice(question_rows) -> None:
    table = varied_table(question_rows, 100)
    chunked = pa.concat_tables([table.slice(at, 13) for at in range(0, 100, 13)])
    assert written(chunked, [50]) == written(table, [])
    assert written(table.slice(40), []) == written(
        pa.Table.from_pylist(table.slice(40).to_pylist(), schema=table.schema), []
    )


def test_bytes_change_with_a_row_and_with_metadata(question_rows) -> None:
    table = varied_table(question_rows, 10)
    assert written(table, []) != written(table.slice(1), [])
    assert written(table, []) != written(table, [], {b"key": b"value"})
    assert as_file(written(table, [], {b"key": b"value"})).schema_arrow.metadata == {
        b"key": b"value"
    }


# ---- types ----


def test_wide_types_become_plain_ones_on_disk(question_rows) -> None:
    table = varied_table(question_rows, 20)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.parquet"
        writer = TableWriter(path, QUESTION_SCHEMA, {})
        wide = pl.DataFrame(table).select(reversed(table.column_names)).to_arrow()
        assert "large" in str(wide.schema)
        writer.write(wide)
        writer.close()
        assert pq.read_table(path).equals(table)
        assert pq.read_schema(path).equals(QUESTION_SCHEMA)


def test_polars_and_duckdb_read_the_same_rows(question_rows, tmp_path: Path) -> None:
    table = varied_table(question_rows, 30)
    path = tmp_path / "x.parquet"
    path.write_bytes(written(table, []))
    assert pl.read_parquet(path).to_dicts() == table.to_pylist()
    with duckdb.connect() as duck:
        found = duck.read_parquet(str(path)).to_arrow_table().to_pylist()
    assert found == table.to_pylist()


def test_training_rows_come_back_as_they_were(tmp_path: Path) -> None:
    extra: dict[str, Any] = dict.fromkeys(
        field.name for field in TRAINING_SCHEMA.field("extra_info").type
    )
    row = {
        "data_source": "crossthink/a",
        "prompt": [{"role": "user", "content": "What?"}],
        "ability": "gpr",
        "reward_model": {"style": "rule", "ground_truth": "(B) x"},
        "extra_info": extra | {"index": 0, "options": ["x", "y"], "epoch": 0},
    }
    path = tmp_path / "x.parquet"
    path.write_bytes(written(pa.Table.from_pylist([row], schema=TRAINING_SCHEMA), []))
    assert pl.read_parquet(path).to_dicts() == [row]
    assert pq.read_schema(path).equals(TRAINING_SCHEMA)


# ---- outputs whole or not at all ----


def write_both(out: Path, scratch: Scratch) -> None:
    for place in (out, out.with_suffix(".json")):
        scratch.file(place).write_text("new")


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_outputs_appear_at_commit_and_not_before(tmp_path: Path) -> None:
    out = tmp_path / "x.parquet"
    out.write_text("old")
    with Scratch(out) as scratch:
        write_both(out, scratch)
        assert out.read_text() == "old"
        assert not out.with_suffix(".json").exists()
        scratch.commit()
    assert contents(tmp_path) == {"x.parquet": "new", "x.json": "new"}


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit, OSError])
def test_an_error_leaves_the_old_outputs_and_nothing_else(tmp_path: Path, error) -> None:
    out = tmp_path / "x.parquet"
    out.write_text("old")
    with pytest.raises(error), Scratch(out) as scratch:  # noqa: PT012
        write_both(out, scratch)
        (scratch.path / "deep").mkdir()
        (scratch.path / "deep" / "spill.arrow").write_text("spilled")
        raise error
    assert contents(tmp_path) == {"x.parquet": "old"}


def test_a_block_that_never_commits_leaves_nothing(tmp_path: Path) -> None:
    with Scratch(tmp_path / "x.parquet") as scratch:
        write_both(tmp_path / "x.parquet", scratch)
    assert contents(tmp_path) == {}


def test_an_output_that_was_not_written_keeps_every_other_back(tmp_path: Path) -> None:
    out = tmp_path / "x.parquet"
    with Scratch(out) as scratch:
        scratch.file(out).write_text("new")
        scratch.file(tmp_path / "y.parquet")
        with pytest.raises(FileNotFoundError):
            scratch.commit()
    assert contents(tmp_path) == {}


def test_scratch_files_are_hidden_and_beside_their_place(tmp_path: Path) -> None:
    with Scratch(tmp_path / "x.parquet") as scratch:
        assert scratch.path.parent == tmp_path
        assert scratch.path.name.startswith(".x.parquet.")
        assert scratch.file(tmp_path / "x.parquet").parent == scratch.path


def test_two_runs_to_one_place_do_not_meet(tmp_path: Path) -> None:
    out = tmp_path / "x.parquet"
    with Scratch(out) as one, Scratch(out) as other:
        one.file(out).write_text("one")
        other.file(out).write_text("other")
        one.commit()
        other.commit()
    assert contents(tmp_path) == {"x.parquet": "other"}


def test_a_missing_folder_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    folder = tmp_path / "no" / "such"
    with pytest.raises(SourceError) as caught:
        Scratch(folder / "x.parquet")
    assert str(caught.value) == (
        f"--out {folder / 'x.parquet'}: there is no folder {folder}; "
        f"make it first with: mkdir -p {folder}"
    )


def test_a_file_where_the_folder_should_be_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match="there is no folder"):
        Scratch(tmp_path / "file" / "x.parquet")


def test_a_folder_as_output_is_refused_with_a_file_in_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=rf"is a folder; name a file in it, such as {tmp_path}/"):
        Scratch(tmp_path)


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path, monkeypatch) -> None:
    def refuse(**options: object) -> str:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(writing.tempfile, "mkdtemp", refuse)
    with pytest.raises(SourceError, match=r"cannot write in .* \(Read-only file system\)"):
        Scratch(tmp_path / "x.parquet")


def test_ctrl_c_between_two_renames_waits_until_all_are_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.parquet", "b.parquet"):
        (tmp_path / name).write_text("old")
    replace = os.replace

    def replace_and_interrupt(made: Path, place: Path) -> None:
        replace(made, place)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "replace", replace_and_interrupt)
    with pytest.raises(KeyboardInterrupt), Scratch(tmp_path / "a.parquet") as scratch:  # noqa: PT012
        for name in ("a.parquet", "b.parquet"):
            scratch.file(tmp_path / name).write_text("new")
        scratch.commit()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "a.parquet": "new",
        "b.parquet": "new",
    }
