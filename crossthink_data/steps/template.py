"""`template`: question rows in another form; what cannot take it is a reject."""

from pathlib import Path
from typing import Literal

from pydantic import PositiveInt

from crossthink_data.ledger import Report
from crossthink_data.recipe import Inputs, Seed, Settings
from crossthink_data.steps.outputs import Progress, silent
from crossthink_data.steps.rowwise import RowwiseJob, run_rowwise
from crossthink_data.templates import apply_template

__all__ = ["TemplateSettings", "run"]


class TemplateSettings(Settings):
    """`question` is the form asked for, `rules` says which mcq rows may lose their options."""

    inputs: Inputs
    out: Path
    question: Literal["mcq", "open", "keep"] = "keep"
    rules: Literal["strict", "paper"] = "strict"
    limit: PositiveInt | None = None
    seed: Seed = 0


def run(settings: TemplateSettings, progress: Progress = silent) -> Report:
    """Write question rows in the form asked for, in order of id, with rejects and ledger."""
    job = RowwiseJob(
        verb="template",
        inputs=settings.inputs,
        out=settings.out,
        limit=settings.limit,
        split=lambda rows: apply_template(rows, question=settings.question, rules=settings.rules),
        only_drops=settings.question != "open",
        settings=settings.model_dump(mode="json"),
        metadata={},  # no mark of `filter`: a new form may be unfit where the old one was fit
    )
    return run_rowwise(job, progress)
