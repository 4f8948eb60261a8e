"""AMC23: 40 problems of the AMC 12 of 2023, reworded so that the answer is a number."""

from crossthink_data.records import Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import as_text, provenance, text

HUB_ID = "math-ai/amc23"
LICENCE = "none stated"


def read_problem(row: RawRow) -> Question:
    """`problem` and `answer`; a `question` beside them is the same text."""
    return _question(row, "problem")


def read_question(row: RawRow) -> Question:
    """`question` and `answer`."""
    return _question(row, "question")


def whole_number(value: object) -> str | None:
    """The answer as text, 27.0 as "27": all are whole numbers that copies store as floats."""
    answer = as_text(value, "answer")
    if answer is not None and answer.removeprefix("-").removesuffix(".0").isdecimal():
        return answer.removesuffix(".0")
    return answer


def _question(row: RawRow, column: str) -> Question:
    return Question(
        source="amc23",
        domain="mr",
        question_type="open",
        answer_kind="math",
        question=text(row, column),
        answer=whole_number(row.columns["answer"]),
        provenance=provenance(
            row,
            HUB_ID,
            LICENCE,
            published_id=row.columns.get("id"),
            url=row.columns.get("url"),
        ),
    )


SOURCE = Source(
    name="amc23",
    title="AMC23",
    domain="mr",
    question_type="open",
    answer_kind="math",
    rows=40,
    licence=LICENCE,
    gated=False,
    benchmark=True,
    hub_id=HUB_ID,
    revision="main",  # no commit is known to us; a run that must repeat should pin one
    configs=(None,),
    split="test",
    shapes=(
        Shape("problem", frozenset({"problem", "answer"}), read_problem),
        Shape("question", frozenset({"question", "answer"}), read_question),
    ),
)
