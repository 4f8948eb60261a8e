"""SuperGPQA: 26,529 graduate-level questions in 285 fields, mostly ten options, the benchmark."""

from crossthink_data.records import Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import (
    as_text,
    label,
    optional_text,
    options,
    provenance,
    text,
)

HUB_ID = "m-a-p/SuperGPQA"
LICENCE = "ODC-BY"  # the repository's licence; the hub card has said MIT


def read(row: RawRow) -> Question:
    """`question`, `options`, `answer_letter`, and `answer`, which should be that option's text."""
    return Question(
        source="super_gpqa",
        domain="gpr",
        question_type="mcq",
        answer_kind="mcq",
        subject=optional_text(row, "discipline"),
        question=text(row, "question"),
        options=options(row, "options"),
        answer=as_text(row.columns["answer"], "answer"),
        answer_label=label(row, "answer_letter"),
        provenance=provenance(
            row,
            HUB_ID,
            LICENCE,
            published_id=row.columns.get("uuid"),
            field=row.columns.get("field"),
            subfield=row.columns.get("subfield"),
            difficulty=row.columns.get("difficulty"),
            is_calculation=row.columns.get("is_calculation"),
        ),
    )


SOURCE = Source(
    name="super_gpqa",
    title="SuperGPQA",
    domain="gpr",
    question_type="mcq",
    answer_kind="mcq",
    rows=26_529,
    licence=LICENCE,
    gated=False,
    benchmark=True,
    hub_id=HUB_ID,
    revision="main",  # no commit is known to us; a run that must repeat should pin one
    configs=(None,),
    split="train",  # the whole benchmark, in spite of the name
    shapes=(
        Shape("released", frozenset({"question", "options", "answer", "answer_letter"}), read),
    ),
)
