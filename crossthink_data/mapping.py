"""A user's own file as a source: a mapping from this project's names to the file's columns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from crossthink_data.boxed import last_boxed
from crossthink_data.errors import RecipeError, RecordError, did_you_mean
from crossthink_data.records import (
    ANSWER_KINDS,
    DOMAINS,
    LABELS,
    QUESTION_TYPES,
    AnswerKind,
    Domain,
    Question,
    QuestionType,
)
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import (
    as_label,
    as_text,
    option_text,
    options,
    provenance,
)

__all__ = ["MAPPED_NAMES", "mapped_source"]

MAPPED_NAMES: Mapping[str, str] = {
    "question": "the question; several columns (passage, question) are joined by a line break",
    "options": "one column with a list or an object lettered A, B, ... in any order and case; "
    "or one column per option",
    "answer": "the gold text; numbers and truth values are turned into text",
    "answer_box": "a column whose last \\boxed{} is the gold",
    "answer_label": "the gold's letter: B, b, (B), B. or B); several as a list or as A,C",
    "answer_index": "the gold's position among the options, from 0",
    "subject": "the category",
    "id": "the row's own id, kept in provenance",
}
_SEVERAL = ("question", "options")
_GOLDS = ("answer", "answer_box", "answer_label", "answer_index")
_GROUPS = ("all", *DOMAINS, *QUESTION_TYPES)
"""What a ratio can already mean; a source of such a name could not be told from the group."""
_NAME = re.compile(r"[\w.-]+")
_LETTER = re.compile(r"[(\[]?\s*([A-Za-z])\s*[)\].:]*")
_BETWEEN_LETTERS = re.compile(r"\s*(?:[,;/&]|\band\b)\s*")


@dataclass(frozen=True, slots=True)
class _Plan:
    """What every row of the file is, and which columns its parts stand in."""

    name: str
    domain: Domain
    question_type: QuestionType
    answer_kind: AnswerKind
    licence: str
    columns: Mapping[str, tuple[str, ...]]


def mapped_source(
    name: str,
    *,
    domain: Domain,
    answer_kind: AnswerKind,
    columns: Mapping[str, str | Sequence[str]],
    question_type: QuestionType | None = None,
    licence: str = "not stated",
) -> Source:
    """A source that reads a user's own columns; `MAPPED_NAMES` says what can be mapped.

    Without `question_type`, rows are `mcq` where options are mapped and `open` where they are not.
    Whole floats keep their digits: 1.0 becomes "1.0". RecipeError for a mapping that cannot be
    meant; a column the file does not have shows when it is read, as a SourceError.
    """
    _check_name(name)
    named = {
        key: (value,) if isinstance(value, str) else tuple(value) for key, value in columns.items()
    }
    _check_columns(name, named)
    kind = question_type or ("mcq" if "options" in named else "open")
    _check_words(name, domain, kind, answer_kind)
    if (kind == "mcq") != (answer_kind == "mcq"):
        raise RecipeError(
            f"source {name}: answer_kind {answer_kind!r} with question_type {kind!r}; wanted is "
            "mcq for both or for neither; map `options`, or change answer_kind"
        )
    plan = _Plan(name, domain, kind, answer_kind, licence, named)
    wanted = frozenset(column for group in named.values() for column in group)
    return Source(
        name=name,
        title=name,
        domain=domain,
        question_type=kind,
        answer_kind=answer_kind,
        rows=0,
        licence=licence,
        gated=False,
        benchmark=False,
        hub_id="",
        revision="main",
        configs=(None,),
        split="train",
        shapes=(Shape("mapped", wanted, partial(_read, plan)),),
    )


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise RecipeError(
            f"source {name!r}: a name of your own has letters, digits, _, - and . only, because "
            "ratios and file names hold it; give it such a name"
        )
    if name in _GROUPS:
        raise RecipeError(
            f"source {name!r}: that is the name of a group, so a ratio could not tell them apart; "
            f"taken are {', '.join(_GROUPS)}; give your source another name"
        )


def _check_columns(name: str, columns: Mapping[str, tuple[str, ...]]) -> None:
    for key, group in columns.items():
        if key not in MAPPED_NAMES:
            raise RecipeError(
                f"source {name}: columns.{key} is not a name of ours; "
                f"{did_you_mean(key, MAPPED_NAMES)}"
            )
        if not group or not all(isinstance(column, str) and column for column in group):
            raise RecipeError(
                f"source {name}: columns.{key} names no column; name one, or leave it out"
            )
        if len(group) > 1 and key not in _SEVERAL:
            raise RecipeError(
                f"source {name}: columns.{key} names {len(group)} columns ({', '.join(group)}); "
                f"wanted is one; only {' and '.join(_SEVERAL)} may name several"
            )
    if "question" not in columns:
        raise RecipeError(f"source {name}: columns has no question; name the column that holds it")
    if not any(gold in columns for gold in _GOLDS):
        raise RecipeError(
            f"source {name}: columns has no gold; "
            f"wanted is one of {', '.join(_GOLDS)}; name its column"
        )
    for one, other in (("answer", "answer_box"), ("answer_label", "answer_index")):
        if one in columns and other in columns:
            raise RecipeError(
                f"source {name}: columns has both {one} and {other}; wanted is one; leave one out"
            )


def _check_words(name: str, domain: str, question_type: str, answer_kind: str) -> None:
    for key, word, known in (
        ("domain", domain, DOMAINS),
        ("question_type", question_type, QUESTION_TYPES),
        ("answer_kind", answer_kind, ANSWER_KINDS),
    ):
        if word not in known:
            raise RecipeError(
                f"source {name}: {key} {word!r} is not known; {did_you_mean(word, known)}"
            )


def _read(plan: _Plan, row: RawRow) -> Question:
    choices = _options(plan, row) if plan.question_type == "mcq" else None
    letter = _label(plan, row)
    answer = _answer(plan, row)
    if answer is None and "answer" not in plan.columns and "answer_box" not in plan.columns:
        answer = option_text(choices, letter)
    return Question(
        source=plan.name,
        domain=plan.domain,
        question_type=plan.question_type,
        answer_kind=plan.answer_kind,
        subject=_text(plan, row, "subject"),
        question="\n".join(_question_parts(plan, row)),
        options=choices,
        answer=answer,
        answer_label=letter,
        provenance=provenance(row, plan.name, plan.licence, published_id=_value(plan, row, "id")),
    )


def _value(plan: _Plan, row: RawRow, key: str) -> object:
    group = plan.columns.get(key)
    return None if group is None else row.columns[group[0]]


def _text(plan: _Plan, row: RawRow, key: str) -> str | None:
    return as_text(_value(plan, row, key), key)


def _question_parts(plan: _Plan, row: RawRow) -> list[str]:
    parts = [row.columns[column] for column in plan.columns["question"]]
    for part in parts:
        if part is not None and not isinstance(part, str):
            found = type(part).__name__
            raise RecordError("wrong_type", f"the question is {found}, not text: {part!r}")
    # A row without a passage has an empty cell: its question does not begin with a blank line.
    return [part for part in parts if isinstance(part, str) and (part or len(parts) == 1)]


def _options(plan: _Plan, row: RawRow) -> tuple[str, ...] | None:
    group = plan.columns.get("options", ())
    if len(group) > 1:
        return tuple(as_text(row.columns[column], column) or "" for column in group)
    if not group:
        return None
    value = row.columns[group[0]]
    if isinstance(value, dict):
        return tuple(as_text(option, group[0]) or "" for option in _by_letter(value, group[0]))
    return options(row, group[0])


def _by_letter(lettered: Mapping[str, object], column: str) -> list[object]:
    """The values of an object whose keys are A, B, C, ... in any order and case."""
    by_letter = {_as_letter(key): value for key, value in lettered.items()}
    if sorted(by_letter) != list(LABELS[: len(lettered)]):
        raise RecordError(
            "wrong_type",
            f"column {column!r} is an object with the keys {', '.join(map(repr, lettered))}; "
            "wanted are A, B, C, ... without a gap",
        )
    return [by_letter[letter] for letter in sorted(by_letter)]


def _label(plan: _Plan, row: RawRow) -> str | None:
    if "answer_index" in plan.columns:
        return as_label(_value(plan, row, "answer_index"), plan.columns["answer_index"][0])
    if "answer_label" not in plan.columns:
        return None
    (column,) = plan.columns["answer_label"]
    value = row.columns[column]
    if isinstance(value, list | tuple):
        letters = [_as_letters(as_text(item, column)) for item in value]
        return ",".join(letter for letter in letters if letter) or None
    return _as_letters(as_text(value, column))


def _as_letters(published: str | None) -> str | None:
    """`B` of `b`, `(B)`, `B.` and `B)`; `A,C` of several; any other text as it was published.

    A number is such a text: it could count from 0 or from 1, so it is never turned into a letter.
    """
    stripped = (published or "").strip()
    parts = _BETWEEN_LETTERS.split(stripped)
    if all(_LETTER.fullmatch(part) for part in parts):
        return ",".join(map(_as_letter, parts))
    return stripped or None


def _as_letter(published: str) -> str:
    match = _LETTER.fullmatch(published.strip())
    return match[1].upper() if match else published


def _answer(plan: _Plan, row: RawRow) -> str | None:
    if "answer_box" in plan.columns:
        solution = _text(plan, row, "answer_box")
        return None if solution is None else last_boxed(solution)
    return _text(plan, row, "answer")
