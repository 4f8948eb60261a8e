"""`recipe ls|show|cp`: the shipped recipes, to read and to start from."""

import shutil
from pathlib import Path

from crossthink_data.errors import RecipeError
from crossthink_data.ledger import Report, Table
from crossthink_data.recipe import find_recipe, recipe_names

__all__ = ["copy", "list_recipes", "show"]


def list_recipes() -> Report:
    """Names of the shipped recipes and the first line of each one's header."""
    rows = tuple((name, _first_line(find_recipe(name))) for name in recipe_names())
    return Report(
        verb="recipe ls",
        result=dict(rows),
        tables=(Table("recipes", ("name", "what it is"), rows),),
    )


def show(name: str) -> str:
    """The recipe's text as shipped, comments included."""
    return find_recipe(name).read_text(encoding="utf-8")


def copy(name: str, to: Path) -> Report:
    """Copy a recipe; bundled data that it names is found from anywhere. Refuses to overwrite."""
    origin = find_recipe(name)
    if to.is_dir():
        to = to / origin.name
    if to.exists():
        raise RecipeError(f"{to}: exists already; name another file, or remove it first")
    if not to.parent.is_dir():
        raise RecipeError(f"{to}: there is no folder {to.parent}; make it first")
    shutil.copyfile(origin, to)
    return Report(verb="recipe cp", result={"copied": str(to)}, outputs=(to,))


def _first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
