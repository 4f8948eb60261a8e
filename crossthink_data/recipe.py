"""Recipes: one YAML, one run, strictly checked; unknown keys are refused with the closest one.

A recipe holds settings of verbs, as `VERB: {key: value}`, and optionally `stages`, a list of such
entries for `run`. Shipped recipes are named by their path, such as `paper/gpr_up`.
"""

from collections.abc import Hashable, Mapping
from pathlib import Path
from reprlib import Repr
from typing import Annotated, ClassVar, TypeVar, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from crossthink_data.errors import RecipeError, did_you_mean

__all__ = [
    "PATH_KEYS",
    "VERBS",
    "Inputs",
    "Seed",
    "Settings",
    "beside",
    "check",
    "find_recipe",
    "listed",
    "load_recipe",
    "recipe_names",
    "recipes_folder",
    "section",
]


class Settings(BaseModel):
    """Base of every step's settings: frozen, and no key that is not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=False)

    missing: ClassVar[Mapping[str, str]] = {}
    """What to do about a key that is not given, where it is more than to give it."""


VERBS = ("fetch", "synth", "template", "filter", "blend")
"""Verbs that a recipe can hold settings of."""


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, (str, Path)) else value


Inputs = Annotated[tuple[Path, ...], BeforeValidator(_one_or_many), Field(min_length=1)]
"""Question files; a single one need not be a list."""

Seed = Annotated[int, Field(ge=0, lt=2**64)]
"""The seed of a stable hash: 64 bits, so that no two seeds are the same one cut short."""

SettingsType = TypeVar("SettingsType", bound=Settings)


def check(model: type[SettingsType], values: Mapping[str, object], where: str) -> SettingsType:
    """The values as settings. RecipeError names each wrong key, its value and what is right."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        problems = [_problem(model, details) for details in error.errors()]
        raise RecipeError(f"{where}: {'; '.join(problems)}") from error


def _problem(model: type[Settings], details: ErrorDetails) -> str:
    key = ".".join(str(part) for part in details["loc"])
    if details["type"] == "extra_forbidden":
        known = _keys_at(model, details["loc"][:-1])
        return f"{key} is not a key; {did_you_mean(str(details['loc'][-1]), known)}"
    if details["type"] == "missing":
        hint = {**_MISSING, **model.missing}.get(
            key, f"give it as a key of the recipe or as --{key.replace('_', '-')}"
        )
        return f"{key} is missing; {hint}"
    message = details["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    return f"{key} is {_SHORT.repr(details['input'])}; {message}" if key else message


def _keys_at(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand at a place: those of the settings, or of a part of them."""
    for name in place:
        field = model.model_fields.get(str(name))
        annotation = None if field is None else field.annotation
        for part in (annotation, *get_args(annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                model = part
    return [field.alias or name for name, field in model.model_fields.items()]


# Few lines of YAML can stand for a value of gigabytes; a message shows its beginning.
_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 200
_SHORT.maxlevel = 2

_MISSING = {
    "inputs": "name at least one question file, such as filtered.parquet",
    "out": "name the file to write, such as --out out.parquet",
    "source": "name one that `crossthink-data sources` lists, or your own in a recipe",
    "stages": "a recipe for `run` lists its stages",
}


def recipes_folder() -> Path:
    """Where shipped recipes are: inside the package when installed, beside it in a checkout."""
    installed = Path(__file__).parent / "_recipes"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "recipes"


def recipe_names() -> list[str]:
    """Names of the shipped recipes, sorted."""
    folder = recipes_folder()
    return sorted(
        path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml")
    )


def find_recipe(name: str) -> Path:
    """The file of a recipe: a shipped name, or a path. RecipeError when there is neither."""
    if name in recipe_names():
        return recipes_folder() / f"{name}.yaml"
    path = Path(name)
    if path.is_file():
        return path
    raise RecipeError(
        f"recipe {name!r} is neither a shipped recipe nor a file; "
        f"{did_you_mean(name, recipe_names())}; list them with: crossthink-data recipe ls"
    )


def load_recipe(name: str) -> tuple[dict[str, object], Path]:
    """The recipe's top-level mapping and its file. RecipeError when it is no YAML mapping."""
    path = find_recipe(name)
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read ({error.strerror}); check its rights") from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path}: not UTF-8 text ({error}); save it as UTF-8") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-02-30
        raise RecipeError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise RecipeError(f"{path}: holds {type(values).__name__}; a recipe is a mapping of verbs")
    return values, path


PATH_KEYS = ("from", "scores", "recorded", "prompts", "skills", "tokenizer")
"""Keys whose value is a file or folder, and may stand beside the recipe."""


def beside(name: str, recipe: Path) -> str:
    """A path as the recipe means it: in its own folder, or bundled beside the shipped recipes.

    What is in neither stays as it is: a hub id, or a path from where the command runs.
    """
    for folder in (recipe.parent, recipes_folder()):
        if (folder / name).exists():
            return str(folder / name)
    return name


def listed(value: object) -> list[str]:
    """One text or several, as a list."""
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)]


def section(name: str, verb: str) -> tuple[dict[str, object], str]:
    """The settings that a recipe gives one verb, and where they stand for messages.

    The recipe's own `seed` counts where the verb has none. RecipeError when it has no such verb.
    """
    values, path = load_recipe(name)
    given = values.get(verb)
    if given is None:
        keys = ", ".join(values) or "nothing"
        hint = f"run it with: crossthink-data run {name}" if "stages" in values else "use another"
        misspelt = [key for key in values if key not in (*VERBS, "seed", "stages", "next")]
        if misspelt:
            hint = f"{misspelt[0]} is not a key; {did_you_mean(misspelt[0], VERBS)}"
        raise RecipeError(f"{path}: has no {verb} (it has {keys}); {hint}")
    if not isinstance(given, dict):
        raise RecipeError(f"{path}: {verb} is {given!r}; give it keys and values")
    unknown = [key for key in values if key not in (*VERBS, "seed")]
    if unknown:
        raise RecipeError(
            f"{path}: {unknown[0]} is not a key; {did_you_mean(unknown[0], (*VERBS, 'seed'))}"
        )
    paths: dict[str, object] = {
        key: beside(str(given[key]), path) for key in PATH_KEYS if key in given
    }
    if "inputs" in given:
        paths["inputs"] = [beside(item, path) for item in listed(given["inputs"])]
    seed = {"seed": values["seed"]} if "seed" in values else {}
    return {**seed, **given, **paths}, f"{path}: {verb}"


class _UniqueKeyLoader(yaml.SafeLoader):
    """Safe YAML in which a key that stands twice is an error instead of a silent last word."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} is no plain text", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        mapping: dict[Hashable, object] = super().construct_mapping(node, deep)
        return mapping
