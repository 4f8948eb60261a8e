"""`recipe ls|show|cp`: the shipped recipes and prompts, to read and to start from.

A prompt is named as `prompts/NAME`; a folder of changed ones is what `prompts` of synth names.
"""

import shutil
from pathlib import Path

from crossthink_data.errors import RecipeError, did_you_mean
from crossthink_data.ledger import Report, Table
from crossthink_data.recipe import find_recipe, recipe_names

__all__ = ["copy", "list_recipes", "show"]


def list_recipes() -> Report:
    """Names of the shipped recipes and the first line of each one's header; then the prompts."""
    recipes = [(name, _first_line(find_recipe(name))) for name in recipe_names()]
    prompts = [(name, f"prompt of synth, {path.name}") for name, path in sorted(_prompts().items())]
    rows = (*recipes, *prompts)
    return Report(
        verb="recipe ls",
        result=dict(rows),
        tables=(Table("recipes", ("name", "what it is"), rows),),
    )


def show(name: str) -> str:
    """The text of a recipe or prompt as shipped, comments included."""
    return _find(name).read_text(encoding="utf-8")


def copy(name: str, to: Path) -> Report:
    """Copy a recipe; bundled data that it names is found from anywhere. Refuses to overwrite."""
    origin = _find(name)
    if to.is_dir():
        to = to / origin.name
    if to.exists():
        raise RecipeError(f"{to}: exists already; name another file, or remove it first")
    if not to.parent.is_dir():
        raise RecipeError(f"{to}: there is no folder {to.parent}; make it first")
    shutil.copyfile(origin, to)
    return Report(verb="recipe cp", result={"copied": str(to)}, outputs=(to,))


def _find(name: str) -> Path:
    """The file of a recipe or prompt. RecipeError when there is none of that name."""
    if not name.startswith("prompts/"):
        return find_recipe(name)
    if name not in _prompts():
        raise RecipeError(f"{name} is no shipped prompt; {did_you_mean(name, _prompts())}")
    return _prompts()[name]


def _prompts() -> dict[str, Path]:
    """`prompts/NAME` -> its file, the newest version of each."""
    folder = Path(__file__).parent.parent / "synth" / "prompts"
    versions = sorted(folder.glob("*.j2"), key=lambda path: (len(path.name), path.name))
    return {f"prompts/{path.name.partition('.')[0]}": path for path in versions}


def _first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
