"""The verbs that work on rows: sources, fetch, template, filter, blend, run, show, grade."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossthink_data.cli.frame import (
    Inputs,
    Json,
    Limit,
    Out,
    Quiet,
    Recipe,
    Seed,
    app,
    guarded,
    run_and_print,
    settings_of,
)
from crossthink_data.errors import RecipeError
from crossthink_data.terminal import page, print_report, printable, progress_of

if TYPE_CHECKING:
    from crossthink_data.steps.outputs import Progress


@app.command()
@guarded
def sources(quiet: Quiet = False, json_: Json = False) -> None:
    """List datasets and benchmarks: rows, domain, type, licence, gated, hub id."""
    from crossthink_data.steps import list_sources

    print_report(list_sources.run(), json_=json_, quiet=True)


@app.command()
@guarded
def fetch(
    source: Annotated[str | None, typer.Argument(help="A name that `sources` lists.")] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help="File, folder or hub id to read instead.")
    ] = None,
    out: Out = None,
    split: Annotated[str | None, typer.Option(help="Split to read.")] = None,
    recipe: Recipe = None,
    seed: Seed = None,
    limit: Limit = None,
    quiet: Quiet = False,
    json_: Json = False,
) -> None:
    """One source to question rows, as published; your own file through a recipe's mapping."""
    from crossthink_data.steps import fetch as step

    flags = {"source": source, "from": from_, "out": out, "split": split}
    settings = settings_of(step.FetchSettings, "fetch", recipe, flags, seed, limit)
    run_and_print("fetch", step.run, settings, quiet=quiet, json_=json_)


@app.command()
@guarded
def template(
    inputs: Inputs = None,
    question: Annotated[str | None, typer.Option(help="mcq, open or keep.")] = None,
    rules: Annotated[
        str | None, typer.Option(help="Which mcq rows may lose their options: strict or paper.")
    ] = None,
    out: Out = None,
    recipe: Recipe = None,
    seed: Seed = None,
    limit: Limit = None,
    quiet: Quiet = False,
    json_: Json = False,
) -> None:
    """Re-template questions; those that cannot stand without their options are rejected."""
    from crossthink_data.steps import template as step

    flags = {"inputs": inputs, "out": out, "question": question, "rules": rules}
    settings = settings_of(step.TemplateSettings, "template", recipe, flags, seed, limit)
    run_and_print("template", step.run, settings, quiet=quiet, json_=json_)


@app.command("filter")
@guarded
def filter_(
    inputs: Inputs = None,
    max_words: Annotated[
        int | None, typer.Option(help="Longest short answer, in words (default 10).")
    ] = None,
    hard_for: Annotated[
        str | None, typer.Option(help="Keep only rows that this model seldom solves.")
    ] = None,
    max_pass_rate: Annotated[
        float | None, typer.Option(help="With --hard-for: highest pass rate kept (default 0).")
    ] = None,
    no_gradable: Annotated[
        bool, typer.Option("--no-gradable", help="Keep golds that the reward cannot grade.")
    ] = False,
    out: Out = None,
    recipe: Recipe = None,
    seed: Seed = None,
    limit: Limit = None,
    quiet: Quiet = False,
    json_: Json = False,
) -> None:
    """Keep rows that can be verified: the paper's H and more, with a reason for each reject."""
    from crossthink_data.steps import filter as step

    flags = {
        "inputs": inputs,
        "out": out,
        "max_words": max_words,
        "hard_for": hard_for,
        "max_pass_rate": max_pass_rate,
        "gradable": False if no_gradable else None,
    }
    settings = settings_of(step.FilterSettings, "filter", recipe, flags, seed, limit)
    run_and_print("filter", step.run, settings, quiet=quiet, json_=json_)


@app.command()
@guarded
def blend(
    inputs: Inputs = None,
    ratio: Annotated[
        str | None, typer.Option(help="gpr:mr=2:1, mcq:open=1:1, sources, or a named blend (nd).")
    ] = None,
    scores: Annotated[
        Path | None, typer.Option(help="Scores per source, for the usefulness blend.")
    ] = None,
    take: Annotated[
        list[str] | None, typer.Option(help="SOURCE=N: first draw N rows of a source.")
    ] = None,
    size: Annotated[int | None, typer.Option(help="Rows of the blend.")] = None,
    on_short: Annotated[
        str | None, typer.Option(help="When a source runs out: shrink, repeat or fail.")
    ] = None,
    max_epochs: Annotated[
        float | None, typer.Option(help="With repeat: most passes over a source.")
    ] = None,
    val: Annotated[int | None, typer.Option(help="Rows to hold out for validation.")] = None,
    hard_for: Annotated[
        str | None, typer.Option(help="Of the chosen rows, keep those this model never solves.")
    ] = None,
    question: Annotated[str | None, typer.Option(help="mixed or open.")] = None,
    rules: Annotated[str | None, typer.Option(help="With open: strict or paper.")] = None,
    answer: Annotated[str | None, typer.Option(help="Gold of mcq rows: long or short.")] = None,
    unfiltered: Annotated[
        bool, typer.Option("--unfiltered", help="Accept rows that filter has not seen.")
    ] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Print the plan and write nothing.")] = False,
    out: Out = None,
    recipe: Recipe = None,
    seed: Seed = None,
    limit: Limit = None,
    quiet: Quiet = False,
    json_: Json = False,
) -> None:
    """Mix filtered questions into one training file, in exact shares and a seeded order."""
    from crossthink_data.steps import blend as step

    flags = {
        "inputs": inputs,
        "out": out,
        "ratio": ratio,
        "scores": scores,
        "take": _counts(take),
        "size": size,
        "on_short": on_short,
        "max_epochs": max_epochs,
        "val": val,
        "hard_for": hard_for,
        "question": question,
        "rules": rules,
        "answer": answer,
        "unfiltered": unfiltered or None,
    }
    settings = settings_of(step.BlendSettings, "blend", recipe, flags, seed, limit)
    todo = step.plan if plan else step.run
    run_and_print("blend", todo, settings, quiet=quiet, json_=json_)


