"""`grade`: completions against golds, the reason of every zero, and the scores beside the file."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Literal

import pyarrow as pa
from pydantic import Field, PositiveInt

from crossthink_data import __version__
from crossthink_data.errors import LedgerError, MissingExtra, RecipeError
from crossthink_data.ledger import Report, Table
from crossthink_data.recipe import Inputs, Settings
from crossthink_data.records import AnswerKind
from crossthink_data.rewards import Verdict, explain
from crossthink_data.rollouts import Columns, Rollout, read_rollouts, rollout_file
from crossthink_data.sources import Unreadable
from crossthink_data.steps.outputs import Progress, silent
from crossthink_data.tables import Scratch, TableWriter, sha256_of

__all__ = ["SCORE_SCHEMA", "GradeSettings", "run"]

SCORE_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("id", pa.string()),
        ("kind", pa.string()),
        ("score", pa.float64()),
        *((name, pa.bool_()) for name in ("correct", "formatted")),
        *((name, pa.string()) for name in ("answer", "reason")),
    ]
)
"""One row for each row read, in order; score and what follows are null where it was not graded."""

_MEANS = ("reward", "accuracy", "format")
_BATCH_ROWS = 1_024
_MOST_EXAMPLES = 3
_MOST_LISTED = 20
_LONGEST_CELL = 48


class GradeSettings(Settings):
    """`completion` and `gold` name columns, `kind` says the answer kind of every row.

    `explain` adds examples of each reason, and every row's verdict where there are few.
    """

    inputs: Inputs
    out: Path | None = None
    completion: str | None = Field(None, min_length=1)
    gold: str | None = Field(None, min_length=1)
    kind: AnswerKind | None = None
    think: Literal["required", "prefilled", "ignored"] = "required"
    equality: Literal["equivalent", "exact", "math_verify"] = "equivalent"
    explain: bool = False
    limit: PositiveInt | None = None


@dataclass(frozen=True, slots=True)
class _Graded:
    """One row of the report: where it stands, its verdict, and what it was graded against."""

    file: str
    number: int
    id: str | None
    kind: str | None
    gold: str
    verdict: Verdict | None
    reason: str

    @property
    def pair(self) -> tuple[str, str | None]:
        """Gold and answer: rollouts of one question often have the same."""
        return self.gold, self.verdict.answer if self.verdict else None

    @property
    def where(self) -> str:
        return f"{self.file}:{self.number}"


@dataclass(slots=True)
class _Means:
    """Sums over the graded rows of one kind."""

    rows: int = 0
    score: float = 0
    correct: int = 0
    formatted: int = 0

    def add(self, verdict: Verdict) -> None:
        self.rows += 1
        self.score += verdict.score
        self.correct += verdict.correct
        self.formatted += verdict.formatted

    def as_json(self) -> dict[str, float]:
        """Rows, and the means to six decimals."""
        means = {"reward": self.score, "accuracy": self.correct, "format": self.formatted}
        return {
            "rows": self.rows,
            **{name: round(total / self.rows, 6) for name, total in means.items()},
        }


@dataclass(slots=True)
class _Tally:
    """What became of every row: graded or unreadable, each under its reason."""

    rows: int = 0
    kinds: dict[str, _Means] = field(default_factory=dict)
    total: _Means = field(default_factory=_Means)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[_Graded]] = field(default_factory=dict)
    first: list[_Graded] = field(default_factory=list)

    def add(self, row: _Graded) -> None:
        self.rows += 1
        self.reasons[row.reason] += 1
        if row.kind is not None and row.verdict is not None:
            self.kinds.setdefault(row.kind, _Means()).add(row.verdict)
            self.total.add(row.verdict)
        examples = self.examples.setdefault(row.reason, [])
        if len(examples) < _MOST_EXAMPLES and row.pair not in {one.pair for one in examples}:
            examples.append(row)
        if len(self.first) <= _MOST_LISTED:
            self.first.append(row)

    def as_json(self) -> dict[str, object]:
        unreadable = sum(n for reason, n in self.reasons.items() if reason.startswith("row:"))
        if self.rows != self.total.rows + unreadable:
            raise LedgerError(
                f"grade: {self.rows} rows in, {self.total.rows} graded and {unreadable} "
                "unreadable do not reconcile; no output was written; please report this as a bug"
            )
        return {
            "rows": self.rows,
            "graded": self.total.rows,
            "unreadable": unreadable,
            "kinds": {kind: means.as_json() for kind, means in sorted(self.kinds.items())},
            "reasons": {reason or "right": rows for reason, rows in self.in_order()},
        }

    def in_order(self) -> list[tuple[str, int]]:
        """Reasons and their rows: right answers first, then by number."""
        return sorted(self.reasons.items(), key=lambda item: (item[0] != "", -item[1], item[0]))


def run(settings: GradeSettings, progress: Progress = silent) -> Report:
    """Write a score and a reason for every row, in order; the report counts them.

    Each input gets its scores beside it; with `out` they all go into one file. MissingExtra for an
    equality whose library is not installed.
    """
    if settings.equality == "math_verify" and find_spec("math_verify") is None:
        raise MissingExtra("math-verify", "math", "--equality math_verify")
    whole = _Tally()
    outputs: list[Path] = []
    with ExitStack() as stack:
        scratches = []
        for out, inputs in _outputs(settings).items():
            scratch = stack.enter_context(Scratch(out))
            _grade_into(scratch, out, inputs, settings, whole, progress)
            scratches.append(scratch)
            outputs += [out, _ledger_path(out)]
        for scratch in scratches:
            scratch.commit()
    return Report(
        verb="grade",
        result=_account(settings, settings.inputs, whole),
        tables=tuple(_tables(whole, settings.explain)),
        outputs=tuple(outputs),
    )


def _outputs(settings: GradeSettings) -> dict[Path, list[Path]]:
    """Each file of scores and the inputs that go into it. RecipeError where two things clash.

    SourceError for an input that is no file of rows, before any of the others is read.
    """
    for path in settings.inputs:
        rollout_file(path)
    resolved = [path.resolve() for path in settings.inputs]
    for path in settings.inputs:
        if resolved.count(path.resolve()) > 1:
            raise RecipeError(
                f"{path}: named twice, so each of its rows would count twice; name it once"
            )
    if settings.out is not None:
        outputs = {settings.out: list(settings.inputs)}
    else:
        outputs = {}
        for path in settings.inputs:
            outputs.setdefault(_beside(path), []).append(path)
    for out, inputs in outputs.items():
        if settings.out is None and len(inputs) > 1:
            raise RecipeError(
                f"the scores of {' and '.join(map(str, inputs))} would both be {out}; "
                "name one file for all with --out PATH"
            )
        if out.suffix not in (".jsonl", ".parquet"):
            raise RecipeError(f"--out {out}: name a file that ends in .jsonl or .parquet")
        if {out.resolve(), _ledger_path(out).resolve()} & set(resolved):
            raise RecipeError(f"--out {out}: writing it would replace an input; name another file")
    return outputs


def _beside(path: Path) -> Path:
    """`x.scores.jsonl` for `x.jsonl` and any other form of JSON, `x.scores.parquet` for parquet."""
    name = path.name.removesuffix(".gz")
    stem, dot, suffix = name.rpartition(".")
    form = "parquet" if suffix in ("parquet", "pq") else "jsonl"
    return path.with_name(f"{stem if dot else name}.scores.{form}")


def _ledger_path(out: Path) -> Path:
    return out.with_name(f"{out.stem}.ledger.json")


def _grade_into(
    scratch: Scratch,
    out: Path,
    inputs: Sequence[Path],
    settings: GradeSettings,
    whole: _Tally,
    progress: Progress,
) -> None:
    """Grade the inputs into files that the scratch folder holds; counts them in `whole` too."""
    own = _Tally()
    made = scratch.file(out)
    writer = _Lines(made) if out.suffix == ".jsonl" else TableWriter(made, SCORE_SCHEMA, {})
    names = [path.name for path in settings.inputs]
    with closing(writer):
        for path in inputs:
            label = path.name if names.count(path.name) == 1 else str(path)
            left = None if settings.limit is None else settings.limit - whole.rows
            if left == 0:
                break
            graded = _graded(path, label, settings, left)
            while batch := list(islice(graded, _BATCH_ROWS)):
                for row in batch:
                    own.add(row)
                    whole.add(row)
                writer.write(_as_table(batch))
                progress(whole.rows, 0)
    text = json.dumps(_account(settings, inputs, own), indent=2, ensure_ascii=False)
    scratch.file(_ledger_path(out)).write_text(text + "\n", encoding="utf-8")


class _Lines:
    """Writes tables as JSON Lines, as TableWriter writes them as parquet."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")

    def write(self, table: pa.Table) -> None:
        for row in table.to_pylist():
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def close(self) -> None:
        self._file.close()


