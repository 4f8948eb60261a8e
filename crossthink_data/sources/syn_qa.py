"""Syn-QA: synthetic general-reasoning questions from web text and books, from the authors' release.

The paper counts 192,930; the released file has 187,496 and mixes multiple choice and open
questions. Options stand at the end of the question text, one a line, and are split off here.
Whether a ground truth is a bare letter or letter and text is not documented, so both are read.
"""

import re

from crossthink_data.records import LABELS, Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import option_text
from crossthink_data.sources._release import (
    FLATTENED,
    HUB_ID,
    LICENCE,
    RELEASED,
    REVISION,
    flattened_question_and_gold,
    question_and_gold,
)

_OPTION = re.compile(r"[ \t]*(?:\(([A-Z])\)|([A-Z])[).])[ \t]+(\S.*)")
_BARE_LETTER = re.compile(r"\(?([A-Z])[).]?")
_LETTERS = re.compile(r"\(?[A-Z][).]?(?:\s*(?:[,;&]|and)\s*\(?[A-Z][).]?)+")
_LABELLED = re.compile(r"(?:\(([A-Z])\)|([A-Z])[).])\s+(.+)", re.DOTALL)


def read_released(row: RawRow) -> Question:
    """`meta_data.question` and `reward_model.ground_truth`."""
    return _read(*question_and_gold(row))


def read_flattened(row: RawRow) -> Question:
    """`question` and `ground_truth`."""
    return _read(*flattened_question_and_gold(row))


def split_options(published: str) -> tuple[str, tuple[str, ...]] | None:
    r"""Stem and options of a text whose last lines are its options, None for any other text.

    Options are lettered A, B, C ... without a gap, as `A) text`, `(A) text` or `A. text`, and may
    run over several lines but not over a blank one: then more than options follows, and nothing is
    split.

    >>> split_options("Which organ makes bile?\nA) liver\nB) lung")
    ('Which organ makes bile?', ('liver', 'lung'))
    """
    lines = published.rstrip().split("\n")
    firsts = [number for number, line in enumerate(lines) if _option(line, "A") is not None]
    if not firsts:
        return None
    found: list[str] = []
    after_blank = False
    for line in lines[firsts[-1] :]:
        option = _option(line, LABELS[len(found)]) if len(found) < len(LABELS) else None
        if option is not None:
            found.append(option)
        elif after_blank and line.strip():
            return None
        elif line.strip():
            found[-1] += f"\n{line.rstrip()}"
        after_blank = not line.strip()
    if len(found) < 2:
        return None
    return "\n".join(lines[: firsts[-1]]).rstrip(), tuple(found)


def _option(line: str, letter: str) -> str | None:
    match = _OPTION.fullmatch(line.rstrip())
    return match[3] if match and letter in (match[1], match[2]) else None


def split_gold(gold: str | None, options: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Answer text and letter of a gold: `B`, `(B)`, `(B) text`, `B. text` or an option's text.

    Several letters are a label without an answer.

    >>> split_gold("A, C", ("liver", "lung", "heart"))
    (None, 'A,C')
    """
    if gold is None:
        return None, None
    stripped = gold.strip()
    if bare := _BARE_LETTER.fullmatch(stripped):
        return option_text(options, bare[1]), bare[1]
    same = [letter for letter, option in zip(LABELS, options, strict=False) if option == stripped]
    if same:
        return stripped, same[0] if len(same) == 1 else None
    if _LETTERS.fullmatch(stripped):
        return None, ",".join(re.findall(r"\b[A-Z]\b", stripped))
    if labelled := _LABELLED.fullmatch(stripped):
        return labelled[3], labelled[1] or labelled[2]
    return gold, None


def _read(published: str, gold: str | None, origin: str) -> Question:
    split = split_options(published)
    if split is None:
        return Question(
            source="syn_qa",
            domain="gpr",
            question_type="open",
            answer_kind="short_open",
            question=published,
            answer=gold,
            provenance=origin,
        )
    stem, options = split
    answer, letter = split_gold(gold, options)
    return Question(
        source="syn_qa",
        domain="gpr",
        question_type="mcq",
        answer_kind="mcq",
        question=stem,
        options=options,
        answer=answer,
        answer_label=letter,
        provenance=origin,
    )


SOURCE = Source(
    name="syn_qa",
    title="Syn-QA",
    domain="gpr",
    question_type="mcq",
    answer_kind="mcq",
    rows=192_930,
    licence=LICENCE,
    gated=False,
    benchmark=False,
    hub_id=HUB_ID,
    revision=REVISION,
    configs=(None,),
    split="train_qa",
    files=("Data/Nemotron-CrossThink-QA.jsonl",),
    shapes=(
        Shape("released", RELEASED, read_released, frozenset({"prompt"})),
        Shape("flattened", FLATTENED, read_flattened),
    ),
)
