"""GPQA-Diamond: 198 graduate-level science questions, the benchmark. Gated.

Who downloads it promises not to show its questions in plain text or images online. None may ever
stand in this project's code, tests or documentation.
"""

from crossthink_data.errors import RecordError
from crossthink_data.records import LABELS, Question, stable_hash
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import label, mapping, option_text, provenance, text
from crossthink_data.sources.math_500 import chat_text

HUB_ID = "Idavidrein/gpqa"
LICENCE = "CC-BY-4.0"
_ANSWERS = ("Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3")


def read_original(row: RawRow) -> Question:
    """`Question` and four answer columns, the first of them right, in an order of our own."""
    record = text(row, "Record ID") or text(row, "Question")
    order = option_order(record)
    choices = tuple(cleaned(text(row, _ANSWERS[position])) for position in order)
    return _question(
        row,
        cleaned(text(row, "Question")),
        choices,
        LABELS[order.index(0)],
        text(row, "High-level domain") or None,
    )


def read_repackaged(row: RawRow) -> Question:
    """`prompt` (one chat turn), `choices` by letter, `final_answer`; the order is published."""
    by_letter = mapping(row, "choices")
    if list(by_letter) != list(LABELS[: len(by_letter)]):
        raise RecordError(
            "wrong_type", f"column 'choices' is not lettered A, B, ...: {list(by_letter)}"
        )
    choices = tuple(str(choice) for choice in by_letter.values())
    return _question(row, chat_text(row), choices, label(row, "final_answer"), None)


def option_order(record: str) -> tuple[int, ...]:
    """The four positions in an order that depends on the record alone: the same in every run.

    Other harnesses shuffle in their own ways, so letters never compare across tools.
    """
    return tuple(sorted(range(4), key=lambda position: stable_hash(f"{record}\n{position}")))


def cleaned(published: str) -> str:
    """Text without space around it, and with the full stop that ` [title]` stands for."""
    return published.strip().replace(" [title]", ". ")


def _question(
    row: RawRow,
    question: str,
    choices: tuple[str, ...],
    letter: str | None,
    subject: str | None,
) -> Question:
    return Question(
        source="gpqa_diamond",
        domain="gpr",
        question_type="mcq",
        answer_kind="mcq",
        subject=subject,
        question=question,
        options=choices,
        answer=option_text(choices, letter),
        answer_label=letter,
        provenance=provenance(
            row,
            HUB_ID,
            LICENCE,
            published_id=row.columns.get("Record ID"),
            subdomain=row.columns.get("Subdomain"),
        ),
    )


SOURCE = Source(
    name="gpqa_diamond",
    title="GPQA-Diamond",
    domain="gpr",
    question_type="mcq",
    answer_kind="mcq",
    rows=198,
    licence=LICENCE,
    gated=True,
    benchmark=True,
    hub_id=HUB_ID,
    revision="main",  # no commit is known to us; a run that must repeat should pin one
    configs=("gpqa_diamond",),
    files=("gpqa_diamond.csv",),
    split="train",
    shapes=(
        Shape("original", frozenset({"Question", *_ANSWERS}), read_original),
        Shape("repackaged", frozenset({"prompt", "choices", "final_answer"}), read_repackaged),
    ),
)
