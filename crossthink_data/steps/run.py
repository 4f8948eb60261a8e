"""`run`: the stages of one recipe in order, each with its own output, none done twice in vain."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, NonNegativeInt

from crossthink_data import __version__
from crossthink_data.errors import RecipeError, SourceError, did_you_mean
from crossthink_data.ledger import Report, Table, reasons_tables, tables_of
from crossthink_data.raw import data_files
from crossthink_data.recipe import VERBS, Settings, check, load_recipe, recipes_folder
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
    seed: NonNegativeInt | None = None
    limit: NonNegativeInt | None = None


class _Recipe(Settings):
    seed: NonNegativeInt = 0
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
            report, state = _VERBS[stage.verb].run(stage.settings, progress(stage.name)), "done"
            done.record(stage, digest)
        lines.append((stage, report, state))
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
        outputs=(stages[-1].out,),
        notes=(*report.notes, *_what_next(recipe, folder)),
    )


def _what_next(recipe: _Recipe, folder: Path) -> list[str]:
    return [recipe.next.strip().replace("{out}", str(folder))] if recipe.next else []


def _stages(recipe: _Recipe, path: Path, folder: Path, settings: RunSettings) -> list[_Stage]:
    seed = recipe.seed if settings.seed is None else settings.seed
    stages: list[_Stage] = []
    for number, entry in enumerate(recipe.stages, 1):
        where = f"{path}: stages[{number}]"
        if len(entry) != 1:
            raise RecipeError(f"{where} has {len(entry)} verbs ({', '.join(entry)}); give it one")
        ((verb, given),) = entry.items()
        if verb not in _VERBS:
            raise RecipeError(f"{where}: {verb} is no stage; {did_you_mean(verb, _VERBS)}")
        stages.append(
            _stage(verb, given, stages, path, folder, f"{where}.{verb}", seed, settings.limit)
        )
    return stages


def _stage(
    verb: str,
    given: Values,
    before: list[_Stage],
    path: Path,
    folder: Path,
    where: str,
    seed: int,
    limit: int | None,
) -> _Stage:
    values = dict(given)
    name = str(values.get("out", values.get("source", verb))).removesuffix(".parquet")
    if not name or Path(name).name != name:
        raise RecipeError(
            f"{where}: out is {name!r}; give a plain name, it goes into the run's folder"
        )
    if any(stage.out.stem == name for stage in before):
        raise RecipeError(f"{where}: out {name!r} is taken by an earlier stage; give it another")
    values["out"] = str(folder / f"{name}.parquet")
    values.setdefault("seed", seed)
    if limit and verb == "fetch":
        values["limit"] = limit
    if "inputs" in values:
        values["inputs"] = [_input(item, before, path, where) for item in _listed(values["inputs"])]
    for key in ("from", "scores"):
        if key in values:
            values[key] = _beside(str(values[key]), path)
    model = _VERBS[verb].model
    return _Stage(verb, folder / f"{name}.parquet", values, check(model, values, where))


def _listed(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _input(name: str, before: list[_Stage], path: Path, where: str) -> str:
    """The output of an earlier stage of that name, or a file beside the recipe."""
    outputs = {stage.out.stem: str(stage.out) for stage in before}
    stem = name.removesuffix(".parquet")
    if stem in outputs:
        return outputs[stem]
    file = _beside(name, path)
    if not Path(file).is_file():
        raise RecipeError(
            f"{where}: input {name!r} is neither the output of an earlier stage nor a file; "
            f"{did_you_mean(stem, outputs) if outputs else 'there is no earlier stage'}"
        )
    return file


def _beside(name: str, path: Path) -> str:
    """A path as the recipe means it: in its own folder, or bundled beside the shipped recipes.

    What is in neither stays as it is: a hub id, or a path from where the command runs.
    """
    for folder in (path.parent, recipes_folder()):
        if (folder / name).exists():
            return str(folder / name)
    return name


def _digest(stage: _Stage) -> str:
    """Digest of all that the stage's output depends on."""
    inputs = [sha256_of(Path(name)) for name in _listed(stage.values.get("inputs", []))]
    origin = stage.values.get("from")
    if origin is not None and Path(str(origin)).exists():
        inputs += [sha256_of(file.path) for file in data_files(Path(str(origin))).files]
    if stage.values.get("scores") is not None:
        inputs.append(sha256_of(Path(str(stage.values["scores"]))))
    parts = [__version__, stage.verb, stage.settings.model_dump(mode="json"), inputs]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class _Done:
    """Which stages are finished, as `run.json` of the run's folder has it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stages: dict[str, dict[str, str]] = {}
        if path.is_file():
            try:
                self._stages = json.loads(path.read_text(encoding="utf-8"))["stages"]
            except (ValueError, KeyError, TypeError) as error:
                raise SourceError(
                    f"{path}: not a record of finished stages ({error}); "
                    "remove it to run every stage again"
                ) from error

    def holds(self, stage: _Stage, digest: str) -> bool:
        record = self._stages.get(stage.name, {})
        return (
            record.get("digest") == digest
            and stage.out.is_file()
            and ledger_path(stage.out).is_file()
            and record.get("sha256") == sha256_of(stage.out)
        )

    def record(self, stage: _Stage, digest: str) -> None:
        self._stages[stage.name] = {"digest": digest, "sha256": sha256_of(stage.out)}
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
