"""MATH: 12,500 competition problems with solutions; the paper trains on 8,523 of them.

A public file of exactly 8,523 rows exists, the full pool of GAIR-NLP/LIMR (levels 3 to 5 of the
12,000 problems outside MATH-500); its columns are `id`, `prompt`, `answer`, `source`, and two
answers are empty. The original release is one JSON file per problem without an answer column; there
the gold is the last box of the solution. Copies on the hub add `answer` or `expected_answer`.
"""

from crossthink_data.boxed import last_boxed
from crossthink_data.records import Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import as_text, optional_text, provenance, text

HUB_ID = "DigitalLearningGmbH/MATH-lighteval"
LICENCE = "MIT"


def read_limr(row: RawRow) -> Question:
    """`prompt` and `answer`, as in the 8,523-row file."""
    return _question(row, "GAIR-NLP/LIMR", "prompt", as_text(row.columns["answer"], "answer"))


def read_answered(row: RawRow) -> Question:
    """`problem` and `answer`: the PRM800K division and copies for RL."""
    return _question(row, HUB_ID, "problem", as_text(row.columns["answer"], "answer"))


def read_expected(row: RawRow) -> Question:
    """`problem` and `expected_answer`."""
    answer = as_text(row.columns["expected_answer"], "expected_answer")
    return _question(row, "zwhe99/MATH", "problem", answer)


def read_solved(row: RawRow) -> Question:
    """The original form: the gold is the last box of `solution`, None without one."""
    return _question(row, HUB_ID, "problem", last_boxed(text(row, "solution")))


def _question(row: RawRow, dataset: str, problem: str, answer: str | None) -> Question:
    columns = row.columns
    level = columns.get("level")
    return Question(
        source="math",
        domain="mr",
        question_type="open",
        answer_kind="math",
        subject=optional_text(row, "type") or optional_text(row, "subject"),
        question=text(row, problem),
        answer=answer,
        provenance=provenance(
            row,
            dataset,
            LICENCE,
            level=columns.get("difficulty") if level is None else level,
            published_id=columns.get("unique_id") or columns.get("id"),
        ),
    )


SOURCE = Source(
    name="math",
    title="MATH",
    domain="mr",
    question_type="open",
    answer_kind="math",
    rows=8_523,
    licence=LICENCE,
    gated=False,
    benchmark=False,
    # All 7,500 training problems; the 8,523-row file is on GitHub only and is read with --from.
    hub_id=HUB_ID,
    revision="main",  # no commit is known to us; a run that must repeat should pin one
    configs=(None,),
    split="train",
    shapes=(
        Shape("LIMR", frozenset({"prompt", "answer"}), read_limr),
        Shape("answered", frozenset({"problem", "answer"}), read_answered),
        Shape("expected", frozenset({"problem", "expected_answer"}), read_expected),
        Shape("original", frozenset({"problem", "solution"}), read_solved),
    ),
)
