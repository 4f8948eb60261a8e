"""What the command line shows: progress on stderr; reports and pages of rows on stdout."""

import json
import re
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossthink_data.generate.metrics import Snapshot
    from crossthink_data.ledger import Report, Table
    from crossthink_data.steps.asking import Live
    from crossthink_data.steps.outputs import Progress

__all__ = [
    "LogFormat",
    "Shown",
    "live_line",
    "live_of",
    "page",
    "print_report",
    "printable",
    "progress_of",
]

LogFormat = Literal["text", "json"]

_WIDEST = 10_000
_SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress_of(what: str, quiet: bool) -> "Iterator[Progress]":
    """A progress bar on stderr, or a plain line now and then where stderr is no terminal."""
    if quiet:
        yield lambda done, total: None
        return
    if not sys.stderr.isatty():
        with _plain_progress(what) as progress:
            yield progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


@contextmanager
def _plain_progress(what: str) -> "Iterator[Progress]":
    """A line every 100,000 rows, and one at the end."""
    said = now = 0

    def line(done: int, total: int) -> None:
        nonlocal said, now
        now = done
        if done - said >= 100_000:
            said = done
            typer.echo(f"{what}: {done:,}{f' of {total:,}' if total else ''} rows", err=True)

    yield line
    typer.echo(f"{what}: {now:,} rows, done", err=True)


@contextmanager
def live_of(what: str, quiet: bool, log_format: LogFormat) -> "Iterator[Shown]":
    """One line on stderr that is kept up to date; without a terminal a line now and then.

    Gives what shows inputs read before a run, the numbers of the run, and the items written after
    it. `json` writes each of those lines as one object, numbers with the fields of a Snapshot.
    """
    if quiet:
        yield Shown(lambda done, total: None, lambda snapshot: None, lambda done, total: None)
    elif log_format == "json" or not sys.stderr.isatty():
        line = _NowAndThen(what, log_format)
        yield Shown(line.of("read"), line.numbers, line.of("written"))
        line.end()
    else:
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        with Live(console=Console(stderr=True), refresh_per_second=4) as shown:
            yield Shown(
                lambda done, total: shown.update(Text(_count_line(what, "read", done, total))),
                lambda snapshot: shown.update(Text(live_line(what, snapshot))),
                lambda done, total: shown.update(Text(_count_line(what, "written", done, total))),
            )


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a run tells how far it is: inputs read, replies on their way, items written."""

    reading: "Progress"
    asking: "Live"
    writing: "Progress"


class _NowAndThen:
    """Writes a line every few seconds at most, and the last one of each kind whenever it comes."""

    def __init__(self, what: str, log_format: LogFormat) -> None:
        self._what = what
        self._as_json = log_format == "json"
        self._waiting: str | None = None
        self._kind = ""
        self._said = float("-inf")

    def numbers(self, snapshot: "Snapshot") -> None:
        text = json.dumps(snapshot.as_json()) if self._as_json else live_line(self._what, snapshot)
        self._offer("numbers", text)

    def of(self, word: str) -> "Progress":
        """What is called with a count of things read or written."""

        def say(done: int, total: int) -> None:
            counts = {"verb": self._what, word: done, "total": total or None}
            told = (
                json.dumps(counts) if self._as_json else _count_line(self._what, word, done, total)
            )
            self._offer(word, told)

        return say

    def end(self) -> None:
        """Say what is still to be said."""
        if self._waiting is not None:
            typer.echo(self._waiting, err=True)
            self._waiting = None

    def _offer(self, kind: str, text: str) -> None:
        if kind != self._kind:
            self.end()
            self._kind, self._said = kind, float("-inf")
        self._waiting = text
        now = time.monotonic()
        if now - self._said >= _SECONDS_BETWEEN_LINES:
            self._said = now
            self.end()


def _count_line(what: str, word: str, done: int, total: int) -> str:
    things = "inputs" if word == "read" else "items"
    return f"{what}: {done:,}{f' of {total:,}' if total else ''} {things} {word}"


def live_line(what: str, numbers: "Snapshot") -> str:
    """The numbers of a run in one line: how far, how fast, at what cost, and what went wrong."""
    total = f"/{numbers.items_total:,}" if numbers.items_total is not None else ""
    parts = [
        f"{what} {numbers.items_done:,}{total} items",
        f"{numbers.requests_per_second:.1f} replies/s",
        f"{numbers.in_flight}/{numbers.limit} in flight",
        f"{numbers.prompt_tokens_per_second:,.0f}+{numbers.completion_tokens_per_second:,.0f} "
        "tokens/s",
    ]
    if numbers.reused:
        parts.append(f"{numbers.reused:,} from the journal")
    for title, counts in (("retries", numbers.retries), ("rejects", numbers.rejects)):
        if counts:
            named = ", ".join(f"{name} {count:,}" for name, count in sorted(counts.items()))
            parts.append(f"{title}: {named}")
    if numbers.cost:
        forecast = f" of {numbers.forecast:.2f}" if numbers.forecast is not None else ""
        parts.append(f"cost {numbers.cost:.2f}{forecast}")
    if numbers.seconds_left:
        parts.append(f"{_clock(numbers.seconds_left)} left")
    if numbers.loop_lag_ms > _LATE_MS:
        parts.append(f"this process is the limit ({numbers.loop_lag_ms:.0f} ms late)")
    if numbers.stopping == "draining":
        parts.append(
            f"stopping: {numbers.in_flight} replies are on their way; Ctrl-C again gives them up"
        )
    elif numbers.stopping:
        parts.append(f"stopping: {numbers.stopping}")
    return "  ".join(parts)


_LATE_MS = 100.0


def _clock(seconds: float) -> str:
    """Seconds as hours, minutes and seconds: 3725 is 1:02:05."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def print_report(report: "Report", *, json_: bool, quiet: bool) -> None:
    """The report's tables, or its result as JSON alone; hints only where they are wanted.

    What went wrong with a run that is done goes to stderr, and is said in any case.
    """
    if report.failure:
        typer.echo(f"error: {report.failure}", err=True)
    if json_:
        typer.echo(json.dumps(report.result, indent=2, ensure_ascii=False, default=str))
        return
    for text in report.texts:
        typer.echo(printable(text))
    for table in report.tables:
        _print_table(table)
    if report.outputs:
        typer.echo("wrote " + ", ".join(str(path) for path in report.outputs))
    if not quiet:
        for note in report.notes:
            typer.echo(note)


def _print_table(table: "Table") -> None:
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(title=table.title, title_justify="left", box=None, pad_edge=False)
    for at, name in enumerate(table.columns):
        numbers = all(_is_number(row[at]) for row in table.rows)
        drawn.add_column(name, justify="right" if numbers else "left", no_wrap=True)
    for row in table.rows:
        drawn.add_row(*(Text(cell) for cell in row))
    # Not a terminal: as wide as it needs, so that no cell is cut in a file or a pipe.
    console = Console(width=None if sys.stdout.isatty() else _WIDEST, soft_wrap=True)
    with console.capture() as capture:
        console.print(drawn)
    typer.echo("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))


_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""The text with characters that would move a terminal's cursor or turn its lines, escaped.

    Pages and replies of models are untrusted: they may hold any of them.

    >>> printable("red \x1b[31m\n")
    'red \\x1b[31m\n'
    """
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


def page(text: str) -> None:
    """The text in the pager of the terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console()
    with console.pager():
        console.print(Text(text))


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").isdigit() or not cell
