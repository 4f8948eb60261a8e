"""Persona Hub: one- or two-sentence descriptions of people, the seeds of Persona-MATH.

It has no question rows: `fetch` refuses it, and `synth --kind persona-math` reads its files.
Personas stand under `persona` (persona.jsonl and the 370 million elite personas) or `input persona`
(the sample files, which also hold what GPT-4 made of each). Not for commercial use, share-alike.
"""

from dataclasses import dataclass

from crossthink_data.errors import RecordError
from crossthink_data.sources import RawRow, Source
from crossthink_data.sources._fields import provenance, text

HUB_ID = "proj-persona/PersonaHub"
LICENCE = "CC-BY-NC-SA-4.0"
PERSONA_COLUMNS = ("persona", "input persona")


@dataclass(frozen=True, slots=True)
class Persona:
    """One persona as published, and where it came from (a JSON object, as in question rows)."""

    text: str
    provenance: str


def read_persona(row: RawRow) -> Persona:
    """The persona of a row of any of its files.

    RecordError `missing_column` for a row without one, `wrong_type` for a persona that is not text.
    """
    for column in PERSONA_COLUMNS:
        if column in row.columns:
            return Persona(text(row, column), provenance(row, HUB_ID, LICENCE))
    raise RecordError(
        "missing_column", f"found {sorted(row.columns)}; wanted is {' or '.join(PERSONA_COLUMNS)}"
    )


SOURCE = Source(
    name="personahub",
    title="Persona Hub (personas for synthesis)",
    kind="personas",
    domain="mr",
    question_type="open",
    answer_kind="math",
    rows=200_000,
    licence=LICENCE,
    gated=False,
    benchmark=False,
    hub_id=HUB_ID,
    revision="main",  # no commit is known to us; a run that must repeat should pin one
    configs=("persona",),
    split="train",
    files=("persona.jsonl",),
    shapes=(),
)
