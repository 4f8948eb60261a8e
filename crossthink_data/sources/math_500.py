"""MATH-500: the 500 held-out MATH test problems of PRM800K, the benchmark."""

from crossthink_data.boxed import last_boxed
from crossthink_data.errors import RecordError
from crossthink_data.records import Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import as_text, optional_text, provenance, text

HUB_ID = "HuggingFaceH4/MATH-500"
LICENCE = "MIT"


def read_answered(row: RawRow) -> Question:
    """`problem` and `answer`; also the copies that keep these two columns alone."""
    return _question(row, text(row, "problem"), as_text(row.columns["answer"], "answer"))


def read_expected(row: RawRow) -> Question:
    """`problem` and `expected_answer`, as in the column-oriented copy."""
    answer = as_text(row.columns["expected_answer"], "expected_answer")
    return _question(row, text(row, "problem"), answer)


def read_chat(row: RawRow) -> Question:
    """`prompt`, one chat turn, and `final_answer`."""
    answer = as_text(row.columns["final_answer"], "final_answer")
    return _question(row, chat_text(row), answer)


def read_solved(row: RawRow) -> Question:
    """`problem` and `solution` alone: the gold is the last box."""
    return _question(row, text(row, "problem"), last_boxed(text(row, "solution")))


def chat_text(row: RawRow) -> str:
    """The text of the only turn under `prompt`: a list of one `{"from": "user", "value": ...}`."""
    turns = row.columns["prompt"]
    if isinstance(turns, list) and len(turns) == 1 and isinstance(turns[0], dict):
        value = turns[0].get("value", turns[0].get("content"))
        if isinstance(value, str):
            return value
    raise RecordError("wrong_type", f"column 'prompt' is not one chat turn: {turns!r}")


def _question(row: RawRow, problem: str, answer: str | None) -> Question:
    return Question(
        source="math_500",
        domain="mr",
        question_type="open",
        answer_kind="math",
        subject=optional_text(row, "subject") or optional_text(row, "type"),
        question=problem,
        answer=answer,
        provenance=provenance(
            row,
            HUB_ID,
            LICENCE,
            level=row.columns.get("level"),
            published_id=row.columns.get("unique_id") or row.columns.get("id"),
        ),
    )


SOURCE = Source(
    name="math_500",
    title="MATH-500",
    domain="mr",
    question_type="open",
    answer_kind="math",
    rows=500,
    licence=LICENCE,
    gated=False,
    benchmark=True,
    hub_id=HUB_ID,
    revision="main",  # no commit is known to us; a run that must repeat should pin one
    configs=(None,),
    split="test",
    shapes=(
        Shape("released", frozenset({"problem", "answer"}), read_answered),
        Shape("expected", frozenset({"problem", "expected_answer"}), read_expected),
        Shape("chat", frozenset({"prompt", "final_answer"}), read_chat),
        Shape("solved", frozenset({"problem", "solution"}), read_solved),
    ),
)
