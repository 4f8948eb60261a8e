"""NuminaMath: competition and school mathematics with solutions, by Project Numina.

The paper's 87,350 rows are a subset nobody has published: no union of whole pools of the CoT
release comes near that number, and TIR is smaller. The paper cites the CoT model, so CoT is the
default here; 1.5 and TIR are read too. `fetch` takes the pools (the column `source`) that a recipe
names with `only`, and `blend` draws as many rows as it says with `take`.

Rows are reported as published. What a filter needs to recognise proofs, non-answers, multi-part
problems and multiple choice inside the problem text stands in `provenance`: `published_source`,
`problem_type`, `question_type`, `problem_is_valid`, `solution_is_valid`, `synthetic` and `boxes`,
the number of boxed answers in the solution. A key is there only where the release says something:
not for a column that it does not have, and not for a null or empty cell.
"""

import json

from crossthink_data.boxed import count_boxes, last_boxed
from crossthink_data.records import Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import as_text, optional_text, provenance, text

LICENCE = "Apache-2.0"
_PUBLISHED = ("problem_type", "question_type", "problem_is_valid", "solution_is_valid", "synthetic")


def read_cot(row: RawRow) -> Question:
    """The gold is the last box of `solution`; None without one."""
    return _question(row, "AI-MO/NuminaMath-CoT", last_boxed(text(row, "solution")))


def read_tir(row: RawRow) -> Question:
    """As CoT, without a `source` column."""
    return _question(row, "AI-MO/NuminaMath-TIR", last_boxed(text(row, "solution")))


def read_1_5(row: RawRow) -> Question:
    """The gold is `answer`, where "proof" and "notfound" stand for none."""
    return _question(row, "AI-MO/NuminaMath-1.5", as_text(row.columns["answer"], "answer"))


def _question(row: RawRow, dataset: str, answer: str | None) -> Question:
    cells = {column: row.columns.get(column) for column in _PUBLISHED}
    published = {column: cell for column, cell in cells.items() if cell != ""}
    pool = optional_text(row, "source")
    return Question(
        source="numina_math",
        domain="mr",
        question_type="open",
        answer_kind="math",
        subject=optional_text(row, "problem_type") or pool,
        question=text(row, "problem"),
        answer=answer,
        provenance=provenance(
            row,
            dataset,
            LICENCE,
            published_source=pool,
            boxes=count_boxes(text(row, "solution")),
            **published,
        ),
    )


def pool_of(question: Question) -> str | None:
    """The column `source` as published: the subject may be the problem type instead."""
    pool = json.loads(question.provenance).get("published_source")
    return None if pool is None else str(pool)


SOURCE = Source(
    name="numina_math",
    title="NuminaMath",
    domain="mr",
    question_type="open",
    answer_kind="math",
    rows=87_350,
    licence=LICENCE,
    gated=False,
    benchmark=False,
    hub_id="AI-MO/NuminaMath-CoT",
    revision="main",  # no commit is known to us; a run that must repeat should pin one
    configs=(None,),
    split="train",
    pool=pool_of,
    shapes=(
        Shape(
            "1.5", frozenset({"problem", "solution", "answer", "problem_type", "source"}), read_1_5
        ),
        Shape(
            "CoT", frozenset({"source", "problem", "solution"}), read_cot, frozenset({"messages"})
        ),
        Shape("TIR", frozenset({"problem", "solution", "messages"}), read_tir),
    ),
)
