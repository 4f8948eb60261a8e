"""MMLU-Pro: 12,032 questions with up to ten options in 14 categories, the benchmark."""

from crossthink_data.records import LABELS, Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import (
    as_label,
    label,
    option_text,
    optional_text,
    options,
    provenance,
    text,
)

HUB_ID = "TIGER-Lab/MMLU-Pro"
LICENCE = "MIT"


def read(row: RawRow) -> Question:
    """`question`, `options`, `answer` (a letter) and `answer_index`, which gives the answer's text.

    The two agree in every published row; where they do not, letter and text disagree for `filter`
    to see.
    """
    letter = label(row, "answer")
    index = as_label(row.columns.get("answer_index"), "answer_index") or letter
    choices = without_padding(options(row, "options"), index)
    return Question(
        source="mmlu_pro",
        domain="gpr",
        question_type="mcq",
        answer_kind="mcq",
        subject=optional_text(row, "category"),
        question=text(row, "question"),
        options=choices,
        answer=option_text(choices, index),
        answer_label=letter,
        provenance=provenance(
            row,
            HUB_ID,
            LICENCE,
            published_id=row.columns.get("question_id"),
            src=row.columns.get("src"),
        ),
    )


def without_padding(choices: tuple[str, ...] | None, gold: str | None) -> tuple[str, ...] | None:
    """The options without the "N/A" that some revisions pad with.

    Only from the end, so that every letter keeps its option. An "N/A" that is the gold is an option
    and stays.
    """
    if choices is None:
        return None
    kept = len(choices)
    while kept and choices[kept - 1] == "N/A" and LABELS[kept - 1 : kept] != gold:
        kept -= 1
    return choices[:kept]


SOURCE = Source(
    name="mmlu_pro",
    title="MMLU-Pro",
    domain="gpr",
    question_type="mcq",
    answer_kind="mcq",
    rows=12_032,
    licence=LICENCE,
    gated=False,
    benchmark=True,
    hub_id=HUB_ID,
    revision="main",  # no commit is known to us; a run that must repeat should pin one
    configs=(None,),
    split="test",
    shapes=(
        Shape(
            "released",
            frozenset({"question", "options", "answer"}),
            read,
            frozenset({"cot_content"}),
        ),
    ),
)
