"""Question files in: checked, in one total order, in bounded memory, unreadable rows set apart."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crossthink_data.errors import SourceError
from crossthink_data.records import question_id
from crossthink_data.rules import question_rows
from crossthink_data.tables.ordering import Sorter, merge
from crossthink_data.tables.schemas import (
    FILTERED_KEY,
    QUESTION_SCHEMA,
    REJECT_SCHEMA,
    check_question_schema,
)

__all__ = ["QuestionFiles", "open_questions", "read_questions", "sha256_of"]

_BATCH_ROWS = 16_384
_FEWEST_BATCH_ROWS = 256
_ROWS_IN_FLIGHT = 131_072
"""Rows held at once over all files that are merged; with many files each gives smaller batches."""


@dataclass(frozen=True, slots=True)
class QuestionFiles:
    """Question files whose schemas were checked; rows are read when asked for."""

    paths: tuple[Path, ...]
    rows: int
    unfiltered: tuple[Path, ...]

    def in_order(
        self, spill: Path, rejects: Sorter | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[pa.Table]:
        """Rows in total order (see `tables.ordering`), as tables of question rows or of `columns`.

        Rows that cannot be read (text that is no UTF-8, no id) go to `rejects`; without one they
        are passed over, for a second reading of the same files. Files that are in order already
        are merged as they are; only the others are sorted, through `spill`.
        """
        schema = (
            QUESTION_SCHEMA if columns is None else pa.schema(map(QUESTION_SCHEMA.field, columns))
        )
        batch = max(_FEWEST_BATCH_ROWS, min(_BATCH_ROWS, _ROWS_IN_FLIGHT // len(self.paths)))
        reader = _Reader(schema, batch, rejects)
        runs = []
        loose = Sorter(schema, "id", spill, name="unordered")
        for path in self.paths:
            if _is_in_order(path):
                runs.append(reader.tables(path))
            else:
                for table in reader.tables(path):
                    loose.add(table)
        return merge([*runs, iter(loose)], "id")


def open_questions(paths: Sequence[Path]) -> QuestionFiles:
    """The files, checked. SourceError names the first that is missing, broken or not one."""
    rows = 0
    unfiltered = []
    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise SourceError(
                f"{path}: named twice, so each of its rows would count twice; name it once"
            )
        seen.add(path.resolve())
        with _open(path) as file:
            check_question_schema(file.schema_arrow, str(path))
            rows += file.metadata.num_rows
            if FILTERED_KEY not in (file.schema_arrow.metadata or {}):
                unfiltered.append(path)
    if not rows:
        raise SourceError(
            f"{', '.join(map(str, paths))}: no rows in the input; "
            "name at least one question file with rows, such as one that fetch wrote"
        )
    return QuestionFiles(tuple(paths), rows, tuple(unfiltered))


def read_questions(*paths: str | Path | Sequence[str | Path]) -> pl.LazyFrame:
    """Question rows of one or more parquet files: `records.QUESTION_COLUMNS`, rows as stored.

    Paths stand one by one or in a list.

    SourceError when a file is missing, broken, or not a question file.

    >>> read_questions("no_such.parquet")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    crossthink_data.errors.SourceError: no_such.parquet: no such file; check the path, or ...
    """
    named = [[item] if isinstance(item, (str, Path)) else item for item in paths]
    files = open_questions([Path(path) for path in chain.from_iterable(named)])
    return pl.concat(question_rows(pl.scan_parquet(path, glob=False)) for path in files.paths)


def sha256_of(path: Path) -> str:
    """The file's SHA-256, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Reader:
    """Turns the batches of a file into tables of one schema, and bad text into rejects."""

    def __init__(self, schema: pa.Schema, batch_rows: int, rejects: Sorter | None) -> None:
        self.schema = schema
        self.batch_rows = batch_rows
        self.rejects = rejects

    def tables(self, path: Path) -> Iterator[pa.Table]:
        with _open(path) as file:
            try:
                for batch in file.iter_batches(self.batch_rows, columns=self.schema.names):
                    table = pa.Table.from_batches([batch]).select(self.schema.names)
                    yield self._checked(table, path)
            except (pa.ArrowException, OSError) as error:
                raise _broken(path, error) from error

    def _checked(self, table: pa.Table, path: Path) -> pa.Table:
        try:
            table = table.cast(self.schema)
        except pa.ArrowInvalid as error:
            raise SourceError(
                f"{path}: a value does not fit its column ({error}); write the file again"
            ) from error
        if table["id"].null_count:
            table = self._set_apart(table, pc.is_null(table["id"]).to_pylist())
        # A cast lets bytes pass that are no UTF-8.
        return self._set_apart(table, _bad_rows(table)) if _has_bad_text(table) else table

    def _set_apart(self, table: pa.Table, bad: list[bool]) -> pa.Table:
        if self.rejects is not None:
            for at, is_bad in enumerate(bad):
                if is_bad:
                    self.rejects.add(_unreadable(_copy(table, at, at + 1)))
        return table.filter(pa.array([not flag for flag in bad]))


