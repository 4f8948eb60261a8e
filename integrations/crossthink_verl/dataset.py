"""The check that a training file is what veRL's RLHFDataset reads."""

import glob
from pathlib import Path

import polars as pl
import pyarrow as pa

from crossthink_data.errors import SourceError
from crossthink_data.tables import TRAINING_SCHEMA
from crossthink_data.tables.training import open_training

__all__ = ["check_training"]

_BATCH_ROWS = 16_384
_TEXTS = ("data_source", "prompt", "reward_model")
_TYPES = {
    name: kind
    for name, kind in pl.DataFrame(TRAINING_SCHEMA.empty_table()).schema.items()
    if name in _TEXTS
}
_MESSAGE = pl.element().struct
_GOLD = pl.col("reward_model").struct

# What is wrong with a row, the value to show, and what veRL wants there. veRL itself finds none
# of these: it would train with the text "None", or stop in the middle of a run.
_FAULTS: tuple[tuple[pl.Expr, pl.Expr, str], ...] = (
    (
        pl.col("data_source").str.starts_with("crossthink/").not_().fill_null(True),
        pl.format("data_source {}", pl.col("data_source").fill_null("null")),
        "crossthink/ and the source: other names may be scored by a rule of veRL's own",
    ),
    (
        (pl.col("prompt").list.len() == 0).fill_null(True),
        pl.lit("no message in prompt"),
        "at least one message",
    ),
    (
        pl.col("prompt")
        .list.eval(_MESSAGE.field("role").is_null() | _MESSAGE.field("content").is_null())
        .list.any(),
        pl.lit("a message in prompt whose role or content is null"),
        "two texts",
    ),
    (
        (_GOLD.field("style") != "rule").fill_null(True),
        pl.format("reward_model.style {}", _GOLD.field("style").fill_null("null")),
        "rule",
    ),
    (
        _GOLD.field("ground_truth").is_null(),
        pl.lit("reward_model.ground_truth null"),
        "the gold as text",
    ),
    (
        pl.col("extra_info").struct.field("index").is_null(),
        pl.lit("extra_info.index null"),
        "the number of the row",
    ),
)


def check_training(path: str | Path) -> int:
    """How many rows veRL will read from the file; SourceError when it cannot train on it as it is.

    Looks at the name, the schema, and in every row at what veRL reads: `data_source`, `prompt`,
    `reward_model` and `extra_info.index`. Row numbers in messages count from 0, as `index` does.
    """
    name = str(path)
    if not name.endswith(".parquet"):
        raise SourceError(
            f"{name}: the name does not end with .parquet, by which veRL knows the format; "
            "rename the file"
        )
    if glob.escape(name) != name:
        raise SourceError(
            f"{name}: holds one of * ? [, which veRL reads as a pattern of names; rename the file"
        )
    rows = 0
    with open_training(path) as file:
        try:
            for batch in file.iter_batches(_BATCH_ROWS, columns=[*_TEXTS, "extra_info.index"]):
                batch.validate(full=True)  # bytes that are no UTF-8 would end a run when met
                _check_rows(_with_plain_types(batch), rows, name)
                rows += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise SourceError(
                f"{name}: rows after {rows:,} cannot be read ({str(error).splitlines()[0]}); "
                "a training file is one that blend wrote; write or copy it again"
            ) from error
    return rows


def _with_plain_types(batch: pa.RecordBatch) -> pl.DataFrame:
    """The batch as a frame; a column that is null throughout may have no type of its own."""
    frame = pl.DataFrame(batch)
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in _TYPES.items())


def _check_rows(rows: pl.DataFrame, first: int, where: str) -> None:
    for is_faulty, shown, wanted in _FAULTS:
        faulty = rows.with_row_index("row", first).filter(is_faulty).select("row", shown).head(1)
        if faulty.height:
            row, value = faulty.row(0)
            raise SourceError(
                f"{where}: row {row} has {value}; veRL needs {wanted}; make the file with blend"
            )
