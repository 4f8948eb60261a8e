"""MMLU [Train]: 99,842 multiple-choice questions pooled from older sets (ARC, RACE ...).

They are the `auxiliary_train` part of `cais/mmlu`, not the 57 subjects, and carry no subject. The
hub serves the same rows flat (config `all`) and wrapped in one column `train` (config
`auxiliary_train`); the original release has CSV files without a header.
"""

from crossthink_data.records import Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import label, mapping, option_text, options, provenance, text

HUB_ID = "cais/mmlu"
LICENCE = "MIT"


def read_flat(row: RawRow) -> Question:
    """`question`, `choices`, `answer` (0 to 3, a letter or a digit); an empty `subject` is none."""
    choices = options(row, "choices")
    letter = label(row, "answer")
    return Question(
        source="mmlu_train",
        domain="gpr",
        question_type="mcq",
        answer_kind="mcq",
        subject=text(row, "subject") or None,
        question=text(row, "question"),
        options=choices,
        answer=option_text(choices, letter),
        answer_label=letter,
        provenance=provenance(row, HUB_ID, LICENCE),
    )


def read_nested(row: RawRow) -> Question:
    """The flat row, inside one column `train`."""
    inner = mapping(row, "train")
    return read_flat(RawRow(inner, row.file, row.number, row.dataset, row.revision))


def read_csv(row: RawRow) -> Question:
    """Six fields without a header: question, four options, letter."""
    choices = [row.columns[str(field)] for field in range(1, 5)]
    flat = {"question": row.columns["0"], "choices": choices, "answer": row.columns["5"]}
    return read_flat(RawRow(flat, row.file, row.number, row.dataset, row.revision))


SOURCE = Source(
    name="mmlu_train",
    title="MMLU [Train]",
    domain="gpr",
    question_type="mcq",
    answer_kind="mcq",
    rows=99_842,
    licence=LICENCE,
    gated=False,
    benchmark=False,
    hub_id=HUB_ID,
    revision="c30699e8356da336a370243923dbaf21066bb9fe",
    configs=("all",),
    split="auxiliary_train",
    shapes=(
        Shape("flat", frozenset({"question", "choices", "answer"}), read_flat),
        Shape("nested", frozenset({"train"}), read_nested),
        Shape("csv", frozenset("012345"), read_csv),
    ),
)
