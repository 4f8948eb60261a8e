"""What one input file gave: kept texts, drops and counts, written as it is read, whole or not."""

import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crossthink_data.documents.inputs import InputFile

__all__ = ["DROPPED_SCHEMA", "KEPT_SCHEMA", "PartWriter", "part_places"]

_STRINGS = ("id", "text", "file", "record", "url", "date")
KEPT_SCHEMA = pa.schema([(name, pa.string()) for name in _STRINGS])
DROPPED_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("file", "record", "url", "reason", "detail", "text")]
)
_FLUSH_CHARACTERS = 8 << 20
_FLUSH_ROWS = 4_096
_DETAIL_LIMIT = 500


def part_places(folder: Path, number: int) -> tuple[Path, Path, Path]:
    """Where the kept texts, the drops and the counts of input file `number` are."""
    stem = f"{number:06d}"
    return (
        folder / f"{stem}.kept.parquet",
        folder / f"{stem}.dropped.parquet",
        folder / f"{stem}.json",
    )


class _Table:
    """Rows to a parquet file in row groups of bounded size, under a working name until closed."""

    def __init__(self, place: Path, schema: pa.Schema) -> None:
        self.place = place
        self._working = place.with_name(f"{place.name}.working")
        self._writer = pq.ParquetWriter(self._working, schema, compression="zstd")
        self._schema = schema
        self._rows: list[dict[str, str | None]] = []
        self._characters = 0

    def add(self, row: dict[str, str | None]) -> None:
        self._rows.append(row)
        self._characters += len(row["text"] or "") + 200
        if self._characters > _FLUSH_CHARACTERS or len(self._rows) >= _FLUSH_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows, self._characters = [], 0

    def close(self) -> None:
        self._flush()
        self._writer.close()
        self._working.replace(self.place)


class PartWriter:
    """Takes what the steps of a pipeline keep and drop, file after file; picklable until begun.

    The counts are written last: a part without them is done again.
    """

    def __init__(self, folder: Path, keep_dropped_text: bool) -> None:
        self.folder = folder
        self.keep_dropped_text = keep_dropped_text
        self._file: InputFile | None = None
        self._kept: _Table | None = None
        self._dropped: _Table | None = None
        self._counts: Counter[str] = Counter()

    def begin(self, file: InputFile, number: int) -> None:
        """Open the part of an input file."""
        kept, dropped, self._account = part_places(self.folder, number)
        self._file = file
        self._kept = _Table(kept, KEPT_SCHEMA)
        self._dropped = _Table(dropped, DROPPED_SCHEMA)
        self._counts = Counter()

    def count_in(self) -> None:
        """One more record of the file was read."""
        self._counts["in"] += 1

    def keep(self, row: dict[str, str | None]) -> None:
        """Write one kept text."""
        assert self._kept is not None, "a text was kept before a file was begun"
        self._counts["kept"] += 1
        self._kept.add(row)

    def drop(
        self, record: str, url: str | None, reason: str, detail: str = "", text: str | None = None
    ) -> None:
        """Write one drop."""
        assert self._dropped is not None, "a record was dropped before a file was begun"
        assert self._file is not None
        self._counts[f"dropped:{reason}"] += 1
        self._dropped.add(
            {
                "file": self._file.name,
                "record": _utf8(record),
                "url": url and _utf8(url),
                "reason": reason,
                "detail": _utf8(detail)[:_DETAIL_LIMIT],
                "text": text if self.keep_dropped_text else None,
            }
        )

    def finish(self, failure: tuple[str, str] | None) -> None:
        """Close the part; `failure` is the reason and detail of a file not read to its end."""
        assert self._file is not None, "no file was begun"
        assert self._kept is not None
        assert self._dropped is not None
        self._kept.close()
        self._dropped.close()
        account = {
            "file": self._file.name,
            "in": self._counts.pop("in", 0),
            "kept": self._counts.pop("kept", 0),
            "dropped": {
                name.removeprefix("dropped:"): count for name, count in self._counts.items()
            },
            "failed": failure and {"reason": failure[0], "detail": _utf8(failure[1])},
        }
        working = self._account.with_suffix(".working")
        working.write_text(json.dumps(account, ensure_ascii=False), encoding="utf-8")
        working.replace(self._account)
        self._file = self._kept = self._dropped = None


def _utf8(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
