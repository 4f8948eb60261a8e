"""Natural Reasoning: about 1.15 million open questions back-translated from web text, by Meta.

Not for commercial use. Close to a fifth of the rows have an empty reference answer, and half have a
long one; `filter` rejects those with a reason. The paper uses 100,000 rows and does not say how it
drew them.
"""

from crossthink_data.records import Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import as_text, provenance, text

HUB_ID = "facebook/natural_reasoning"
LICENCE = "CC-BY-NC-4.0"


def read(row: RawRow) -> Question:
    """`question` and `reference_answer`, which may be empty; `responses` is not read."""
    answer = as_text(row.columns["reference_answer"], "reference_answer")
    return Question(
        source="natural_reasoning",
        domain="gpr",
        question_type="open",
        answer_kind="short_open",
        question=text(row, "question"),
        answer=None if answer is None else answer.strip(),
        provenance=provenance(row, HUB_ID, LICENCE),
    )


SOURCE = Source(
    name="natural_reasoning",
    title="Natural Reasoning",
    domain="gpr",
    question_type="open",
    answer_kind="short_open",
    rows=100_000,
    licence=LICENCE,
    gated=False,
    benchmark=False,
    hub_id=HUB_ID,
    revision="main",  # no commit is known to us; a run that must repeat should pin one
    configs=(None,),
    split="train",
    shapes=(
        Shape(
            "released", frozenset({"question", "reference_answer"}), read, frozenset({"responses"})
        ),
    ),
)
