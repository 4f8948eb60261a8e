"""The items of a run: what a model will be asked about, written once, in order of their ids.

Every rank, `status` and the rows at the end read the same file, so they mean the same items.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crossthink_data.errors import SourceError
from crossthink_data.tables import Scratch, Sorter

__all__ = ["Item", "ItemFile", "write_items"]

_SCHEMA = pa.schema([("id", pa.string()), ("state", pa.string()), ("content", pa.string())])
_COUNTS_KEY = b"crossthink.items"
_HELD = 2_048


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to make a question of; `content` is a JSON object that its kind reads.

    `state` is `chosen` (to be asked about), `not_sampled` (beyond a quota), or the reason for which
    it is a reject before any model is asked; then `content` may have a `detail`.
    """

    id: str
    state: str
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ItemFile:
    """Items on disk, in order of id; `counts` has the items of each state."""

    path: Path
    counts: Mapping[str, int]
    account: Mapping[str, object]

    @classmethod
    def open(cls, path: Path) -> "ItemFile":
        """The items that `write_items` left. SourceError when they cannot be read."""
        if not path.exists():
            raise SourceError(
                f"{path}: the items of the run are gone; run the same command again: it makes them "
                "anew, and asks nothing that its journal has"
            )
        try:
            metadata = pq.read_metadata(path).metadata or {}
        except (pa.ArrowException, OSError) as error:
            raise SourceError(
                f"{path}: not a whole file of items ({error}); remove it and run again"
            ) from error
        if _COUNTS_KEY not in metadata:
            raise SourceError(f"{path}: holds no items of a run; name the folder of a synth run")
        known = json.loads(metadata[_COUNTS_KEY])
        return cls(path, known["counts"], known["account"])

    @property
    def chosen(self) -> int:
        """How many items are to be asked about."""
        return self.counts.get("chosen", 0)

    def __iter__(self) -> Iterator[Item]:
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(_HELD):
                for row in batch.to_pylist():
                    yield Item(row["id"], row["state"], json.loads(row["content"]))

    def of_rank(self, rank: int, world: int) -> Iterator[Item]:
        """The chosen items of one rank: by the hash that an id is, so all have the same work."""
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(_HELD):
                for row in batch.to_pylist():
                    if row["state"] == "chosen" and int(row["id"], 16) % world == rank:
                        yield Item(row["id"], row["state"], json.loads(row["content"]))


def write_items(path: Path, items: Iterable[Item], account: Mapping[str, object]) -> ItemFile:
    """Put items into one file, by id; equal ids, which are equal items, once.

    `account` says what the items come from, in JSON values. The file appears whole or not at all.
    """
    counts: dict[str, int] = {}
    with Scratch(path) as scratch:
        sorter = Sorter(_SCHEMA, "id", scratch.path, name="items")
        for table in _tables(items):
            sorter.add(table)
        with pq.ParquetWriter(scratch.file(path), _SCHEMA, compression="zstd") as writer:
            for table in _without_repeats(sorter):
                for state in table["state"].to_pylist():
                    counts[state] = counts.get(state, 0) + 1
                writer.write_table(table)
            known = {"counts": counts, "account": dict(account)}
            writer.add_key_value_metadata({_COUNTS_KEY.decode(): json.dumps(known)})
        scratch.commit()
    return ItemFile(path, counts, dict(account))


def _without_repeats(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The sorted rows, of each id the first."""
    last = None
    for table in tables:
        ids = table["id"].to_pylist()
        fresh = [at for at, item_id in enumerate(ids) if item_id != (ids[at - 1] if at else last)]
        last = ids[-1]
        yield table.take(pa.array(fresh, pa.int64()))


def _tables(items: Iterable[Item]) -> Iterator[pa.Table]:
    held: list[dict[str, str]] = []
    for item in items:
        content = json.dumps(item.content, ensure_ascii=False, sort_keys=True)
        held.append({"id": item.id, "state": item.state, "content": content})
        if len(held) == _HELD:
            yield pa.Table.from_pylist(held, schema=_SCHEMA)
            held = []
    if held:
        yield pa.Table.from_pylist(held, schema=_SCHEMA)
