"""The account of a run: rows in = kept + val + rejected by reason + not sampled, per source."""

import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from crossthink_data import __version__
from crossthink_data.errors import LedgerError

__all__ = ["Counts", "Ledger", "Report", "Table", "plan_table", "reasons_tables", "tables_of"]


@dataclass(slots=True)
class Counts:
    """Rows of one source.

    `repeated` (copies beyond the first) and `rewritten` (kept in other words) are outside the
    balance.
    """

    rows_in: int = 0
    kept: int = 0
    val: int = 0
    not_sampled: int = 0
    repeated: int = 0
    rewritten: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    def balance(self) -> int:
        """Rows in less rows accounted for: 0 when nothing is lost."""
        accounted = self.kept + self.val + self.not_sampled + self.rejected.total()
        return self.rows_in - accounted

    def as_json(self) -> dict[str, object]:
        return {
            "in": self.rows_in,
            "kept": self.kept,
            "val": self.val,
            "not_sampled": self.not_sampled,
            "repeated": self.repeated,
            "rewritten": self.rewritten,
            "rejected": dict(sorted(self.rejected.items())),
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for a person to read; every cell is text already."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Ledger:
    """Counts per source, filled while a step runs and written beside its output."""

    def __init__(self, verb: str, settings: Mapping[str, object]) -> None:
        self.verb = verb
        self.settings = dict(settings)
        self.inputs: list[dict[str, object]] = []
        self.outputs: dict[str, int] = {}
        self.extra: dict[str, object] = {}
        self.notes: list[str] = []
        self.sources: dict[str, Counts] = {}
        self._started = time.monotonic()

    def of(self, source: str | None) -> Counts:
        """The counts of a source; a row without one is counted as `(none)`."""
        return self.sources.setdefault(source or "(none)", Counts())

    def count(self, what: str, sources: pl.Series) -> None:
        """Add one to `what` (an attribute of Counts) for each entry of a column of source names."""
        for source, rows in _tally(sources):
            counts = self.of(source)
            setattr(counts, what, getattr(counts, what) + rows)

    def count_rejects(self, rejects: pl.DataFrame) -> None:
        """Count rejects by source and reason."""
        tally = rejects.group_by("source", "reason").len()
        for source, reason, rows in tally.iter_rows():
            self.of(source).rejected[reason] += rows

    def total(self) -> Counts:
        """The counts summed over sources."""
        whole = Counts()
        for counts in self.sources.values():
            whole.rows_in += counts.rows_in
            whole.kept += counts.kept
            whole.val += counts.val
            whole.not_sampled += counts.not_sampled
            whole.repeated += counts.repeated
            whole.rewritten += counts.rewritten
            whole.rejected.update(counts.rejected)
        return whole

    def check(self) -> None:
        """Nothing, when every source balances; otherwise LedgerError with the counts."""
        for source, counts in sorted(self.sources.items()):
            if counts.balance():
                raise LedgerError(
                    f"{self.verb}: counts of {source} do not reconcile: {counts.as_json()} leaves "
                    f"{counts.balance()} rows; no output was written; please report this as a bug"
                )

    def as_json(self) -> dict[str, object]:
        """The whole account as JSON values; wall time in seconds, peak memory in bytes."""
        return {
            "tool": f"crossthink-data {__version__}",
            "verb": self.verb,
            "settings": self.settings,
            "seed": self.settings.get("seed", 0),
            "inputs": self.inputs,
            "outputs": self.outputs,
            "total": self.total().as_json(),
            "sources": {name: counts.as_json() for name, counts in sorted(self.sources.items())},
            **self.extra,
            "notes": self.notes,
            "wall_seconds": round(time.monotonic() - self._started, 3),
            "peak_memory_bytes": _peak_memory(),
        }

    def write(self, path: Path) -> None:
        """Check the balance, then write the account as JSON."""
        self.check()
        text = json.dumps(self.as_json(), indent=2, ensure_ascii=False, sort_keys=False)
        path.write_text(text + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Report:
    """What a step did: the ledger, where its outputs are, tables to print and what to do next.

    `texts` are printed before the tables. `exit_code` is 3 for a run that was done, yet had more
    items without a usable reply than allowed; `failure` says so.
    """

    verb: str
    result: Mapping[str, object]
    tables: tuple[Table, ...] = ()
    outputs: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    exit_code: int = 0
    failure: str = ""


def _tally(sources: pl.Series) -> Sequence[tuple[str | None, int]]:
    frame = sources.alias("source").to_frame().group_by("source").len()
    return [(source, rows) for source, rows in frame.iter_rows()]


def tables_of(account: Mapping[str, Any]) -> tuple[Table, ...]:
    """The tables of a ledger as its JSON has it: the plan of a blend, rows per source, rejects."""
    plan = account.get("plan")
    return (
        *([plan_table(plan)] if plan else []),
        _counts_table(account),
        *reasons_tables(f"{account['verb']}: rejected", [account]),
    )


def plan_table(plan: Mapping[str, Any]) -> Table:
    """The plan of a blend as its JSON has it."""
    lines = [
        (
            line["group"],
            line["source"],
            f"{line['available']:,}",
            f"{line['share']:.4f}",
            f"{line['quota']:,}",
            f"{line['passes']:.2f}",
            "runs out first" if [line["group"], line["source"]] == plan["limiting"] else "",
        )
        for line in plan["lines"]
    ]
    available = sum(line["available"] for line in plan["lines"])
    total = ("total", "", f"{available:,}", "1.0000", f"{plan['size']:,}", "", "")
    columns = ("group", "source", "rows", "share", "quota", "passes", "")
    return Table(f"blend {plan['ratio']}: plan", columns, (*lines, total))


def reasons_tables(title: str, accounts: Sequence[Mapping[str, Any]]) -> list[Table]:
    """One table of rejects by verb, reason and source; none where nothing was rejected."""
    rows = [
        (account["verb"], reason, source, f"{count:,}")
        for account in accounts
        for source, counts in account["sources"].items()
        for reason, count in counts["rejected"].items()
    ]
    columns = ("by", "reason", "source", "rows")
    return [Table(title, columns, tuple(sorted(rows)))] if rows else []


_OPTIONAL_COUNTS = ("val", "not_sampled", "repeated", "rewritten")


def _counts_table(account: Mapping[str, Any]) -> Table:
    # Columns that are 0 throughout say nothing about this run.
    optional = [name for name in _OPTIONAL_COUNTS if account["total"][name]]
    names = ["in", "kept", *optional]
    titles = ("source", *(name.replace("_", " ") for name in names), "rejected")
    rows = tuple(
        (
            source,
            *(f"{counts[name]:,}" for name in names),
            f"{sum(counts['rejected'].values()):,}",
        )
        for source, counts in (*account["sources"].items(), ("total", account["total"]))
    )
    return Table(f"{account['verb']}: rows", titles, rows)


def _peak_memory() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
