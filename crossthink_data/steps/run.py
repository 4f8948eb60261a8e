"""`run`: the stages of one recipe in order, each with its own output, none done twice in vain."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, PositiveInt

from crossthink_data import __version__
from crossthink_data.errors import RecipeError, SourceError, did_you_mean
from crossthink_data.ledger import Report, Table, reasons_tables, tables_of
from crossthink_data.raw import data_files
from crossthink_data.recipe import (
    PATH_KEYS,
    VERBS,
    Seed,
    Settings,
    beside,
    check,
    listed,
    load_recipe,
)
from crossthink_data.steps import blend, fetch, template
from crossthink_data.steps import filter as filtering
from crossthink_data.steps.outputs import Progress, ledger_path, silent
from crossthink_data.tables import sha256_of

__all__ = ["RunSettings", "run"]

StageProgress = Callable[[str], Progress]
"""Called with the name of a stage that starts; gives back the progress to report its rows to."""

Values = dict[str, object]


class RunSettings(Settings):
    """`recipe` is a shipped name or a file; `out` is the run's folder, or else `./<its name>`."""

    recipe: str
    out: Path | None = None
    seed: Seed | None = None
    limit: PositiveInt | None = None


class _Recipe(Settings):
    seed: Seed = 0
    stages: tuple[dict[str, Values], ...] = Field(min_length=1)
    next: str = ""
    """What to do after the run, printed at its end; `{out}` stands for the run's folder."""


@dataclass(frozen=True, slots=True)
class _Stage:
    """One verb with its settings, in which every path is resolved."""

    verb: str
    out: Path
    values: Values
    settings: Settings

    @property
    def name(self) -> str:
        return f"{self.verb} {self.out.stem}"


@dataclass(frozen=True, slots=True)
class _Verb:
    model: type[Settings]
    run: Callable[..., Report]


def _verb(name: str) -> _Verb:
    if name == "synth":
        # Here, so that recipes without it need no package of [synth].
        from crossthink_data.steps import synth

        return _Verb(synth.SynthSettings, synth.run_stage)
    return _VERBS[name]


_VERBS: Mapping[str, _Verb] = {
    "fetch": _Verb(fetch.FetchSettings, fetch.run),
    "template": _Verb(template.TemplateSettings, template.run),
    "filter": _Verb(filtering.FilterSettings, filtering.run),
    "blend": _Verb(blend.BlendSettings, blend.run),
}


def _no_progress(stage: str) -> Progress:
    return silent


def run(settings: RunSettings, progress: StageProgress = _no_progress) -> Report:
    """Do every stage that is not done; the report is the last stage's, after a table of all.

    A stage whose exit code is not 0 ends the run with that code, and is run again the next time.
    A stage is done when `run.json` in the folder records the same settings, the same bytes of every
    input and the bytes that its output still has.
    """
    values, path = load_recipe(settings.recipe)
    if "stages" not in values and (verb := next((key for key in VERBS if key in values), None)):
        raise RecipeError(
            f"{path}: has no stages to run, it holds settings of {verb}; "
            f"use it with: crossthink-data {verb} INPUTS... --recipe {settings.recipe} --out PATH"
        )
    recipe = check(_Recipe, values, str(path))
    folder = settings.out or Path(path.stem)
    stages = _stages(recipe, path, folder, settings)
    if not folder.parent.is_dir():
        raise SourceError(f"--out {folder}: there is no folder {folder.parent}; make it first")
    if folder.exists() and not folder.is_dir():
        raise SourceError(f"--out {folder}: is a file; name a folder for the run")
    folder.mkdir(exist_ok=True)
    done = _Done(folder / "run.json")
    lines, report = [], None
    for stage in stages:
        digest = _digest(stage)
        if done.holds(stage, digest):
            report, state = _report_again(stage), "unchanged, not run again"
        else:
            report, state = _verb(stage.verb).run(stage.settings, progress(stage.name)), "done"
            if report.exit_code == 0:
                done.record(stage, digest, report)
        lines.append((stage, report, state))
        if report.exit_code:
            break  # what follows would build on a stage that went wrong
    assert report is not None
    accounts = [result.result for _, result, _ in lines]
    return Report(
        verb="run",
        result={"stages": {stage.name: result.result for stage, result, _ in lines}},
        tables=(
            _stage_table(lines),
            *reasons_tables("rejected", accounts[:-1]),
            *tables_of(accounts[-1]),
        ),
        outputs=(lines[-1][0].out,),
        notes=(*report.notes, *([] if report.exit_code else _what_next(recipe, folder))),
        exit_code=report.exit_code,
        failure=report.failure,
    )


def _what_next(recipe: _Recipe, folder: Path) -> list[str]:
    return [recipe.next.strip().replace("{out}", str(folder))] if recipe.next else []


@dataclass(frozen=True, slots=True)
class _Road:
    """What the stages of one recipe share."""

    path: Path
    folder: Path
    seed: int
    forced_seed: int | None
    limit: int | None


def _stages(recipe: _Recipe, path: Path, folder: Path, settings: RunSettings) -> list[_Stage]:
    road = _Road(path, folder, recipe.seed, settings.seed, settings.limit)
    stages: list[_Stage] = []
    for number, entry in enumerate(recipe.stages, 1):
        where = f"{path}: stages[{number}]"
        if len(entry) != 1:
            raise RecipeError(f"{where} has {len(entry)} verbs ({', '.join(entry)}); give it one")
        ((verb, given),) = entry.items()
        if verb not in VERBS:
            raise RecipeError(f"{where}: {verb} is no stage; {did_you_mean(verb, VERBS)}")
        stages.append(_stage(verb, given, stages, road, f"{where}.{verb}"))
    return stages


