"""The verbs that ask a model: synth; and status, how far such a run is."""

from pathlib import Path
from typing import Annotated

import typer

from crossthink_data.cli.frame import (
    Json,
    Limit,
    Out,
    Quiet,
    Recipe,
    Seed,
    app,
    guarded,
    settings_of,
)
from crossthink_data.terminal import LogFormat, live_of, print_report

LogFormatOption = Annotated[
    LogFormat,
    typer.Option("--log-format", help="The live line: text, or json, one object a line."),
]


@app.command()
@guarded
def synth(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(help="Archives, documents or personas: files, folders or a hub id."),
    ] = None,
    kind: Annotated[str | None, typer.Option(help="syn-qa or persona-math.")] = None,
    question: Annotated[str | None, typer.Option(help="Of syn-qa: mcq or open.")] = None,
    options: Annotated[int | None, typer.Option(help="Options of an mcq (default 4).")] = None,
    per_subject: Annotated[
        int | None, typer.Option(help="Most passages asked about of each MMLU subject.")
    ] = None,
    prompts: Annotated[
        Path | None, typer.Option(help="Folder of prompt files that replace shipped ones.")
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option(help="endpoint, vllm, llama or replay (default: as the flags below say)."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Name at the server, GGUF file or hub id.")
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="Server of the endpoint backend.")] = None,
    recorded: Annotated[
        Path | None, typer.Option(help="Journal that the replay backend answers from.")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(help="Folder of the run (default: beside --out).")
    ] = None,
    max_in_flight: Annotated[
        int | None, typer.Option(help="Most requests under way at once.")
    ] = None,
    executor: Annotated[str | None, typer.Option(help="local, ray or slurm.")] = None,
    tasks: Annotated[int | None, typer.Option(help="Ranks to share the work (default 1).")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Prompts, tokens and cost; calls nothing.")
    ] = False,
    out: Out = None,
    recipe: Recipe = None,
    seed: Seed = None,
    limit: Limit = None,
    log_format: LogFormatOption = "text",
    quiet: Quiet = False,
    json_: Json = False,
) -> None:
    """Ask a model for verified questions from web archives (syn-qa) or personas (persona-math)."""
    from crossthink_data.steps import synth as step

    flags = {
        "inputs": inputs,
        "out": out,
        "kind": kind,
        "question": question,
        "options": options,
        "per_subject": per_subject,
        "prompts": prompts,
        "backend": backend,
        "model": model,
        "base_url": base_url,
        "recorded": recorded,
        "journal": journal,
        "max_in_flight": max_in_flight,
        "executor": executor,
        "tasks": tasks,
    }
    settings = settings_of(step.SynthSettings, "synth", recipe, flags, seed, limit)
    with live_of("synth", quiet, log_format) as shown:
        if dry_run:
            report = step.dry_run(settings, shown.reading)
        else:
            report = step.run(settings, shown.asking, shown.reading, shown.writing)
    print_report(report, json_=json_, quiet=quiet)
    raise typer.Exit(report.exit_code)


@app.command()
@guarded
def status(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run: x.journal.")],
    quiet: Quiet = False,
    json_: Json = False,
) -> None:
    """Say how far a run is, from any machine that sees its folder."""
    from crossthink_data.steps import status as step

    print_report(step.run(folder), json_=json_, quiet=quiet)
