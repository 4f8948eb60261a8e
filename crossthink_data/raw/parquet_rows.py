"""Rows of parquet files, a batch at a time; columns that no adapter looks at are not decoded."""

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from crossthink_data.errors import SourceError
from crossthink_data.raw.files import DataFile, open_bytes
from crossthink_data.raw.misfit import misfit
from crossthink_data.raw.offence import unreadable
from crossthink_data.sources import RawRow, Shape, Unreadable

if TYPE_CHECKING:
    from pyarrow import RecordBatch

__all__ = ["parquet_rows"]

_BATCH_ROWS = 1_024


def parquet_rows(file: DataFile, shapes: Sequence[Shape]) -> Iterator[RawRow | Unreadable]:
    """The rows of a parquet file. SourceError when it is not whole or its columns fit no shape.

    A row whose text is not UTF-8 is one Unreadable.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _plain(file.path) as stream:
        try:
            # Without pre-buffering, so that memory holds pages and not whole row groups.
            table = pq.ParquetFile(stream, pre_buffer=False)
            names = table.schema_arrow.names
            shape = next((shape for shape in shapes if shape.fits(names)), None)
            if shape is None:
                raise misfit(str(file.path), names, shapes)
            wanted = [name for name in names if name not in shape.unread]
            number = 0
            for batch in table.iter_batches(_BATCH_ROWS, columns=wanted, use_threads=False):
                yield from _batch_rows(batch, file.name, number)
                number += batch.num_rows
        except (pa.ArrowException, OSError, ValueError) as error:
            raise SourceError(
                f"{file.path} is not a whole parquet file: {error}; fetch it again"
            ) from error


def _batch_rows(batch: "RecordBatch", file: str, before: int) -> Iterator[RawRow | Unreadable]:
    try:
        rows = batch.to_pylist()
    except UnicodeDecodeError:
        yield from _slow_rows(batch, file, before)
        return
    for number, row in enumerate(rows, before + 1):
        yield RawRow(cast("dict[str, object]", row), file, number)


def _slow_rows(batch: "RecordBatch", file: str, before: int) -> Iterator[RawRow | Unreadable]:
    """Row by row, so that one broken text costs one row."""
    for index in range(batch.num_rows):
        number = before + index + 1
        try:
            row = batch.slice(index, 1).to_pylist()[0]
        except UnicodeDecodeError as error:
            yield unreadable(file, number, "not_utf8", bytes(error.object))
        else:
            yield RawRow(cast("dict[str, object]", row), file, number)


def _plain(path: Path) -> BinaryIO:
    """The file as bytes one can seek in: parquet is read from its end, so a .gz is unpacked."""
    stream = open_bytes(path)
    if not isinstance(getattr(stream, "raw", None), gzip.GzipFile):
        return stream
    unpacked = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    with stream:
        try:
            shutil.copyfileobj(stream, unpacked)
        except (OSError, EOFError, zlib.error) as error:
            unpacked.close()
            raise SourceError(
                f"{path} is not a whole gzip file: {error}; fetch it again"
            ) from error
    unpacked.seek(0)
    return cast(BinaryIO, unpacked)
