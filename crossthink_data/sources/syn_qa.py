"""Syn-QA: synthetic general-reasoning questions from web text and books, from the authors' release.

The paper counts 192,930; the released file has 187,496 and mixes multiple choice and open
questions. Options stand at the end of the question text and are split off here. How they are
lettered, and whether a ground truth is a bare letter or letter and text, is not documented, so all
usual forms are read; a text that could be meant otherwise is left whole.
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

_OPTION = re.compile(r"[ \t]*(?:\(([A-Z])\)[ \t]*|([A-Z])\)[ \t]*|([A-Z])[.:][ \t]+)(\S.*)")
_BRACKETS = (re.compile(r"(?<!\S)\(([A-Z])\)\s*"), re.compile(r"(?<!\S)([A-Z])\)\s*"))
_MARKS = (re.compile(r"(?<!\S)([A-Z])\.\s+"), re.compile(r"(?<!\S)([A-Z]):\s+"))
_NO_OPTION = re.compile(r"\?|\n[ \t]*\n|\b(?:and|or)$|^$", re.IGNORECASE)
_BARE_LETTER = re.compile(r"\(?([A-Z])[).:]?")
_LETTERS = re.compile(r"\(?[A-Z][).]?(?:\s*(?:[,;&]|and)\s*\(?[A-Z][).]?)+")
_LABELLED = re.compile(r"(?:\(([A-Z])\)\s*|([A-Z])\)\s*|([A-Z])[.:]\s+)(\S.*)", re.DOTALL)


def read_released(row: RawRow) -> Question:
    """`meta_data.question` and `reward_model.ground_truth`."""
    return _read(*question_and_gold(row))


def read_flattened(row: RawRow) -> Question:
    """`question` and `ground_truth`."""
    return _read(*flattened_question_and_gold(row))


def split_options(published: str) -> tuple[str, tuple[str, ...]] | None:
    r"""Stem and options of a text that ends in its options, None for any other text.

    Options are lettered A, B, C ... without a gap, as `(A) text`, `A) text`, `A. text` or
    `A: text`, each on a line of its own or one after the other. A last line `Answer:` is no part
    of them.

    >>> split_options("Which organ makes bile?\nA) liver\nB) lung")
    ('Which organ makes bile?', ('liver', 'lung'))
    >>> split_options("Which organ makes bile? A. liver B. lung")
    ('Which organ makes bile?', ('liver', 'lung'))
    """
    text = published.rstrip()
    before, _, last_line = text.rpartition("\n")
    if last_line.strip().lower() == "answer:":
        text = before.rstrip()
    return _on_lines(text) or _in_a_row(text)


def _on_lines(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The split of options that begin a line each.

    An option may run over several lines, but not over a blank one, nor the last one up to a
    question mark: then more than options follows.
    """
    lines = text.split("\n")
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
    if len(found) < 2 or ("\n" in found[-1] and found[-1].endswith("?")):
        return None
    # Two options a line, such as A) and C) above B) and D): the next letter stands inside.
    letters = {match[1] for form in _BRACKETS for match in form.finditer(" ".join(found))}
    if LABELS[len(found) : len(found) + 1] in letters:
        return None
    return "\n".join(lines[: firsts[-1]]).rstrip(), tuple(found)


def _option(line: str, letter: str) -> str | None:
    match = _OPTION.fullmatch(line.rstrip())
    return match[4] if match and letter in (match[1], match[2], match[3]) else None


def _in_a_row(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The split of options that stand one after the other: `Which? A) liver B) lung`.

    "Plan A. Then plan B. Which is it?" and "(A) cats and (B) dogs" are no options: every letter
    must be there once and in order, no option may ask or end in "and" or "or", and the stem must
    end as a question does. Three options in brackets may also end a sentence: `It is A) x B) y C)
    z`.
    """
    for form in (*_BRACKETS, *_MARKS):
        letters = list(form.finditer(text))
        firsts = [at for at, match in enumerate(letters) if match[1] == "A"]
        run = letters[firsts[-1] :] if firsts else []
        if len(run) < 2 or "".join(match[1] for match in run) != LABELS[: len(run)]:
            continue
        stem = text[: run[0].start()].rstrip()
        ends = [*(match.start() for match in run[1:]), len(text)]
        found = [text[match.end() : end].strip() for match, end in zip(run, ends, strict=True)]
        closed = stem.endswith(("?", ":", "_"))
        if form in _BRACKETS:
            closed = closed or stem.endswith((".", "!")) or (bool(stem) and len(run) > 2)
        if closed and not any(_NO_OPTION.search(option) for option in found):
            return stem, _without_separators(found)
    return None


def _without_separators(found: list[str]) -> tuple[str, ...]:
    """`A) liver, B) lung` has a comma that is no part of an option."""
    if all(option.endswith((",", ";")) for option in found[:-1]):
        return (*(option[:-1].rstrip() for option in found[:-1]), found[-1])
    return tuple(found)


def split_gold(gold: str | None, options: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Answer text and letter of a gold: `B`, `(B)`, `(B) text`, `B: text` or an option's text.

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
        letter = labelled[1] or labelled[2] or labelled[3]
        if letter in LABELS[: len(options)]:
            return labelled[4], letter
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
