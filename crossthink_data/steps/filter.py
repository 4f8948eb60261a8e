"""`filter`: the paper's H and the project's own rules; marks its output for `blend`."""

import json
from pathlib import Path

from pydantic import Field, PositiveInt

from crossthink_data import __version__
from crossthink_data.filters import apply_filters
from crossthink_data.ledger import Report
from crossthink_data.recipe import Inputs, Seed, Settings
from crossthink_data.steps.outputs import Progress, silent
from crossthink_data.steps.rowwise import RowwiseJob, run_rowwise
from crossthink_data.tables import FILTERED_KEY

__all__ = ["FilterSettings", "run"]


class FilterSettings(Settings):
    """`max_words` bounds short_open answers; `hard_for` keeps what that model seldom solves.

    `gradable` asks that the reward gives each row's own gold 1.0.
    """

    inputs: Inputs
    out: Path
    max_words: PositiveInt = 10
    hard_for: str | None = Field(None, min_length=1)
    max_pass_rate: float = Field(0.0, ge=0, le=1)
    gradable: bool = True
    limit: PositiveInt | None = None
    seed: Seed = 0


def run(settings: FilterSettings, progress: Progress = silent) -> Report:
    """Write the rows that pass, in order of id, with rejects and ledger."""
    chosen = {"max_words", "hard_for", "max_pass_rate", "gradable"}
    rules = settings.model_dump(mode="json", include=chosen)
    mark = json.dumps({"tool": f"crossthink-data {__version__}", **rules}, sort_keys=True)
    job = RowwiseJob(
        verb="filter",
        inputs=settings.inputs,
        out=settings.out,
        limit=settings.limit,
        split=lambda rows: apply_filters(
            rows,
            max_words=settings.max_words,
            hard_for=settings.hard_for,
            max_pass_rate=settings.max_pass_rate,
            gradable=settings.gradable,
        ),
        only_drops=True,
        settings=settings.model_dump(mode="json"),
        metadata={FILTERED_KEY: mark.encode()},
    )
    return run_rowwise(job, progress)
