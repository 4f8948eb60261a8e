"""`fetch`: one source, from the hub or local files, to question rows; nothing is repaired."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
from pydantic import Field, NonNegativeInt, PositiveInt

from crossthink_data.errors import RecipeError
from crossthink_data.ledger import Ledger, Report
from crossthink_data.mapping import mapped_source
from crossthink_data.raw import Origin, data_files, find_origin, read_source
from crossthink_data.recipe import Settings
from crossthink_data.records import AnswerKind, Domain, Question, QuestionType, stable_hash
from crossthink_data.sources import Source, Unreadable, get_source, source_names
from crossthink_data.steps.outputs import Outputs, Progress, as_frame, silent
from crossthink_data.tables import QUESTION_SCHEMA, REJECT_SCHEMA, Sorter, sha256_of

__all__ = ["FetchSettings", "run"]

_BATCH_ROWS = 8_192


class FetchSettings(Settings):
    """`source` is a known name, or your own with a mapping: `columns`, `domain`, `answer_kind`.

    `columns` maps names of ours (`mapping.MAPPED_NAMES`) to names of yours. `from` is a file, a
    folder or a hub id.
    """

    source: str
    out: Path
    origin: str | None = Field(default=None, alias="from")
    split: str | None = None
    columns: dict[str, str | tuple[str, ...]] | None = None
    domain: Domain | None = None
    answer_kind: AnswerKind | None = None
    question_type: QuestionType | None = None
    licence: str | None = None
    limit: PositiveInt | None = None
    seed: NonNegativeInt = 0


def run(settings: FetchSettings, progress: Progress = silent) -> Report:
    """Write the question rows of a source, in order of id, with rejects and ledger."""
    source = _source(settings)
    origin = find_origin(source, settings.origin)
    ledger = Ledger("fetch", settings.model_dump(mode="json", by_alias=True))
    ledger.extra["dataset"] = {"licence": source.licence, "gated": source.gated}
    _describe(origin, settings.split, ledger)
    with Outputs(settings.out, ledger) as outputs:
        writer = outputs.table(settings.out, QUESTION_SCHEMA, b"questions", {})
        rows = outputs.sorter("rows", QUESTION_SCHEMA, "id")
        _read(
            read_source(source, origin, split=settings.split),
            source,
            settings,
            rows,
            outputs,
            progress,
        )
        for table in rows:
            writer.write(table)
        outputs.finish()
        return outputs.report()


def _source(settings: FetchSettings) -> Source:
    columns, domain, answer_kind = settings.columns, settings.domain, settings.answer_kind
    if columns is None and domain is None and answer_kind is None:
        return get_source(settings.source)
    if settings.source in source_names():
        raise RecipeError(
            f"fetch {settings.source}: that name belongs to a known source and needs no mapping; "
            "give your own source another name, or leave columns, domain and answer_kind out"
        )
    if columns is None or domain is None or answer_kind is None:
        raise RecipeError(
            f"fetch {settings.source}: a mapping of your file needs columns, domain (gpr or mr) "
            "and answer_kind (mcq, short_open or math); add what is missing"
        )
    return mapped_source(
        settings.source,
        domain=domain,
        answer_kind=answer_kind,
        columns=columns,
        question_type=settings.question_type,
        licence=settings.licence or "not stated",
    )


def _describe(origin: Origin, split: str | None, ledger: Ledger) -> None:
    if not isinstance(origin, Path):
        place = {"hub_id": origin.hub_id, "revision": origin.revision}
        ledger.inputs = [{**place, "split": split or origin.split}]
        return
    found = data_files(origin, split)
    ledger.inputs = [
        {"path": str(file.path), "sha256": sha256_of(file.path), "bytes": file.path.stat().st_size}
        for file in found.files
    ]
    if found.ignored:
        ledger.extra["ignored_files"] = list(found.ignored)
        ledger.notes.append(f"left alone, no data: {_some(found.ignored)}")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _read(
    found: Iterator[Question | Unreadable],
    source: Source,
    settings: FetchSettings,
    rows: Sorter,
    outputs: Outputs,
    progress: Progress,
) -> None:
    batch: list[Question] = []
    done = 0
    for row in found:
        if done == settings.limit:
            break
        done += 1
        if isinstance(row, Unreadable):
            outputs.ledger.of(source.name).rows_in += 1
            outputs.reject(_reject(row, source))
        else:
            batch.append(row)
        if len(batch) == _BATCH_ROWS:
            _add(batch, rows, outputs.ledger)
            batch = []
            progress(done, 0)
    _add(batch, rows, outputs.ledger)
    progress(done, done)


def _add(batch: list[Question], rows: Sorter, ledger: Ledger) -> None:
    ids = [question.id for question in batch]
    columns: dict[str, object] = {
        "id": ids,
        "origin_id": ids,
        "attempts": pa.nulls(len(batch), QUESTION_SCHEMA.field("attempts").type),
    }
    for name in QUESTION_SCHEMA.names:
        if name not in columns:
            columns[name] = [getattr(question, name) for question in batch]
    table = pa.Table.from_pydict(columns, schema=QUESTION_SCHEMA)
    ledger.count("rows_in", as_frame(table)["source"])
    ledger.count("kept", as_frame(table)["source"])
    rows.add(table)


def _reject(row: Unreadable, source: Source) -> pl.DataFrame:
    """A row that became no question: its place is in `provenance`, its text in `detail`."""
    place = {"file": row.file, "row": row.number}
    values = {
        "id": stable_hash(json.dumps([source.name, row.file, row.number, row.reason])),
        "source": source.name,
        "domain": source.domain,
        "provenance": json.dumps(place, ensure_ascii=False, sort_keys=True),
        "step": "fetch",
        "reason": row.reason,
        "detail": row.detail,
    }
    return as_frame(pa.Table.from_pylist([values], schema=REJECT_SCHEMA))
