"""Parquet out: fixed row groups, plain arrow types, and outputs that appear whole or not at all."""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from crossthink_data.errors import SourceError

__all__ = ["Scratch", "TableWriter", "check_folder"]

ROW_GROUP_ROWS = 16_384
"""Rows in each row group but the last: fixed, so that bytes do not depend on how rows arrived."""

# Columns of few values, nested ones by their path in parquet.
_LOW_CARDINALITY = (
    "source",
    "domain",
    "question_type",
    "answer_kind",
    "subject",
    "answer_label",
    "step",
    "reason",
    "data_source",
    "ability",
    "prompt.list.element.role",
    "reward_model.style",
    "extra_info.split",
    "extra_info.source",
    "extra_info.domain",
    "extra_info.question_type",
    "extra_info.answer_kind",
    "extra_info.subject",
    "extra_info.template",
)
_TEXT_COLUMNS = ["question", "answer", "detail"]


class Scratch:
    """A hidden folder beside the outputs; files made in it are renamed to their places by `commit`.

    Whatever ends the block otherwise (an error, Ctrl-C) removes it and leaves the old outputs.
    SourceError when the folder of the outputs does not exist or cannot be written.
    """

    def __init__(self, out: Path) -> None:
        check_folder(out)
        self.parent = out.parent
        try:
            self.path = Path(
                tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".tmp", dir=self.parent)
            )
        except OSError as error:
            raise SourceError(
                f"--out {out}: cannot write in {self.parent} ({error.strerror}); "
                "name a folder you may write in, with space left"
            ) from error
        self._places: list[tuple[Path, Path]] = []
        self._obsolete: list[Path] = []

    def file(self, place: Path) -> Path:
        """The path to write now; `commit` renames it to `place`, in the order of these calls."""
        made = self.path / place.name
        self._places.append((made, place))
        return made

    def drop(self, place: Path) -> None:
        """Let `commit` remove an output of an earlier run that this one does not write."""
        self._obsolete.append(place)

    def commit(self) -> None:
        """Sync every file to disk, then rename each to its place; not to be interrupted halfway."""
        for made, _ in self._places:
            _sync(made)
        with _signals_held():
            for made, place in self._places:
                os.replace(made, place)
            for place in self._obsolete:
                place.unlink(missing_ok=True)
        _sync(self.parent)

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def check_folder(out: Path) -> None:
    """SourceError when there is no folder to write `out` in, or a folder in its place."""
    if not out.parent.is_dir():
        raise SourceError(
            f"--out {out}: there is no folder {out.parent}; "
            f"make it first with: mkdir -p {out.parent}"
        )
    if out.is_dir():
        raise SourceError(
            f"--out {out}: is a folder; name a file in it, such as {out / out.name}.parquet"
        )


@contextmanager
def _signals_held() -> Iterator[None]:
    """Keep Ctrl-C and SIGTERM waiting until the block has ended."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python hands signals to the main thread alone
        return
    came: list[int] = []

    def note(number: int, frame: object) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(signal.Signals(came[0]))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class TableWriter:
    """Writes tables of one schema to one parquet file, zstd, in row groups of ROW_GROUP_ROWS rows.

    The bytes depend on the sequence of rows alone, not on how it was cut into `write` calls.
    """

    def __init__(self, path: Path, schema: pa.Schema, metadata: Mapping[bytes, bytes]) -> None:
        self.schema = schema.with_metadata(dict(metadata))
        self.path = path
        self.rows = 0
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        names = set(schema.names)
        # Dictionaries only where few values repeat: over long texts one costs CPU and is dropped.
        self._writer = pq.ParquetWriter(
            path,
            self.schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=[path for path in _LOW_CARDINALITY if path.partition(".")[0] in names],
            write_statistics=[name for name in schema.names if name not in _TEXT_COLUMNS],
        )

    def write(self, table: pa.Table) -> None:
        """Append rows; `table` has the columns of the schema, in any order of the same names."""
        if not table.num_rows:
            return
        self.rows += table.num_rows
        self._waiting.append(table.select(self.schema.names).cast(self.schema))
        self._waiting_rows += table.num_rows
        if self._waiting_rows >= ROW_GROUP_ROWS:
            self._flush(whole_groups=True)

    def close(self) -> None:
        """Write what is left and the footer."""
        self._flush(whole_groups=False)
        self._writer.close()

    def _flush(self, *, whole_groups: bool) -> None:
        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting)
        start = 0
        while table.num_rows - start >= ROW_GROUP_ROWS or (
            not whole_groups and start < table.num_rows
        ):
            # One chunk a column: page borders follow chunk borders, and bytes must not.
            group = table.slice(start, ROW_GROUP_ROWS).combine_chunks()
            self._writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
            start += group.num_rows
        rest = table.slice(start)
        self._waiting = [rest] if rest.num_rows else []
        self._waiting_rows = rest.num_rows
