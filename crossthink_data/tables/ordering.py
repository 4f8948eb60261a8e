"""Rows in one total order within bounded memory: sorted runs, spilled if need be, and their merge.

The order of question rows is `id`, then `provenance`, then every other column; so equal rows are
the only ties left, and the same rows come out in the same sequence whatever files they came in.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Sorter", "merge", "sort_table", "to_arrow"]

RUN_BYTES = 96 * 1024 * 1024
"""Decoded bytes a sorter holds before it writes a sorted run to disk."""

SPILL_ROWS = 512
"""Rows of a table of a spilled run; while runs are merged, at least one of each is in memory."""

ROUND_ROWS = 32_768
"""Rows that runs hold together while they are merged, beyond one table of each."""

_TIE_COLUMNS = ("provenance", "source", "domain", "question_type", "origin_id")
"""Compared first among equal ids: `provenance` by contract, the rest as all that a plan reads."""


class Sorter:
    """Takes tables of one schema in any order and gives their rows back in order of `key`.

    Rows with equal keys come in the total order of the module.
    Spills to `folder`, which the caller removes.
    """

    def __init__(self, schema: pa.Schema, key: str, folder: Path, *, name: str) -> None:
        self.schema = schema
        self.key = key
        self._folder = folder
        self._name = name
        self._held: list[pa.Table] = []
        self._held_bytes = 0
        self._runs: list[Path] = []

    def add(self, table: pa.Table) -> None:
        """Take rows; `table` must have the sorter's schema."""
        if not table.num_rows:
            return
        self._held.append(table)
        self._held_bytes += table.nbytes
        if self._held_bytes >= RUN_BYTES:
            self._spill()

    def __iter__(self) -> Iterator[pa.Table]:
        """All rows in order, as tables of a few thousand rows."""
        held, self._held, self._held_bytes = self._held, [], 0
        runs = [_read_run(path) for path in self._runs]
        if held:
            runs.append(iter(_sliced(sort_table(pa.concat_tables(held), self.key))))
        del held
        return merge(runs, self.key)

    def _spill(self) -> None:
        table = sort_table(pa.concat_tables(self._held), self.key)
        self._held, self._held_bytes = [], 0
        path = self._folder / f"{self._name}.{len(self._runs)}.arrow"
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=SPILL_ROWS)
        self._runs.append(path)


def merge(runs: Sequence[Iterator[pa.Table]], key: str) -> Iterator[pa.Table]:
    """The rows of several sorted runs as one sorted sequence of tables; holds a few of each.

    Each round gives out every row below the smallest of the runs' last keys: nothing still to
    come can belong before it. Rows with this very key wait, so that equal keys meet in one round.
    """
    heads = [_Run(run) for run in runs]
    while True:
        heads = [head for head in heads if head.fill()]
        if not heads:
            return
        _read_ahead(heads, key)
        open_ends = [head.last(key) for head in heads if not head.finished]
        if not open_ends:
            yield sort_table(pa.concat_tables([head.take_all() for head in heads]), key)
            return
        bound = min(open_ends)
        parts = [part for head in heads if (part := head.take_below(key, bound)).num_rows]
        if parts:
            yield sort_table(parts[0] if len(parts) == 1 else pa.concat_tables(parts), key)
        else:
            # One key fills a whole table: read on until the run shows what follows it.
            for head in heads:
                if not head.finished and head.last(key) == bound:
                    head.read_more()


def _read_ahead(heads: Sequence["_Run"], key: str) -> None:
    """Let runs that lag behind the furthest one hold more, while all hold no more than a round.

    Otherwise a round would go only as far as the run that lags most, and give out few rows.
    """
    furthest = max(head.last(key) for head in heads)
    for head in heads:
        while head.holds_less_than(ROUND_ROWS // len(heads)) and head.last(key) < furthest:
            head.read_more()


class _Run:
    """The rows of one run that were read and not yet given out."""

    def __init__(self, tables: Iterator[pa.Table]) -> None:
        self._tables = tables
        self._rows: pa.Table | None = None
        self.finished = False

    def fill(self) -> bool:
        """True while there are rows; reads the next table when none is held."""
        while not self.finished and (self._rows is None or not self._rows.num_rows):
            self.read_more()
        return self._rows is not None and self._rows.num_rows > 0

    def read_more(self) -> None:
        table = next(self._tables, None)
        if table is None:
            self.finished = True
        elif self._rows is None or not self._rows.num_rows:
            self._rows = table
        else:
            self._rows = pa.concat_tables([self._rows, table])

    def holds_less_than(self, rows: int) -> bool:
        """Whether there is more to read and fewer than `rows` rows are held."""
        assert self._rows is not None
        return not self.finished and self._rows.num_rows < rows

    def last(self, key: str) -> Any:
        """The key of the last row held: text or a number, the same for every run."""
        assert self._rows is not None
        return self._rows[key][-1].as_py()

    def take_all(self) -> pa.Table:
        assert self._rows is not None
        rows, self._rows = self._rows, None
        return rows

    def take_below(self, key: str, bound: Any) -> pa.Table:
        assert self._rows is not None
        column = self._rows[key]
        below = pc.sum(pc.less(column, pa.scalar(bound, column.type))).as_py()
        rows = self._rows.slice(0, below)
        self._rows = self._rows.slice(below)
        return rows


def sort_table(table: pa.Table, key: str) -> pa.Table:
    """The table in order of `key`; rows of equal key in the module's total order."""
    column = table[key]
    if table.num_rows < 2:
        return table
    keys = pl.Series(key, column)
    if not keys.is_sorted():
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        table = to_arrow(frame.sort(key), table.schema)
        keys = pl.Series(key, table[key])
    tied = keys == keys.shift()
    return _order_ties(table, key, tied) if tied.any() else table


def _order_ties(table: pa.Table, key: str, same_as_before: pl.Series) -> pa.Table:
    """The table, sorted by `key` already, with each stretch of equal keys in total order."""
    same = [bool(flag) for flag in same_as_before]
    order = list(range(table.num_rows))
    start = 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and same[stop]:
            stop += 1
        if stop - start > 1:
            ranks = [_rank(row) for row in table.slice(start, stop - start).to_pylist()]
            order[start:stop] = [
                start + at for at in sorted(range(stop - start), key=ranks.__getitem__)
            ]
        start = stop
    return table if order == sorted(order) else table.take(pa.array(order))


def _rank(row: dict[str, Any]) -> tuple[object, ...]:
    """What ties are ordered by: texts as they are, null first; JSON where a column is no text."""
    first = ((row.get(name) is not None, row.get(name) or "") for name in _TIE_COLUMNS)
    return (*first, json.dumps(row, sort_keys=True))


def to_arrow(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    """The frame as a table of plain arrow types (`string` and `list`, never the large ones)."""
    return frame.select(schema.names).to_arrow().cast(schema)


def _sliced(table: pa.Table) -> Iterable[pa.Table]:
    for start in range(0, table.num_rows, SPILL_ROWS):
        yield table.slice(start, SPILL_ROWS)


def _read_run(path: Path) -> Iterator[pa.Table]:
    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_stream(source) as reader:
        for batch in reader:
            yield pa.Table.from_batches([batch])
