"""`fetch`: one source, from the hub or local files, to question rows; nothing is repaired."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa
from pydantic import Field, PositiveInt

from crossthink_data.errors import RecipeError, did_you_mean
from crossthink_data.ledger import Ledger, Report
from crossthink_data.mapping import mapped_source
from crossthink_data.raw import HubRef, Origin, at_commits, data_files, find_origin, read_source
from crossthink_data.recipe import Seed, Settings
from crossthink_data.records import AnswerKind, Domain, Question, QuestionType, stable_hash
from crossthink_data.sources import Source, Unreadable, get_source, source_names
from crossthink_data.steps.outputs import Outputs, Progress, as_frame, silent
from crossthink_data.tables import (
    QUESTION_SCHEMA,
    REJECT_SCHEMA,
    Sorter,
    question_table,
    sha256_of,
)

__all__ = ["FetchSettings", "run"]

_BATCH_ROWS = 8_192


class FetchSettings(Settings):
    """`source` is a known name, or your own with a mapping: `columns`, `domain`, `answer_kind`.

    `columns` maps names of ours (`mapping.MAPPED_NAMES`) to names of yours. `from` is a file, a
    folder or a hub id. `only` names the published parts to take (pools of NuminaMath, tasks of
    AGIEval, subjects of MMLU or of your own rows); rows of others are counted as not sampled.
    `limit` is the most rows to take.
    """

    source: str
    out: Path
    origin: str | None = Field(default=None, alias="from")
    split: str | None = None
    only: tuple[str, ...] | None = Field(default=None, min_length=1)
    columns: dict[str, str | tuple[str, ...]] | None = None
    domain: Domain | None = None
    answer_kind: AnswerKind | None = None
    question_type: QuestionType | None = None
    licence: str | None = None
    limit: PositiveInt | None = None
    seed: Seed = 0


def run(settings: FetchSettings, progress: Progress = silent) -> Report:
    """Write the question rows of a source, in order of id, with rejects and ledger."""
    source = _source(settings)
    choice = _Choice(source, settings.only)
    origin = _origin(source, settings)
    if isinstance(origin, HubRef):
        origin = at_commits(origin)
    ledger = Ledger("fetch", settings.model_dump(mode="json", by_alias=True))
    ledger.extra["dataset"] = {"licence": source.licence, "gated": source.gated}
    _describe(origin, settings.split, ledger)
    with Outputs(settings.out, ledger) as outputs:
        writer = outputs.table(settings.out, QUESTION_SCHEMA, b"questions", {})
        rows = outputs.sorter("rows", QUESTION_SCHEMA, "id")
        found = read_source(source, origin, split=settings.split)
        _read(found, choice, settings.limit, rows, outputs, progress)
        choice.account(ledger)
        for table in rows:
            writer.write(table)
        outputs.finish()
        return outputs.report()


def check_origin(settings: FetchSettings) -> None:
    """Nothing, when source and origin can be meant; otherwise the error that `run` would raise."""
    source = _source(settings)
    _Choice(source, settings.only)
    _origin(source, settings)


def _origin(source: Source, settings: FetchSettings) -> Origin:
    """Where to read the source; nothing is read yet, but what cannot be meant is refused."""
    origin = find_origin(source, settings.origin)
    read_source(source, origin, split=settings.split)
    return origin


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
    if isinstance(origin, HubRef):
        place = {"asked_revision": origin.revision, "split": split or origin.split}
        ledger.inputs = [
            {"hub_id": name, "revision": origin.revision_of(name), **place}
            for name in origin.repositories
        ]
        return
    found = data_files(origin, split)
    ledger.inputs = [
        {"path": str(file.path), "sha256": sha256_of(file.path), "bytes": file.path.stat().st_size}
        for file in found.files
    ]
    splits = sorted({part for file in found.files for part in _SPLITS & _words(file.name)})
    if split is None and len(splits) > 1:
        ledger.notes.append(f"read the splits {', '.join(splits)}; --split NAME reads one")
    if found.ignored:
        ledger.extra["ignored_files"] = list(found.ignored)
        ledger.notes.append(f"left alone, no data: {_some(found.ignored)}")


_SPLITS = {"train", "dev", "val", "validation", "test"}


def _words(name: str) -> set[str]:
    """The words of a file's path: `test/anatomy_test.csv` has test, anatomy, csv."""
    return set(re.split(r"[/_.\-]+", name))


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


@dataclass(slots=True)
class _Choice:
    """Which parts of a source are taken, all when `only` is None; and what became of the others."""

    source: Source
    only: tuple[str, ...] | None
    pools: frozenset[str] = frozenset()
    met: set[str] = field(default_factory=set)
    left: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.pools = frozenset().union(*map(self.source.pools_of, self.only or ()))

    def takes(self, question: Question) -> bool:
        if self.only is None:
            return True
        pool = self.source.pool(question) or "(none)"
        if pool in self.pools:
            self.met.add(pool)
            return True
        self.left[pool] += 1
        return False

    def refuse_if_unmet(self) -> None:
        """RecipeError when a name of `only` occurred in no row."""
        unmet = [
            name for name in self.only or () if self.met.isdisjoint(self.source.pools_of(name))
        ]
        if unmet:
            raise RecipeError(
                f"fetch {self.source.name}: only names {unmet[0]!r}, of which there is no row; "
                f"{did_you_mean(unmet[0], {*self.met, *self.left})}"
            )

    def account(self, ledger: Ledger) -> None:
        """Count the rows left, and say of which parts they are."""
        if not self.left:
            return
        counts = ledger.of(self.source.name)
        counts.rows_in += self.left.total()
        counts.not_sampled += self.left.total()
        ledger.extra["not_taken"] = dict(sorted(self.left.items()))
        parts = [f"{pool} {rows:,}" for pool, rows in self.left.most_common()]
        ledger.notes.append(
            f"only {', '.join(self.only or ())}: {self.left.total():,} rows of other parts "
            f"not taken ({_some(parts)})"
        )


def _read(
    found: Iterator[Question | Unreadable],
    choice: _Choice,
    limit: int | None,
    rows: Sorter,
    outputs: Outputs,
    progress: Progress,
) -> None:
    batch: list[Question] = []
    done = 0
    fits = False
    for row in found:
        fits = fits or isinstance(row, Question)
        if done == limit:
            # A file of which no row fits is refused at its end, and with a limit too.
            if fits:
                break
        elif isinstance(row, Unreadable):
            done += 1
            outputs.ledger.of(choice.source.name).rows_in += 1
            outputs.reject(_reject(row, choice.source))
        elif choice.takes(row):
            done += 1
            batch.append(row)
        if len(batch) == _BATCH_ROWS:
            _add(batch, rows, outputs.ledger)
            batch = []
            progress(done, 0)
    if done != limit:
        choice.refuse_if_unmet()
    _add(batch, rows, outputs.ledger)
    progress(done, done)


def _add(batch: list[Question], rows: Sorter, ledger: Ledger) -> None:
    table = question_table(batch)
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
