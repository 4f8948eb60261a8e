"""All parts into one file of distinct texts by id and one of drops, in bounded memory.

Texts go to buckets by the first digits of their id, so that a bucket fits in memory; ids are
digests, so the buckets are even, and a bucket after the other is the order of ids.
"""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crossthink_data.documents.parts import DROPPED_SCHEMA, KEPT_SCHEMA

__all__ = ["merge_parts"]

_BUCKET_CHARACTERS = 32 << 20
_MOST_BUCKETS = 256
_HELD_CHARACTERS = 32 << 20
_BATCH_ROWS = 256
_GROUP_ROWS = 1_024
_ORDER = [(name, "ascending") for name in ("id", "url", "date", "record", "file")]


def merge_parts(
    kept_parts: Sequence[Path],
    dropped_parts: Sequence[Path],
    *,
    documents: Path,
    dropped: Path,
    scratch: Path,
) -> Counter[str]:
    """Write both files; comes back with the number of texts left out of each input file.

    Of equal texts the one with the least url, date, record and file stays, a missing one counting
    as the greatest; the others join the drops as `duplicate_text` with the id as detail, after the
    drops of the parts, in order of id.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    buckets = _spread(kept_parts, scratch)
    doubles: Counter[str] = Counter()
    with (
        pq.ParquetWriter(documents, KEPT_SCHEMA, compression="zstd") as kept,
        pq.ParquetWriter(dropped, DROPPED_SCHEMA, compression="zstd") as left,
    ):
        for part in dropped_parts:
            for batch in _batches(part):
                left.write_batch(batch)
        waiting = KEPT_SCHEMA.empty_table()
        for bucket in buckets:
            different, copies = _told_apart(pq.read_table(bucket, schema=KEPT_SCHEMA))
            # Row groups of one size, or the bytes would tell of the buckets.
            waiting = pa.concat_tables([waiting, different])
            whole = waiting.num_rows // _GROUP_ROWS * _GROUP_ROWS
            if whole:
                kept.write_table(waiting.slice(0, whole), row_group_size=_GROUP_ROWS)
            waiting = waiting.slice(whole)
            if copies.num_rows:
                doubles.update(copies.column("file").to_pylist())
                left.write_table(_as_drops(copies))
            bucket.unlink()
        if waiting.num_rows:
            kept.write_table(waiting)
    shutil.rmtree(scratch, ignore_errors=True)
    return doubles


def _spread(parts: Sequence[Path], scratch: Path) -> list[Path]:
    """Files of texts, each with the ids of a range, in order of id."""
    size = sum(_characters(part) for part in parts)
    count = min(_MOST_BUCKETS, 1 + size // _BUCKET_CHARACTERS)
    places = [scratch / f"{number:03d}.parquet" for number in range(count)]
    writers = [pq.ParquetWriter(place, KEPT_SCHEMA, compression="lz4") for place in places]
    held: defaultdict[int, list[pa.Table]] = defaultdict(list)
    characters = 0

    def flush() -> None:
        for number, tables in held.items():
            writers[number].write_table(pa.concat_tables(tables))
        held.clear()

    for part in parts:
        for batch in _batches(part):
            table = pa.Table.from_batches([batch])
            numbers = [int(key[:8], 16) * count >> 32 for key in table.column("id").to_pylist()]
            for number in set(numbers):
                held[number].append(table.filter(pa.array([n == number for n in numbers])))
            characters += table.nbytes
            if characters > _HELD_CHARACTERS:
                flush()
                characters = 0
    flush()
    for writer in writers:
        writer.close()
    return places


def _characters(part: Path) -> int:
    with pq.ParquetFile(part) as table:
        metadata = table.metadata
        return sum(
            metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)
        )


def _batches(part: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(part, pre_buffer=False) as table:
        yield from table.iter_batches(_BATCH_ROWS, use_threads=False)


def _told_apart(bucket: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The first of each id and the others, both in order."""
    order = pc.sort_indices(bucket, sort_keys=_ORDER)
    ordered = bucket.take(order)
    ids = ordered.column("id").to_pylist()
    first = [at == 0 or ids[at - 1] != key for at, key in enumerate(ids)]
    mask = pa.array(first, pa.bool_())
    return ordered.filter(mask), ordered.filter(pc.invert(mask))


def _as_drops(copies: pa.Table) -> pa.Table:
    rows = copies.num_rows
    columns = {
        "file": copies.column("file"),
        "record": copies.column("record"),
        "url": copies.column("url"),
        "reason": pa.array(["duplicate_text"] * rows, pa.string()),
        "detail": copies.column("id"),
        "text": pa.nulls(rows, pa.string()),
    }
    return pa.table(columns, schema=DROPPED_SCHEMA)