def _graded(
    path: Path, label: str, settings: GradeSettings, limit: int | None
) -> Iterator[_Graded]:
    columns = Columns(settings.completion, settings.gold, settings.kind)
    for row in read_rollouts(path, columns, limit, settings.think):
        if isinstance(row, Unreadable):
            verdict = None
            reason, text = f"row:{row.reason}", row.detail
            yield _Graded(label, row.number, None, None, text, verdict, reason)
        else:
            verdict = _verdict(row, settings)
            gold = row.gold if isinstance(row.gold, str) else json.dumps(row.gold, default=str)
            yield _Graded(label, row.number, row.id, row.kind, gold, verdict, verdict.reason)


def _verdict(row: Rollout, settings: GradeSettings) -> Verdict:
    return explain(
        row.completion,
        row.gold,
        kind=row.kind,
        options=row.options,
        think=settings.think,
        equality=settings.equality,
    )


def _as_table(rows: Sequence[_Graded]) -> pa.Table:
    return pa.Table.from_pylist([_as_row(row) for row in rows], schema=SCORE_SCHEMA)


def _as_row(row: _Graded) -> dict[str, object]:
    verdict = row.verdict
    return {
        "file": _encodable(row.file),
        "row": row.number,
        "id": _encodable(row.id),
        "kind": row.kind,
        "score": verdict and verdict.score,
        "correct": verdict and verdict.correct,
        "formatted": verdict and verdict.formatted,
        "answer": verdict and _encodable(verdict.answer),
        "reason": row.reason,
    }