def _stage(verb: str, given: Values, before: list[_Stage], road: _Road, where: str) -> _Stage:
    values = dict(given)
    name = str(values.get("out", values.get("source", verb))).removesuffix(".parquet")
    if not name or Path(name).name != name:
        raise RecipeError(
            f"{where}: out is {name!r}; give a plain name, it goes into the run's folder"
        )
    if any(stage.out.stem == name for stage in before):
        raise RecipeError(f"{where}: out {name!r} is taken by an earlier stage; give it another")
    values["out"] = str(road.folder / f"{name}.parquet")
    values.setdefault("seed", road.seed)
    if road.forced_seed is not None:
        values["seed"] = road.forced_seed
    if road.limit and verb in _SOURCES:
        values["limit"] = road.limit
    if verb == "synth" and "inputs" in values:
        values["inputs"] = [beside(item, road.path) for item in listed(values["inputs"])]
    elif "inputs" in values:
        values["inputs"] = [_input(item, before, road, where) for item in listed(values["inputs"])]
    for key in PATH_KEYS:
        if key in values:
            values[key] = beside(str(values[key]), road.path)
    settings = check(_verb(verb).model, values, where)
    if isinstance(settings, fetch.FetchSettings):
        fetch.check_origin(settings)
    return _Stage(verb, road.folder / f"{name}.parquet", values, settings)


_SOURCES = ("fetch", "synth")
"""Verbs whose rows come from outside, so that a limit is theirs to keep."""


def _input(name: str, before: list[_Stage], road: _Road, where: str) -> str:
    """The output of an earlier stage of that name, or a file beside the recipe."""
    outputs = {stage.out.stem: str(stage.out) for stage in before}
    stem = name.removesuffix(".parquet")
    if stem in outputs:
        return outputs[stem]
    file = beside(name, road.path)
    if not Path(file).is_file():
        raise RecipeError(
            f"{where}: input {name!r} is neither the output of an earlier stage nor a file; "
            f"{did_you_mean(stem, outputs) if outputs else 'there is no earlier stage'}"
        )
    return file


def _digest(stage: _Stage) -> str:
    """Digest of all that the stage's output depends on: contents and settings, no paths."""
    inputs = _inputs_digests(stage)
    origin = Path(str(stage.values.get("from", "")))
    if "from" in stage.values and origin.exists():
        # The names are part of the rows' provenance, and MMLU's say the subject.
        inputs += [f"{file.name} {sha256_of(file.path)}" for file in data_files(origin).files]
    if "scores" in stage.values:
        inputs.append(sha256_of(Path(str(stage.values["scores"]))))
    paths = {"inputs", "out", *PATH_KEYS} - {"from"} | ({"origin"} if origin.exists() else set())
    settings = stage.settings.model_dump(mode="json", exclude=paths)
    parts = [__version__, stage.verb, settings, inputs]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _inputs_digests(stage: _Stage) -> list[str]:
    if stage.verb == "synth":
        from crossthink_data.steps import synth

        assert isinstance(stage.settings, synth.SynthSettings)
        return [synth.inputs_digest(stage.settings)]
    return [sha256_of(Path(name)) for name in listed(stage.values.get("inputs", []))]


class _Done:
    """Which stages are finished, as `run.json` of the run's folder has it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stages: dict[str, dict[str, Any]] = {}
        if path.is_file():
            try:
                self._stages = json.loads(path.read_text(encoding="utf-8"))["stages"]
            except (ValueError, KeyError, TypeError) as error:
                raise SourceError(
                    f"{path}: not a record of finished stages ({error}); "
                    "remove it to run every stage again"
                ) from error

    def holds(self, stage: _Stage, digest: str) -> bool:
        """Whether the stage was done with that digest and every output is as it left it."""
        record = self._stages.get(stage.name, {})
        outputs = record.get("outputs", {})
        return record.get("digest") == digest and all(
            (stage.out.parent / name).is_file() and sha256_of(stage.out.parent / name) == sha256
            for name, sha256 in outputs.items()
        )

    def record(self, stage: _Stage, digest: str, report: Report) -> None:
        """Note a stage that was just done, with the bytes of each of its outputs."""
        outputs = {path.name: sha256_of(path) for path in report.outputs}
        self._stages[stage.name] = {"digest": digest, "outputs": outputs}
        text = json.dumps({"stages": self._stages}, indent=2) + "\n"
        made = self._path.with_suffix(".json.tmp")
        made.write_text(text, encoding="utf-8")
        made.replace(self._path)


def _report_again(stage: _Stage) -> Report:
    """The report of a stage that was finished before: its ledger."""
    ledger = json.loads(ledger_path(stage.out).read_text(encoding="utf-8"))
    return Report(verb=stage.verb, result=ledger)


def _stage_table(lines: list[tuple[_Stage, Report, str]]) -> Table:
    rows = []
    for stage, report, state in lines:
        total = report.result["total"]
        assert isinstance(total, dict)
        rejected = sum(total["rejected"].values())
        rows.append(
            (
                stage.verb,
                stage.out.name,
                f"{total['in']:,}",
                f"{total['kept']:,}",
                f"{rejected:,}",
                state,
            )
        )
    return Table("stages", ("stage", "output", "in", "kept", "rejected", ""), tuple(rows))
