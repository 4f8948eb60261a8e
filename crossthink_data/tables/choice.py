"""Which rows a blend takes: a choice over ids and 8-byte hashes in duckdb, under a memory limit.

Candidates are numbered in the total order of `tables.ordering`, so a second reading of the same
files meets them under the same numbers, and the choice can be handed out as a stream.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import polars as pl

from crossthink_data.blends import GroupKey, Stock

__all__ = ["Choice", "Chosen"]

_MEMORY_LIMIT = "400MB"
_CHUNK_ROWS = 65_536


class Choice:
    """Candidate rows of a blend: source, domain, question type, and two seeded hashes of each.

    `pick` (of the id) decides which rows of a source come first, `origin` (of the origin_id) which
    origins go to validation.
    """

    def __init__(self, folder: Path) -> None:
        self._duck = duckdb.connect(
            ":memory:",
            config={"memory_limit": _MEMORY_LIMIT, "temp_directory": str(folder / "duckdb")},
        )
        self._duck.execute("SET enable_progress_bar = false")
        self._duck.execute(
            "CREATE TABLE pool (seq BIGINT, cell USMALLINT, pick UBIGINT, origin UBIGINT)"
        )
        self._duck.execute("CREATE TABLE val (seq BIGINT, origin UBIGINT)")
        self._cells: dict[tuple[str, str, str], int] = {}
        self._rows = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Take candidates in order: columns source, domain, question_type, pick, origin."""
        keys = ["source", "domain", "question_type"]
        for cell in rows.select(keys).unique(maintain_order=True).iter_rows():
            self._cells.setdefault(cell, len(self._cells))
        cells = pl.DataFrame(
            [(*cell, code) for cell, code in self._cells.items()],
            schema={**dict.fromkeys(keys, pl.String), "cell": pl.UInt16},
            orient="row",
        )
        coded = rows.join(cells, on=keys, how="left", maintain_order="left")
        seq = pl.int_range(self._rows, self._rows + rows.height, dtype=pl.Int64, eager=True)
        batch = coded.select(seq.alias("seq"), "cell", "pick", "origin").to_arrow()
        self._duck.register("batch", batch)
        self._duck.execute("INSERT INTO pool SELECT * FROM batch")
        self._duck.unregister("batch")
        self._rows += rows.height

    def stock(self) -> list[Stock]:
        """Rows now available of each source, domain and question type."""
        counts = dict(self._duck.sql("SELECT cell, count(*) FROM pool GROUP BY cell").fetchall())
        return [
            Stock(*cell, rows=counts[code])
            for cell, code in sorted(self._cells.items())
            if code in counts
        ]

    def take(self, take: Mapping[str, int]) -> None:
        """Leave only the first `take[source]` rows of a source, by `pick`."""
        for source, rows in take.items():
            cells = [code for cell, code in self._cells.items() if cell[0] == source]
            self._duck.execute(
                f"""DELETE FROM pool WHERE cell IN ({_numbers(cells)}) AND seq NOT IN (
                    SELECT seq FROM pool WHERE cell IN ({_numbers(cells)})
                    ORDER BY pick, seq LIMIT {rows})"""
            )

    def draw_val(self, key: GroupKey, quotas: Mapping[tuple[str, str], int]) -> None:
        """Move `quotas` rows of each (group, source) to validation, their origins out of the pool.

        Rows are taken by the hash of their origin, so rows of one origin stay together.
        """
        for unit, rows in quotas.items():
            self._duck.execute(
                f"""INSERT INTO val SELECT seq, origin FROM pool
                    WHERE cell IN ({_numbers(self._cells_of(key, unit))})
                    ORDER BY origin, seq LIMIT {rows}"""
            )
        self._duck.execute("DELETE FROM pool WHERE origin IN (SELECT origin FROM val)")

    def draw(self, key: GroupKey, quotas: Mapping[tuple[str, str], int]) -> "Chosen":
        """The chosen rows, ordered by number: whole passes, then the first rows by `pick`."""
        parts = ["SELECT seq, 0::BIGINT AS copies, true AS is_val FROM val"]
        for unit, quota in quotas.items():
            cells = _numbers(self._cells_of(key, unit))
            (rows,) = self._one(f"SELECT count(*) FROM pool WHERE cell IN ({cells})")
            passes, rest = divmod(quota, rows) if rows else (0, 0)
            if passes:
                parts.append(f"SELECT seq, {passes}, false FROM pool WHERE cell IN ({cells})")
            if rest:
                parts.append(
                    f"""(SELECT seq, 1, false FROM pool WHERE cell IN ({cells})
                         ORDER BY pick, seq LIMIT {rest})"""
                )
        union = " UNION ALL ".join(parts)
        reader = self._duck.sql(
            f"""SELECT seq, sum(copies)::INTEGER AS copies, bool_or(is_val) AS is_val
                FROM ({union}) GROUP BY seq ORDER BY seq"""
        ).to_arrow_reader(_CHUNK_ROWS)
        return Chosen(pl.DataFrame(pl.from_arrow(batch)) for batch in reader)

    def _cells_of(self, key: GroupKey, unit: tuple[str, str]) -> list[int]:
        group, source = unit
        return [
            code
            for cell, code in self._cells.items()
            if cell[0] == source and key_value(key, cell) == group
        ]

    def _one(self, query: str) -> tuple[int]:
        (row,) = self._duck.sql(query).fetchall()
        return row

    def close(self) -> None:
        """Free the memory and the temporary files."""
        self._duck.close()


def key_value(key: GroupKey, cell: tuple[str, str, str]) -> str:
    """The group of a (source, domain, question_type) under a ratio's key."""
    source, domain, question_type = cell
    return {"all": "all", "source": source, "domain": domain, "question_type": question_type}[key]


def _numbers(codes: list[int]) -> str:
    return ", ".join(map(str, codes)) or "NULL"


class Chosen:
    """The chosen rows as a stream of (seq, copies, is_val), in order of seq."""

    def __init__(self, chunks: Iterator[pl.DataFrame]) -> None:
        self._chunks = chunks
        self._held = pl.DataFrame(
            schema={"seq": pl.Int64, "copies": pl.Int32, "is_val": pl.Boolean}
        )
        self._more = True

    def below(self, bound: int) -> pl.DataFrame:
        """The chosen rows with a number below `bound` that were not handed out before."""
        parts = []
        while True:
            parts.append(self._held.filter(pl.col("seq") < bound))
            if parts[-1].height < self._held.height or not self._more:
                self._held = self._held.filter(pl.col("seq") >= bound)
                return pl.concat(parts)
            chunk = next(self._chunks, None)
            self._more = chunk is not None
            self._held = self._held.clear() if chunk is None else chunk