def _encodable(text: str | None) -> str | None:
    """The text without half characters, which JSON can hold and UTF-8 cannot."""
    return None if text is None else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _account(settings: GradeSettings, inputs: Sequence[Path], tally: _Tally) -> dict[str, object]:
    account = {
        "tool": f"crossthink-data {__version__}",
        "verb": "grade",
        "settings": settings.model_dump(mode="json"),
        "inputs": [
            {"path": str(path), "sha256": sha256_of(path), "bytes": path.stat().st_size}
            for path in inputs
        ],
        **tally.as_json(),
    }
    if settings.explain:
        rows = (row for reason, _ in tally.in_order() for row in tally.examples[reason])
        account["examples"] = [_as_row(row) | {"gold": _encodable(row.gold)} for row in rows]
    return account


def _tables(tally: _Tally, explained: bool) -> Iterator[Table]:
    if tally.kinds:
        yield _means_table(tally)
    reasons = [
        (reason or "right", f"{rows:,}", f"{rows / tally.rows:.4f}")
        for reason, rows in tally.in_order()
    ]
    yield Table("grade: reasons", ("reason", "rows", "share"), tuple(reasons))
    broken = [
        (row.where, row.reason, _cell(row.gold))
        for reason in tally.reasons
        if reason.startswith("row:")
        for row in tally.examples[reason]
    ]
    if broken:
        yield Table("grade: rows that cannot be read", ("row", "reason", "text"), tuple(broken))
    if explained and tally.rows <= _MOST_LISTED:
        yield _rows_table("grade: every row", tally.first)
    elif explained:
        examples = [row for reason, _ in tally.in_order() for row in tally.examples[reason]]
        yield _rows_table("grade: examples", [row for row in examples if row.verdict])


def _means_table(tally: _Tally) -> Table:
    lines = sorted(tally.kinds.items())
    if len(lines) > 1:
        lines.append(("total", tally.total))
    rows = [
        (kind, f"{counts['rows']:,}", *(f"{counts[name]:.4f}" for name in _MEANS))
        for kind, counts in ((kind, means.as_json()) for kind, means in lines)
    ]
    return Table("grade: means", ("kind", "rows", *_MEANS), tuple(rows))


def _rows_table(title: str, rows: Sequence[_Graded]) -> Table:
    lines = [
        (
            row.reason or "right",
            row.where,
            row.kind or "",
            _cell(row.gold) if row.verdict else "",
            _cell(row.verdict.answer or "") if row.verdict else "",
        )
        for row in rows
    ]
    return Table(title, ("reason", "row", "kind", "gold", "answer"), tuple(lines))


def _cell(text: str) -> str:
    """The text in one line, cut where it is long; no character that moves the cursor."""
    line = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * _LONGEST_CELL])
    line = " ".join(line.split())
    return line if len(line) <= _LONGEST_CELL else f"{line[: _LONGEST_CELL - 3]}..."
