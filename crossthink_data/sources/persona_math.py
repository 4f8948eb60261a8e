"""PersonaSkill-MATH: synthetic problems from personas and math skills, from the authors' release.

The paper counts 100,000; the released file has 99,880.
"""

from crossthink_data.records import Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._release import (
    FLATTENED,
    HUB_ID,
    LICENCE,
    RELEASED,
    REVISION,
    flattened_question_and_gold,
    question_and_gold,
)


def read_released(row: RawRow) -> Question:
    """`meta_data.question` and `reward_model.ground_truth`."""
    return _read(*question_and_gold(row))


def read_flattened(row: RawRow) -> Question:
    """`question` and `ground_truth`."""
    return _read(*flattened_question_and_gold(row))


def _read(question: str, gold: str | None, origin: str) -> Question:
    return Question(
        source="persona_math",
        domain="mr",
        question_type="open",
        answer_kind="math",
        question=question,
        answer=gold,
        provenance=origin,
    )


SOURCE = Source(
    name="persona_math",
    title="PersonaSkill-MATH",
    domain="mr",
    question_type="open",
    answer_kind="math",
    rows=100_000,
    licence=LICENCE,
    gated=False,
    benchmark=False,
    hub_id=HUB_ID,
    revision=REVISION,
    configs=(None,),
    split="train_math",
    files=("Data/Nemotron-CrossThink-Math.jsonl",),
    shapes=(
        Shape("released", RELEASED, read_released, frozenset({"prompt"})),
        Shape("flattened", FLATTENED, read_flattened),
    ),
)
