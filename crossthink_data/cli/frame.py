"""The app itself, and what its commands share: options, settings, errors as one message."""

import functools
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar

import typer

from crossthink_data import __version__
from crossthink_data.errors import CrossthinkError, RecipeError, RunStopped
from crossthink_data.terminal import print_report, progress_of

if TYPE_CHECKING:
    from crossthink_data.ledger import Report
    from crossthink_data.recipe import Settings
    from crossthink_data.steps.outputs import Progress

__all__ = [
    "Inputs",
    "Json",
    "Limit",
    "Out",
    "Quiet",
    "Recipe",
    "Seed",
    "app",
    "guarded",
    "recipe_app",
    "run_and_print",
    "settings_of",
]

P = ParamSpec("P")
T = TypeVar("T")
SettingsType = TypeVar("SettingsType", bound="Settings")

app = typer.Typer(
    name="crossthink-data",
    help="RL data with verifiable rewards beyond mathematics: raw sources to a train-ready blend.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
recipe_app = typer.Typer(
    help="Shipped recipes and prompts: list, show, copy.", no_args_is_help=True
)
app.add_typer(recipe_app, name="recipe")

Inputs = Annotated[list[Path] | None, typer.Argument(help="Question files (parquet).")]
Out = Annotated[Path | None, typer.Option(help="File to write; rejects and ledger go beside it.")]
Recipe = Annotated[str | None, typer.Option(help="Shipped recipe or YAML file; flags override it.")]
Seed = Annotated[int | None, typer.Option(help="Seed of every random choice.")]
Limit = Annotated[int | None, typer.Option(help="Read only so many rows.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no hints.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def guarded(command: Callable[P, T]) -> Callable[P, T]:
    """The command, with this project's errors as one message and the right exit code."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except RecipeError as error:
            code, message = 2, str(error)
        except RunStopped as stopped:
            code, message = 128 + signal.SIGINT, str(stopped)
        except CrossthinkError as error:
            code, message = 1, str(error)
        except BrokenPipeError:
            # The reader of our output went away, as `| head` does: nothing is wrong.
            sys.stderr.close()
            raise typer.Exit(0) from None
        except OSError as error:
            code, message = 1, f"{error}; nothing was changed; check the path, its rights and space"
        except KeyboardInterrupt as stop:
            code = 128 + (stop.args[0] if stop.args else signal.SIGINT)
            message = "stopped; what was finished is whole, the rest as it was before"
        typer.echo(f"error: {message}", err=True)
        raise typer.Exit(code)

    return guarded


def _stop(signal_number: int, frame: object) -> None:
    """Stop as Ctrl-C does, so that half-made files are removed on SIGTERM too."""
    raise KeyboardInterrupt(signal_number)


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"crossthink-data {__version__}")
        raise typer.Exit
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)


def settings_of(
    model: type[SettingsType],
    verb: str,
    recipe: str | None,
    flags: Mapping[str, object],
    seed: int | None,
    limit: int | None,
) -> SettingsType:
    """The verb's settings: those of the recipe, overridden by the flags that were given."""
    from crossthink_data.recipe import check, section

    values, where = section(recipe, verb) if recipe is not None else ({}, verb)
    all_flags = {**flags, "seed": seed, "limit": limit}
    given = {key: value for key, value in all_flags.items() if value not in (None, [], {})}
    for key, other in (("ratio", "scores"), ("scores", "ratio")):
        if key in given and other not in given:
            values.pop(other, None)  # two ways to say the shares: the flag's takes the place
    return check(model, values | given, where)


def run_and_print(
    verb: str,
    run_step: "Callable[[SettingsType, Progress], Report]",
    settings: SettingsType,
    *,
    quiet: bool,
    json_: bool,
) -> None:
    with progress_of(verb, quiet) as progress:
        report = run_step(settings, progress)
    print_report(report, json_=json_, quiet=quiet)
