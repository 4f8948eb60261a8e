"""`recipe ls|show|cp`: the shipped recipes, and the prompts of synth."""

from pathlib import Path
from typing import Annotated

import typer

from crossthink_data.cli.frame import Json, Quiet, guarded, recipe_app
from crossthink_data.terminal import print_report


@recipe_app.command("ls")
@guarded
def recipe_ls(quiet: Quiet = False, json_: Json = False) -> None:
    """List the shipped recipes and prompts."""
    from crossthink_data.steps import recipes

    print_report(recipes.list_recipes(), json_=json_, quiet=True)


@recipe_app.command("show")
@guarded
def recipe_show(name: Annotated[str, typer.Argument(help="A name that `ls` lists.")]) -> None:
    """Print a recipe or prompt as shipped."""
    from crossthink_data.steps import recipes

    typer.echo(recipes.show(name), nl=False)


@recipe_app.command("cp")
@guarded
def recipe_cp(
    name: Annotated[str, typer.Argument(help="A name that `ls` lists.")],
    to: Annotated[Path, typer.Argument(help="File or folder to copy to.")],
) -> None:
    """Copy a recipe or prompt to change it."""
    from crossthink_data.steps import recipes

    print_report(recipes.copy(name, to), json_=False, quiet=False)
