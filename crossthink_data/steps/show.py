"""`show`: rows of a question, training or rejects file, the prompt as the model will see it.

Of the folder of a run it shows the items: each prompt, each raw reply, votes, checks, outcome.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import NonNegativeInt, PositiveInt

from crossthink_data.errors import SourceError
from crossthink_data.recipe import Settings
from crossthink_data.steps.outputs import as_frame
from crossthink_data.tables import QUESTION_SCHEMA, TRAINING_SCHEMA
from crossthink_data.tables.schemas import check_training_schema
from crossthink_data.templates import render_answer, render_prompt

__all__ = ["ShowSettings", "Shown", "run"]

_BATCH_ROWS = 256
_RULE = "─" * 78


class ShowSettings(Settings):
    """`source` and `reason` choose rows; of those `first` are passed over and `limit` shown."""

    path: Path
    first: NonNegativeInt = 0
    limit: PositiveInt | None = None
    source: str | None = None
    reason: str | None = None
    answer: Literal["long", "short"] = "long"


@dataclass(frozen=True, slots=True)
class Shown:
    """One row: its columns, prompt and gold included, and the text that a person reads."""

    values: dict[str, Any]
    text: str


def run(settings: ShowSettings) -> Iterator[Shown]:
    """The rows asked for. SourceError when the file is none of ours, or no row is asked for."""
    if settings.path.is_dir():
        yield from _items(settings)
        return
    file, kind = _open(settings.path)
    with file:
        shown = seen = 0
        for batch in file.iter_batches(_BATCH_ROWS):
            frame = _chosen(as_frame(pa.Table.from_batches([batch])), kind, settings)
            for row in _rendered(frame, kind, settings.answer).iter_rows(named=True):
                seen += 1
                if seen <= settings.first:
                    continue
                is_training = kind == "training"
                yield Shown(row, _training_text(row) if is_training else _question_text(row, seen))
                shown += 1
                if shown == settings.limit:
                    return
        if not shown:
            raise SourceError(
                f"{settings.path}: no row to show: {file.metadata.num_rows:,} rows, {seen:,} of "
                f"them with source {settings.source or 'any'} and reason "
                f"{settings.reason or 'any'}, {settings.first:,} passed over; ask for others"
            )


def _items(settings: ShowSettings) -> Iterator[Shown]:
    """The items of a run's folder; `reason` chooses rejects, or `unfinished` ones."""
    # Here, so that showing a file needs no package of [synth].
    from crossthink_data.generate.journal import JournalReader
    from crossthink_data.steps.synth.folder import RunFolder
    from crossthink_data.steps.synth.pages import pages, reasons_in

    run = RunFolder.open(settings.path)
    if settings.source not in (None, run.kind.source):
        raise SourceError(
            f"{settings.path}: holds items of {run.kind.source}, none of {settings.source}; "
            "leave --source out"
        )
    with closing(JournalReader(settings.path)) as journal:
        last = None if settings.limit is None else settings.first + settings.limit
        shown = 0
        for page in islice(pages(run, journal, settings.reason), settings.first, last):
            shown += 1
            yield Shown(page.values, page.text)
        if shown:
            return
        counts = ", ".join(f"{name} {n:,}" for name, n in sorted(reasons_in(run, journal).items()))
        wanted = f"with reason {settings.reason}" if settings.reason else "that was begun"
        passed = f" after the first {settings.first:,}" if settings.first else ""
        raise SourceError(
            f"{settings.path}: no item {wanted} to show{passed}; reasons here are: "
            f"{counts or 'none yet'}"
        )


def _open(path: Path) -> tuple[pq.ParquetFile, str]:
    if not path.is_file():
        raise SourceError(f"{path}: no such file; name a parquet file that a verb wrote")
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path}: not a whole parquet file ({error}); write it again") from error
    names = file.schema_arrow.names
    if set(TRAINING_SCHEMA.names) <= set(names):
        check_training_schema(file.schema_arrow, str(path))
        return file, "training"
    if set(QUESTION_SCHEMA.names) <= set(names):
        return file, "rejects" if "reason" in names else "questions"
    raise SourceError(
        f"{path}: columns {', '.join(names)} are neither question, training nor reject "
        "rows; name a file that fetch, template, filter or blend wrote"
    )


def _chosen(frame: pl.DataFrame, kind: str, settings: ShowSettings) -> pl.DataFrame:
    if settings.reason is not None and kind != "rejects":
        raise SourceError(
            f"{settings.path}: holds {kind} rows, which have no reason; "
            "leave --reason out, or name a .rejects.parquet file"
        )
    if settings.source is not None:
        data_source = pl.col("data_source").str.strip_prefix("crossthink/")
        source = data_source if kind == "training" else pl.col("source")
        frame = frame.filter(source == settings.source)
    if settings.reason is not None:
        frame = frame.filter(pl.col("reason") == settings.reason)
    return frame


def _rendered(frame: pl.DataFrame, kind: str, answer: Literal["long", "short"]) -> pl.DataFrame:
    if kind == "training":
        return frame
    return frame.with_columns(render_prompt(answer), render_answer(answer))


def _training_text(row: dict[str, Any]) -> str:
    extra = row["extra_info"]
    head = "  ".join(
        (
            f"row {extra['index']}",
            *(str(extra[name]) for name in ("split", "source", "domain", "question_type")),
            f"{extra['answer_kind']}  id {extra['id']}  epoch {extra['epoch']}",
        )
    )
    turns = [f"[{message['role']}]\n{message['content']}" for message in row["prompt"]]
    gold = f"gold: {row['reward_model']['ground_truth']}"
    return "\n".join((_RULE, head, "", *turns, "", gold))


def _question_text(row: dict[str, Any], number: int) -> str:
    head = (
        f"row {number}  {row['source']}  {row['domain']}  {row['question_type']}  "
        f"{row['answer_kind']}  id {row['id']}"
    )
    lines = [_RULE, head]
    if row.get("reason") is not None:
        lines.append(f"rejected by {row['step']}: {row['reason']}: {row['detail']}")
    if row["subject"]:
        lines.append(f"subject: {row['subject']}")
    prompt = row["prompt"] if row["prompt"] is not None else row["question"]
    lines += ["", str(prompt if prompt is not None else "(no question)"), ""]
    gold = row["ground_truth"] if row["ground_truth"] is not None else row["answer"]
    lines += [f"gold: {gold}", f"provenance: {row['provenance']}"]
    return "\n".join(lines)
