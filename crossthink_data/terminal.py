"""What the command line shows: progress on stderr; reports and pages of rows on stdout."""

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossthink_data.ledger import Report, Table
    from crossthink_data.steps.outputs import Progress

__all__ = ["page", "print_report", "progress_of"]

_WIDEST = 10_000


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


def print_report(report: "Report", *, json_: bool, quiet: bool) -> None:
    """The report's tables, or its result as JSON alone; hints only where they are wanted."""
    if json_:
        typer.echo(json.dumps(report.result, indent=2, ensure_ascii=False, default=str))
        return
    for text in report.texts:
        typer.echo(text)
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


def page(text: str) -> None:
    """The text in the pager of the terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console()
    with console.pager():
        console.print(Text(text))


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").isdigit() or not cell