@app.command()
@guarded
def run(
    recipe: Annotated[str, typer.Argument(help="Shipped recipe (quickstart) or YAML file.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the run (default ./NAME).")] = None,
    seed: Seed = None,
    limit: Limit = None,
    quiet: Quiet = False,
    json_: Json = False,
) -> None:
    """Run the stages of a recipe in order; finished stages are not run again."""
    from contextlib import ExitStack

    from crossthink_data.recipe import check
    from crossthink_data.steps import run as step

    given = {"recipe": recipe, "out": out, "seed": seed, "limit": limit}
    flags = {key: value for key, value in given.items() if value is not None}
    settings = check(step.RunSettings, flags, "run")
    with ExitStack() as bars:

        def stage_progress(stage: str) -> "Progress":
            bars.pop_all().close()
            return bars.enter_context(progress_of(stage, quiet))

        report = step.run(settings, stage_progress)
    print_report(report, json_=json_, quiet=quiet)
    raise typer.Exit(report.exit_code)


@app.command()
@guarded
def show(
    path: Annotated[Path, typer.Argument(help="Question, training or rejects file.")],
    first: Annotated[int | None, typer.Option(help="Rows to pass over.")] = None,
    source: Annotated[str | None, typer.Option(help="Only rows of this source.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only rejects with this reason.")] = None,
    answer: Annotated[str | None, typer.Option(help="Render mcq golds long or short.")] = None,
    limit: Annotated[
        int | None, typer.Option(help="Rows to show (default 5, in the pager 200).")
    ] = None,
    quiet: Quiet = False,
    json_: Annotated[bool, typer.Option("--json", help="Print rows as JSON, one a line.")] = False,
) -> None:
    """Page through rows: the prompt as the model will see it, the gold, the reject reason."""
    from crossthink_data.recipe import check
    from crossthink_data.steps import show as step

    paged = sys.stdout.isatty() and not json_
    given = {
        "path": path,
        "first": first,
        "limit": limit if limit is not None else (200 if paged else 5),
        "source": source,
        "reason": reason,
        "answer": answer,
    }
    flags = {key: value for key, value in given.items() if value is not None}
    shown = step.run(check(step.ShowSettings, flags, "show"))
    if json_:
        for row in shown:
            # Half a character in a raw reply has no UTF-8 form; as an escape it is JSON too.
            text = json.dumps(row.values, ensure_ascii=False)
            typer.echo(text.encode("utf-8", "backslashreplace").decode("utf-8"))
    elif paged:
        page("\n".join(printable(row.text) for row in shown))
    else:
        for row in shown:
            typer.echo(printable(row.text))


@app.command()
@guarded
def grade(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Completions and golds (jsonl, parquet).")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Scores of all files (default: x.scores.* beside each).")
    ] = None,
    completion: Annotated[
        str | None, typer.Option(help="Column of the completion (default: completion, response...)")
    ] = None,
    gold: Annotated[
        str | None, typer.Option(help="Column of the gold (default: gold, ground_truth, answer...)")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="Answer kind of every row: mcq, short_open or math.")
    ] = None,
    think: Annotated[
        str | None, typer.Option(help="The think block: required, prefilled or ignored.")
    ] = None,
    equality: Annotated[
        str | None, typer.Option(help="equivalent, exact (paper) or math_verify (the library).")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show examples of each reason, or every row.")
    ] = False,
    limit: Limit = None,
    quiet: Quiet = False,
    json_: Json = False,
) -> None:
    """Score completions against their golds, and say why each zero is one."""
    from crossthink_data.recipe import check
    from crossthink_data.steps import grade as step

    given = {
        "inputs": inputs,
        "out": out,
        "completion": completion,
        "gold": gold,
        "kind": kind,
        "think": think,
        "equality": equality,
        "explain": explain,
        "limit": limit,
    }
    flags = {key: value for key, value in given.items() if value is not None}
    run_and_print(
        "grade", step.run, check(step.GradeSettings, flags, "grade"), quiet=quiet, json_=json_
    )


def _counts(items: list[str] | None) -> dict[str, int]:
    counts = {}
    for item in items or []:
        source, _, number = item.partition("=")
        if not source or not number.strip().isdigit():
            raise RecipeError(
                f"--take {item!r} is not SOURCE=N; write it like natural_reasoning=100000"
            )
        if source.strip() in counts:
            raise RecipeError(f"--take {source.strip()} stands twice; give it once")
        counts[source.strip()] = int(number)
    return counts
