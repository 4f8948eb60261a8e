"""What every step leaves behind: its files, its rejects and its ledger, all at once or none."""

import errno
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import polars as pl
import pyarrow as pa

from crossthink_data.errors import RecipeError, SourceError
from crossthink_data.ledger import Ledger, Report, tables_of
from crossthink_data.tables import (
    KIND_KEY,
    REJECT_SCHEMA,
    QuestionFiles,
    Scratch,
    Sorter,
    TableWriter,
    check_folder,
    sha256_of,
    to_arrow,
)

__all__ = [
    "Outputs",
    "Progress",
    "as_frame",
    "check_place",
    "describe_inputs",
    "ledger_path",
    "rejects_path",
    "silent",
    "val_path",
]

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all; 0 in all where that is not known."""


def silent(done: int, total: int) -> None:
    """The progress of a caller that wants none."""


def rejects_path(out: Path) -> Path:
    """`x.rejects.parquet` for `x.parquet`."""
    return out.with_name(f"{out.name.removesuffix('.parquet')}.rejects.parquet")


def ledger_path(out: Path) -> Path:
    """`x.ledger.json` for `x.parquet`."""
    return out.with_name(f"{out.name.removesuffix('.parquet')}.ledger.json")


def describe_inputs(files: QuestionFiles) -> list[dict[str, object]]:
    """Path, SHA-256 and bytes of each input, for the ledger."""
    return [
        {"path": str(path), "sha256": sha256_of(path), "bytes": path.stat().st_size}
        for path in files.paths
    ]


def as_frame(table: pa.Table) -> pl.DataFrame:
    """The table as a polars frame, without a copy."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def val_path(out: Path) -> Path:
    """`x.val.parquet` for `x.parquet`."""
    return out.with_name(f"{out.name.removesuffix('.parquet')}.val.parquet")


def check_place(out: Path, inputs: Sequence[Path]) -> None:
    """RecipeError when the output has no name of a parquet file, or would replace an input.

    SourceError when there is no folder to write it in, or a folder in its place.
    """
    check_folder(out)
    if out.suffix != ".parquet":
        raise RecipeError(
            f"--out {out}: does not end in .parquet, so trainers and later verbs would not know "
            f"what it is; name it {out}.parquet"
        )
    places = {
        place.resolve() for place in (out, rejects_path(out), ledger_path(out), val_path(out))
    }
    for path in inputs:
        if path.resolve() in places:
            raise RecipeError(
                f"--out {out}: writing it would replace the input {path}; name another file"
            )


class Outputs:
    """The files of one run, made in a scratch folder and put in place together by `finish`.

    A context manager: an error or Ctrl-C inside it leaves the old outputs as they were.
    """

    def __init__(self, out: Path, ledger: Ledger, inputs: Sequence[Path] = ()) -> None:
        check_place(out, inputs)
        self.out = out
        self.ledger = ledger
        self._scratch = Scratch(out)
        self._writers: list[TableWriter] = []
        self._rejects = self.sorter("rejects", REJECT_SCHEMA, "id")

    @property
    def folder(self) -> Path:
        """Where runs are spilled; gone when the block ends."""
        return self._scratch.path

    def sorter(self, name: str, schema: pa.Schema, key: str) -> Sorter:
        """A sorter that spills into the scratch folder."""
        return Sorter(schema, key, self.folder, name=name)

    def drop(self, place: Path) -> None:
        """Let `finish` remove an output of an earlier run that this one does not write."""
        self._scratch.drop(place)

    def table(
        self, place: Path, schema: pa.Schema, kind: bytes, metadata: Mapping[bytes, bytes]
    ) -> TableWriter:
        """A writer of one output file, closed by `finish`."""
        path = self._scratch.file(place)
        writer = TableWriter(path, schema, {KIND_KEY: kind, **metadata})
        self._writers.append(writer)
        return writer

    def reject(self, rejects: pl.DataFrame) -> None:
        """Count rejects and keep them for the rejects file."""
        if rejects.height:
            self.ledger.count_rejects(rejects)
            self._rejects.add(to_arrow(rejects, REJECT_SCHEMA))

    def reject_unreadable(self, unreadable: Sorter) -> None:
        """Count rows that the reader set apart as rows in and as rejects."""
        for table in unreadable:
            frame = as_frame(table).with_columns(pl.lit(self.ledger.verb).alias("step"))
            self.ledger.count("rows_in", frame["source"])
            self.reject(frame)

    def finish(self) -> None:
        """Write rejects and ledger, then put every file in its place."""
        rejects = self.table(rejects_path(self.out), REJECT_SCHEMA, b"rejects", {})
        for table in self._rejects:
            rejects.write(table)
        for writer in self._writers:
            writer.close()
            self.ledger.outputs[writer.path.name] = writer.rows
        self.ledger.write(self._scratch.file(ledger_path(self.out)))
        self._scratch.commit()

    def report(self) -> Report:
        """The report of a finished run."""
        account = self.ledger.as_json()
        return Report(
            verb=self.ledger.verb,
            result=account,
            tables=tables_of(account),
            outputs=(
                *(self.out.with_name(w.path.name) for w in self._writers),
                ledger_path(self.out),
            ),
            notes=tuple(self.ledger.notes),
        )

    def __enter__(self) -> "Outputs":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._scratch.__exit__(kind, error, trace)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise SourceError(
                f"--out {self.out}: no space left to write in {self.out.parent.resolve()} "
                f"({error.strerror or error}); nothing was changed; "
                "free some space or name a folder on another disk"
            ) from error