def _has_bad_text(table: pa.Table) -> bool:
    try:
        table.validate(full=True)
    except pa.ArrowInvalid:
        return True
    return False


def _bad_rows(table: pa.Table) -> list[bool]:
    """Whether each row has text that is no UTF-8; halves the table only where there is some."""
    if not _has_bad_text(table):
        return [False] * table.num_rows
    if table.num_rows == 1:
        return [True]
    half = table.num_rows // 2
    return [*_bad_rows(_copy(table, 0, half)), *_bad_rows(_copy(table, half, table.num_rows))]


def _copy(table: pa.Table, start: int, stop: int) -> pa.Table:
    # A slice of a list column would still be judged by the elements of all its rows.
    return table.take(pa.array(range(start, stop), pa.int64()))


def _unreadable(row: pa.Table) -> pa.Table:
    """The row as a reject: bytes that are no UTF-8 become \\xNN, a missing id is computed."""
    columns: dict[str, Any] = {"step": "read", "reason": "unreadable_row", "detail": "id is null"}
    for name, column in zip(row.column_names, row.columns, strict=True):
        bad = _has_bad_text(row.select([name]))
        columns[name] = _escaped(column) if bad else column[0].as_py()
        if bad:
            columns |= {"reason": "not_utf8", "detail": f"{name}: {columns[name]}"[:2000]}
    columns["id"] = columns["id"] or _content_id(columns)
    return pa.Table.from_pylist([columns], schema=REJECT_SCHEMA)


def _escaped(column: pa.ChunkedArray) -> str | list[str | None] | None:
    """The value of a one-row column with bad bytes as \\xNN; null for structs of texts."""
    if pa.types.is_string(column.type):
        raw: bytes = column.cast(pa.binary())[0].as_py()
        return raw.decode("utf-8", "backslashreplace")
    if not pa.types.is_string(column.type.value_type):
        return None
    texts = column.cast(pa.list_(pa.binary()))[0].as_py()
    return [text and text.decode("utf-8", "backslashreplace") for text in texts]


def _content_id(row: dict[str, Any]) -> str:
    source, question_type = row.get("source"), row.get("question_type")
    return question_id(
        str(source), str(question_type), row.get("question"), row.get("options"), row.get("answer")
    )


def _is_in_order(path: Path) -> bool:
    """Whether the file's ids never fall: read from the id column alone."""
    last: str | None = None
    with _open(path) as file:
        try:
            for batch in file.iter_batches(65_536, columns=["id"]):
                column = batch.column(0)
                if column.null_count or _has_bad_text(pa.Table.from_batches([batch])):
                    return False
                ids = pl.Series("id", column)
                if not ids.is_sorted() or (last is not None and ids[0] < last):
                    return False
                last = ids[-1] if len(ids) else last
        except (pa.ArrowException, OSError) as error:
            raise _broken(path, error) from error
    return True


def _open(path: Path) -> pq.ParquetFile:
    if not path.exists():
        raise SourceError(f"{path}: no such file; check the path, or make it with fetch")
    if path.is_dir():
        raise SourceError(f"{path}: is a folder; name the parquet files in it")
    try:
        return pq.ParquetFile(path, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise _broken(path, error) from error


def _broken(path: Path, error: Exception) -> SourceError:
    return SourceError(
        f"{path}: not a whole parquet file ({str(error).splitlines()[0]}); "
        "a question file is one that fetch, template or filter wrote; write or copy it again"
    )
