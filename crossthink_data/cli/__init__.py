"""The command line: parse, call one step, print its report.

stdout carries the result (tables, or JSON), stderr the progress. Exit 0 done, 1 the run failed,
2 bad arguments or recipe, 3 done, yet more items without a usable reply than allowed. Steps are
imported inside their commands, so that --help stays light.
"""

from crossthink_data.cli import data_verbs, model_verbs, recipe_verbs
from crossthink_data.cli.frame import app

__all__ = ["app", "data_verbs", "model_verbs", "recipe_verbs"]
