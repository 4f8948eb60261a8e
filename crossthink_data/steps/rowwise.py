"""What template and filter share: question files in, each table split by a pure function."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from crossthink_data.ledger import Ledger, Report
from crossthink_data.rules import Split
from crossthink_data.steps.outputs import Outputs, Progress, as_frame, describe_inputs
from crossthink_data.tables import (
    QUESTION_SCHEMA,
    REJECT_SCHEMA,
    QuestionFiles,
    open_questions,
    to_arrow,
)

__all__ = ["RowwiseJob", "first_rows", "run_rowwise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowwiseJob:
    """One run of a row-wise verb. `only_drops` is true when `split` never changes a row."""

    verb: str
    inputs: Sequence[Path]
    out: Path
    limit: int | None
    split: Callable[[pl.LazyFrame], Split]
    only_drops: bool
    settings: Mapping[str, object]
    metadata: Mapping[bytes, bytes]


def run_rowwise(job: RowwiseJob, progress: Progress) -> Report:
    """Write kept rows, rejects and ledger; they appear together or not at all."""
    files = open_questions(job.inputs)
    ledger = Ledger(job.verb, job.settings)
    ledger.inputs = describe_inputs(files)
    with Outputs(job.out, ledger, files.paths) as outputs:
        writer = outputs.table(job.out, QUESTION_SCHEMA, b"questions", job.metadata)
        kept_tables = _split_tables(job, files, outputs, progress)
        if not job.only_drops:
            resorted = outputs.sorter("kept", QUESTION_SCHEMA, "id")
            for table in kept_tables:
                resorted.add(table)
            kept_tables = iter(resorted)
        for table in kept_tables:
            writer.write(table)
        outputs.finish()
        return outputs.report()


def _split_tables(
    job: RowwiseJob, files: QuestionFiles, outputs: Outputs, progress: Progress
) -> Iterator[pa.Table]:
    """The kept rows, table by table; counts every row and hands the rejects to `outputs`."""
    unreadable = outputs.sorter("unreadable", REJECT_SCHEMA, "id")
    done = 0
    for table in first_rows(files.in_order(outputs.folder, unreadable), job.limit):
        frame = as_frame(table)
        kept, rejects = pl.collect_all(job.split(frame.lazy()))
        outputs.ledger.count("rows_in", frame["source"])
        outputs.ledger.count("kept", kept["source"])
        if not job.only_drops:
            outputs.ledger.count("rewritten", _rewritten(kept, frame))
        outputs.reject(rejects)
        done += frame.height
        progress(done, files.rows)
        # A split that only drops rows, and dropped none, leaves the table as it was read.
        untouched = job.only_drops and kept.height == table.num_rows
        yield table if untouched else to_arrow(kept, QUESTION_SCHEMA)
    outputs.reject_unreadable(unreadable)


def _rewritten(kept: pl.DataFrame, before: pl.DataFrame) -> pl.Series:
    """Sources of kept rows whose provenance tells of a rewriting that the rows read did not."""
    told = pl.col("provenance").str.contains('"rewritten":true', literal=True)
    already = before.filter(told)["origin_id"]
    return kept.filter(told & ~pl.col("origin_id").is_in(already.implode()))["source"]


def first_rows(tables: Iterator[pa.Table], limit: int | None) -> Iterator[pa.Table]:
    """The first `limit` rows, or all."""
    for table in tables:
        if limit is not None and table.num_rows >= limit:
            yield table.slice(0, limit)
            return
        yield table
        if limit is not None:
            limit -= table.num_rows
