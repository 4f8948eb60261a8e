"""Training files in: opened and checked, for the trainers that read them."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from crossthink_data.errors import SourceError
from crossthink_data.tables.schemas import check_training_schema

__all__ = ["open_training"]


def open_training(path: str | Path) -> pq.ParquetFile:
    """The file, its footer checked: rows of `TRAINING_SCHEMA`, at least one.

    SourceError when it is missing, broken or empty, or holds other rows.
    """
    path = Path(path)
    if not path.exists():
        raise SourceError(f"{path}: no such file; check the path, or make it with blend")
    if path.is_dir():
        raise SourceError(f"{path}: is a folder; name the training file in it")
    try:
        file = pq.ParquetFile(path, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(
            f"{path}: not a whole parquet file ({str(error).splitlines()[0]}); "
            "a training file is one that blend wrote; write or copy it again"
        ) from error
    check_training_schema(file.schema_arrow, str(path))
    if not file.metadata.num_rows:
        raise SourceError(
            f"{path}: holds 0 rows; a trainer needs at least one; "
            "make it again with blend, from files that have rows to choose from"
        )
    return file
