"""What a synth run is told."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, PositiveInt, model_validator

from crossthink_data.documents.settings import DocumentSettings
from crossthink_data.recipe import listed
from crossthink_data.steps.asking import AskSettings
from crossthink_data.synth.router import LEAST_SCORE
from crossthink_data.synth.syn_qa import FEWEST_OPTIONS, MOST_OPTIONS

__all__ = ["Kind", "SynthSettings"]

Kind = Literal["syn-qa", "persona-math"]

_ONLY: dict[Kind, tuple[str, ...]] = {
    "syn-qa": (
        "question",
        "options",
        "votes",
        "passages",
        "min_score",
        "per_subject",
        "subjects",
        "documents",
    ),
    "persona-math": ("solutions", "min_share", "per_persona", "skills"),
}
"""Settings that mean something to one kind alone."""


class SynthSettings(AskSettings):
    """`inputs` are archives and documents (syn-qa) or personas (persona-math): paths or a hub id.

    Both kinds: `limit` is the most items asked about; `near` the share of word shingles from which
    two questions are one (null: keep all); `prompts` a folder of prompt files that take the place
    of shipped ones; `tokenizer` the model's tokenizer.json, by which --dry-run counts tokens.

    syn-qa: `question` mcq or open with `options` options; `passages` of a document, `per_subject`
    the quota of each MMLU subject, `subjects` the only ones wanted, `min_score` the router's score
    below which a passage has none; `votes` answers with the passage and as many without.

    persona-math: `solutions` of each problem and `min_share`, the share that must agree;
    `per_persona` problems of a persona, `skills` a tree of your own.
    """

    inputs: Annotated[tuple[str, ...], BeforeValidator(listed), Field(min_length=1)]
    out: Path
    kind: Kind = "syn-qa"
    limit: PositiveInt | None = None
    near: float | None = Field(default=0.8, ge=0.5, le=1)
    prompts: Path | None = None
    tokenizer: Path | None = None

    question: Literal["mcq", "open"] = "mcq"
    options: int = Field(default=4, ge=FEWEST_OPTIONS, le=MOST_OPTIONS)
    votes: PositiveInt = 3
    passages: PositiveInt = 1
    min_score: float = LEAST_SCORE
    per_subject: PositiveInt | None = None
    subjects: tuple[str, ...] | None = None
    documents: DocumentSettings = DocumentSettings()

    solutions: PositiveInt = 8
    min_share: float = Field(default=0.6, ge=0, le=1)
    per_persona: PositiveInt = 1
    skills: Path | None = None

    missing: ClassVar[Mapping[str, str]] = {
        "inputs": "name web archives or documents, or personas for --kind persona-math"
    }

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        for kind, names in _ONLY.items():
            for name in names:
                if kind != self.kind and name in self.model_fields_set:
                    raise ValueError(
                        f"{name} is a setting of {kind}, and kind is {self.kind}; leave it out"
                    )
        if self.question == "open" and "options" in self.model_fields_set:
            raise ValueError("options are of mcq questions, and question is open; leave them out")
        return self

    @property
    def folder(self) -> Path:
        """Where the run keeps its journals and documents: `x.journal` beside `x.parquet`."""
        beside = self.out.with_name(f"{self.out.name.removesuffix('.parquet')}.journal")
        return (self.journal or beside).absolute()
