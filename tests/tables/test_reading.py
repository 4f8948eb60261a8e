"""Reading: files that are none, rows that cannot be read, and types that others write."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossthink_data.errors import SourceError
from crossthink_data.records import question_id
from crossthink_data.tables import (
    FILTERED_KEY,
    QUESTION_SCHEMA,
    REJECT_SCHEMA,
    Sorter,
    open_questions,
    read_questions,
    reading,
    sha256_of,
)

Row = dict[str, Any]


def read(*paths: Path) -> tuple[list[Row], list[Row]]:
    """Rows in order, and rows set apart."""
    spill = paths[0].parent / "spill"
    spill.mkdir(exist_ok=True)
    apart = Sorter(REJECT_SCHEMA, "id", spill, name="apart")
    rows = [
        row for table in open_questions(paths).in_order(spill, apart) for row in table.to_pylist()
    ]
    return rows, [row for table in apart for row in table.to_pylist()]


def unchecked_text(values: list[bytes | None]) -> pa.Array:
    """A string array of these bytes, UTF-8 or not."""
    raw = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())


def with_column(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, column)


@contextmanager
def or_skip() -> Iterator[None]:
    """Skips the test where an older pyarrow cannot make its input."""
    try:
        yield
    except pa.ArrowNotImplementedError as error:
        pytest.skip(f"pyarrow {pa.__version__}: {error}")


@pytest.fixture
def five(question_rows) -> pa.Table:
    """Five rows in order of id."""
    return question_rows.table(
        question_rows.mcq(id=f"{number}", question=f"Question {number}?") for number in range(5)
    )


# ---- files that are none ----


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read(path)
    with pytest.raises(SourceError) as lazily:
        read_questions(path).collect()
    assert str(lazily.value) == str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value).removeprefix(f"{path}: ")


def test_a_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.parquet").startswith("no such file; ")


def test_a_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "is a folder; name the parquet files in it"


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"id,question\n1,What?\n", b'{"id": "1"}\n' * 100, b"\x00" * 5000]
)
def test_a_file_that_is_no_parquet(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(content)
    message = refusal(path)
    assert message.startswith("not a whole parquet file (")
    assert message.endswith("write or copy it again")


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.99])
def test_a_truncated_file(tmp_path: Path, five: pa.Table, kept: float) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(five, path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    assert refusal(path).startswith("not a whole parquet file (")


@pytest.mark.parametrize("name", ["id", "question"])
def test_a_file_with_a_broken_page(tmp_path: Path, question_rows, name: str) -> None:
    path = tmp_path / "x.parquet"
    rows = [question_rows.mcq(id=f"{n:05}", question=f"What is {n}?") for n in range(5000)]
    question_rows.file(path, rows, use_dictionary=False)
    group = pq.read_metadata(path).row_group(0)
    chunks = {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}
    content = bytearray(path.read_bytes())
    first, size = chunks[name].data_page_offset + 40, chunks[name].total_compressed_size - 40
    content[first : first + size] = b"\xff" * size
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"x.parquet: not a whole parquet file \("):
        read(path)


def test_files_without_rows(tmp_path: Path, question_rows) -> None:
    paths = [question_rows.file(tmp_path / name, []) for name in ("a.parquet", "b.parquet")]
    with pytest.raises(SourceError, match=r"a.parquet, .*b.parquet: no rows in the input; "):
        open_questions(paths)


def test_an_empty_file_beside_a_full_one_is_read(tmp_path: Path, question_rows) -> None:
    empty = question_rows.file(tmp_path / "a.parquet", [])
    full = question_rows.file(tmp_path / "b.parquet", [question_rows.mcq()])
    assert len(read(empty, full)[0]) == 1
    assert open_questions([empty, full]).rows == 1


def test_the_first_bad_file_among_good_ones_is_named(tmp_path: Path, question_rows) -> None:
    good = question_rows.file(tmp_path / "good.parquet", [question_rows.mcq()])
    with pytest.raises(SourceError, match=r"bad.parquet: no such file"):
        open_questions([good, tmp_path / "bad.parquet", good])


def test_files_without_the_mark_of_filter_are_listed(tmp_path: Path, five: pa.Table) -> None:
    plain, marked = tmp_path / "plain.parquet", tmp_path / "marked.parquet"
    pq.write_table(five, plain)
    pq.write_table(five.replace_schema_metadata({FILTERED_KEY: b"{}"}), marked)
    assert open_questions([plain, marked]).unfiltered == (plain,)


# ---- rows that cannot be read ----

BAD = [b"fine", b"caf\xe9", b"\xed\xa0\x80", "火".encode(), b"\xff\xfe"]


@pytest.mark.parametrize("name", ["question", "answer", "source", "provenance", "answer_label"])
def test_rows_with_text_that_is_no_utf8_are_set_apart_alone(
    tmp_path: Path, five: pa.Table, name: str
) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(with_column(five, name, unchecked_text(BAD)), path)
    rows, apart = read(path)
    assert [(row["id"], row[name]) for row in rows] == [("0", "fine"), ("3", "火")]
    assert [(row["id"], row["step"], row["reason"], row["detail"]) for row in apart] == [
        ("1", "read", "not_utf8", rf"{name}: caf\xe9"),
        ("2", "read", "not_utf8", rf"{name}: \xed\xa0\x80"),
        ("4", "read", "not_utf8", rf"{name}: \xff\xfe"),
    ]
    assert [row[name] for row in apart] == [r"caf\xe9", r"\xed\xa0\x80", r"\xff\xfe"]
    assert all(row["options"] == ["Venus", "Mars", "Jupiter", "Saturn"] for row in apart)


def test_an_id_that_is_no_utf8_sets_its_row_apart(tmp_path: Path, five: pa.Table) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(with_column(five, "id", unchecked_text([b"0", b"\xff", b"2", b"3", b"4"])), path)
    rows, apart = read(path)
    assert [row["id"] for row in rows] == ["0", "2", "3", "4"]
    assert [(row["id"], row["reason"]) for row in apart] == [(r"\xff", "not_utf8")]


def test_an_option_that_is_no_utf8_sets_only_its_own_row_apart(
    tmp_path: Path, five: pa.Table
) -> None:
    path = tmp_path / "x.parquet"
    texts = unchecked_text([b"a", b"b", b"a", b"caf\xe9", None, b"a", b"b"])
    options = pa.ListArray.from_arrays(pa.array([0, 2, 5, 7, 7, 7], pa.int32()), texts)
    pq.write_table(with_column(five, "options", options), path)
    rows, apart = read(path)
    assert [row["options"] for row in rows] == [["a", "b"], ["a", "b"], [], []]
    assert [(row["id"], row["options"]) for row in apart] == [("1", ["a", r"caf\xe9", None])]
    assert apart[0]["detail"] == r"options: ['a', 'caf\\xe9', None]"


def test_attempts_that_are_no_utf8_set_only_their_own_row_apart(
    tmp_path: Path, five: pa.Table
) -> None:
    path = tmp_path / "x.parquet"
    kind = QUESTION_SCHEMA.field("attempts").type.value_type
    texts, counts = unchecked_text([b"small", b"\xff"]), pa.array([1, 2], pa.int32())
    fields = [texts, texts, texts, counts, counts, pa.array([1.0, 2.0])]
    entries = pa.StructArray.from_arrays(fields, fields=list(kind))
    attempts = pa.ListArray.from_arrays(pa.array([0, 1, 2, 2, 2, 2], pa.int32()), entries)
    pq.write_table(with_column(five, "attempts", attempts), path)
    rows, apart = read(path)
    assert [row["id"] for row in rows] == ["0", "2", "3", "4"]
    assert rows[0]["attempts"][0]["model"] == "small"
    assert [(row["id"], row["detail"]) for row in apart] == [("1", "attempts: None")]


def test_a_bad_row_is_found_among_many(tmp_path: Path, question_rows) -> None:
    table = question_rows.table(question_rows.mcq(id=f"{number:05}") for number in range(20_000))
    texts: list[bytes | None] = [b"What?"] * 20_000
    texts[7] = texts[16_400] = texts[19_999] = b"\xff"
    path = tmp_path / "x.parquet"
    pq.write_table(with_column(table, "question", unchecked_text(texts)), path)
    rows, apart = read(path)
    assert [row["id"] for row in apart] == ["00007", "16400", "19999"]
    assert len(rows) == 19_997


def test_rows_without_an_id_are_set_apart_under_the_id_of_their_content(
    tmp_path: Path, question_rows
) -> None:
    lost = question_rows.mcq(question="Lost?")
    fields = (lost[name] for name in ("source", "question_type", "question", "options", "answer"))
    rows = [question_rows.mcq(id="1"), lost | {"id": None}, question_rows.mcq(id="0")]
    kept, apart = read(question_rows.file(tmp_path / "x.parquet", rows))
    assert [row["id"] for row in kept] == ["0", "1"]
    (reject,) = apart
    assert (reject["reason"], reject["detail"]) == ("unreadable_row", "id is null")
    assert reject["id"] == question_id(*fields)
    assert reject["question"] == "Lost?"


def test_a_file_of_nothing_but_rows_without_an_id(tmp_path: Path, five: pa.Table) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(with_column(five, "id", pa.nulls(5)), path)
    rows, apart = read(path)
    assert (len(rows), len(apart)) == (0, 5)


def test_rows_set_apart_are_passed_over_at_a_second_reading(tmp_path: Path, question_rows) -> None:
    rows = [question_rows.mcq(id="1"), question_rows.mcq() | {"id": None}]
    files = open_questions([question_rows.file(tmp_path / "x.parquet", rows)])
    assert sum(table.num_rows for table in files.in_order(tmp_path)) == 1


def test_an_unreadable_row_costs_the_other_files_nothing(
    tmp_path: Path, five: pa.Table, question_rows
) -> None:
    bad = tmp_path / "bad.parquet"
    pq.write_table(with_column(five, "question", unchecked_text([b"\xff"] * 5)), bad)
    good = question_rows.file(tmp_path / "good.parquet", [question_rows.mcq(id="2")])
    rows, apart = read(bad, good)
    assert ([row["id"] for row in rows], len(apart)) == (["2"], 5)


# ---- what others write ----


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int32(), pa.string()),
        pa.dictionary(pa.int32(), pa.large_string()),
    ],
    ids=str,
)
def test_other_spellings_of_text_are_read_as_text(
    tmp_path: Path, five: pa.Table, kind: pa.DataType
) -> None:
    path = tmp_path / "x.parquet"
    with or_skip():
        columns = [
            pa.array(column.to_pylist(), kind) if column.type == pa.string() else column
            for column in five.columns
        ]
        pq.write_table(pa.table(columns, names=five.column_names), path)
    assert pq.read_schema(path).field("question").type != pa.string()
    assert read(path) == (five.to_pylist(), [])
    assert read_questions(path).collect().rows() == pl.DataFrame(five).rows()


@pytest.mark.parametrize(
    "kind",
    [pa.large_list(pa.large_string()), pa.list_(pa.string(), 4), pa.list_(pa.string_view())],
    ids=str,
)
def test_other_spellings_of_lists_are_read_as_lists(
    tmp_path: Path, five: pa.Table, kind: pa.DataType
) -> None:
    path = tmp_path / "x.parquet"
    with or_skip():
        options = pa.array(five["options"].to_pylist(), kind)
        pq.write_table(with_column(five, "options", options), path)
    assert read(path) == (five.to_pylist(), [])


def test_a_dictionary_whose_words_are_out_of_order_is_read_in_order(
    tmp_path: Path, five: pa.Table
) -> None:
    path = tmp_path / "x.parquet"
    ids = pa.DictionaryArray.from_arrays(pa.array(range(5), pa.int32()), list("edcba"))
    pq.write_table(with_column(five, "id", ids), path)
    assert [row["id"] for row in read(path)[0]] == list("abcde")


def test_files_that_polars_writes_are_read(tmp_path: Path, five: pa.Table) -> None:
    path = tmp_path / "x.parquet"
    frame = pl.DataFrame(five).with_columns(pl.col("source").cast(pl.Categorical))
    frame.write_parquet(path)
    assert read(path) == (five.to_pylist(), [])
    assert read_questions(path).collect_schema() == pl.DataFrame(five).schema


def test_columns_in_another_order_are_read_in_ours(tmp_path: Path, five: pa.Table) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(five.select(sorted(five.column_names, reverse=True)), path)
    assert read(path) == (five.to_pylist(), [])
    assert read_questions(path).collect().columns == five.column_names


def test_a_number_too_large_for_its_column_is_refused_by_file(
    tmp_path: Path, question_rows
) -> None:
    wide = [{"model": "m", "solved": 2**40, "tried": 2**40}]
    field = QUESTION_SCHEMA.field("attempts").type.value_type
    kinds = {f.name: pa.int64() if f.type == pa.int32() else f.type for f in field}
    attempts = pa.array([wide], pa.list_(pa.struct(kinds.items())))
    path = tmp_path / "x.parquet"
    pq.write_table(
        with_column(question_rows.table([question_rows.mcq()]), "attempts", attempts), path
    )
    with pytest.raises(
        SourceError, match=r"x.parquet: a value does not fit its column \(.*1099511"
    ):
        read(path)


def test_many_files_are_read_in_small_batches(tmp_path: Path, question_rows, monkeypatch) -> None:
    monkeypatch.setattr(reading, "_FEWEST_BATCH_ROWS", 1)
    monkeypatch.setattr(reading, "_ROWS_IN_FLIGHT", 12)
    rows = [question_rows.mcq(id=f"{number:02}") for number in range(24)]
    paths = [question_rows.file(tmp_path / f"{at}.parquet", rows[at::4]) for at in range(4)]
    tables = list(open_questions(paths).in_order(tmp_path))
    assert max(table.num_rows for table in tables) <= 12
    assert [row["id"] for table in tables for row in table.to_pylist()] == [r["id"] for r in rows]


def test_read_questions_gives_rows_as_stored_from_all_files(tmp_path: Path, question_rows) -> None:
    rows = [question_rows.mcq(id=name) for name in "cab"]
    paths = [question_rows.file(tmp_path / f"{row['id']}.parquet", [row]) for row in rows]
    assert read_questions(*map(str, paths)).collect().to_dicts() == rows


def test_sha256_is_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"some bytes")
    assert sha256_of(tmp_path / "x") == hashlib.sha256(b"some bytes").hexdigest()
