"""Scores of sources for the usefulness blend (B_score of the paper's Table 2), from a file."""

import csv
from pathlib import Path

import yaml

from crossthink_data.errors import RecipeError

__all__ = ["read_scores"]


def read_scores(path: Path) -> dict[str, str]:
    """Source to score, from a CSV with columns source and score, or a JSON or YAML mapping.

    Scores are texts as written, so that they stay exact. RecipeError for any other file.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(
            f"scores {path}: cannot be read ({error}); name a CSV, JSON or YAML file of scores"
        ) from error
    if path.suffix == ".csv":
        return _scores_of_csv(path, text)
    try:
        values = yaml.safe_load(text)  # JSON is YAML
    except yaml.YAMLError as error:
        raise RecipeError(f"scores {path}: is no JSON or YAML ({error})") from error
    if not isinstance(values, dict):
        raise RecipeError(f"scores {path}: should map each source to its score")
    return {str(source): str(score) for source, score in values.items()}


def _scores_of_csv(path: Path, text: str) -> dict[str, str]:
    table = list(csv.DictReader(text.splitlines()))
    if not table or not {"source", "score"} <= set(table[0]):
        raise RecipeError(f"scores {path}: needs a header line with source and score, and lines")
    scores: dict[str, str] = {}
    for row in table:
        if row["source"] in scores:
            raise RecipeError(f"scores {path}: source {row['source']!r} stands twice; keep one")
        scores[row["source"]] = row["score"]
    return scores
