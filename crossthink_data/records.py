"""The question row and the training row: their columns, their vocabularies and stable ids.

Standard library only at import: every trainer worker loads this module.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "ANSWER_KINDS",
    "DOMAINS",
    "EXTRA_INFO",
    "LABELS",
    "QUESTION_COLUMNS",
    "QUESTION_TYPES",
    "REJECT_COLUMNS",
    "AnswerKind",
    "Document",
    "Domain",
    "Question",
    "QuestionType",
    "question_id",
    "stable_hash",
]

Domain = Literal["gpr", "mr"]
QuestionType = Literal["mcq", "open"]
AnswerKind = Literal["mcq", "short_open", "math"]

DOMAINS: tuple[Domain, ...] = ("gpr", "mr")
QUESTION_TYPES: tuple[QuestionType, ...] = ("mcq", "open")
ANSWER_KINDS: tuple[AnswerKind, ...] = ("mcq", "short_open", "math")

LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Option labels in order; a question with more options than letters cannot be labelled."""

QUESTION_COLUMNS = (
    "id",
    "origin_id",
    "source",
    "domain",
    "question_type",
    "answer_kind",
    "subject",
    "question",
    "options",
    "answer",
    "answer_label",
    "attempts",
    "provenance",
)
EXTRA_INFO = (
    "index",
    "id",
    "origin_id",
    "split",
    "source",
    "domain",
    "question_type",
    "answer_kind",
    "subject",
    "options",
    "template",
    "epoch",
)
"""Fields of a training row's `extra_info`, the same in every row."""

REJECT_COLUMNS = (*QUESTION_COLUMNS, "step", "reason", "detail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question as its source published it: nothing repaired, nothing dropped.

    `options` are without their labels, in the order A, B, C ...; `answer` is the gold text (for mcq
    the text of the right option); `answer_label` is the letter where the source gives one, several
    as "A,C". `provenance` is a JSON object, set once here.
    """

    source: str
    domain: Domain
    question_type: QuestionType
    answer_kind: AnswerKind
    question: str
    answer: str | None
    provenance: str
    options: tuple[str, ...] | None = None
    answer_label: str | None = None
    subject: str | None = None

    @property
    def id(self) -> str:
        """The row's id as it stands."""
        return question_id(
            self.source, self.question_type, self.question, self.options, self.answer
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A clean text to make questions from, and where it came from.

    `id` is the identity: 32 hex digits of BLAKE2b-128 over the text. `record` is the WARC-Record-ID
    or the row's number in its file; `date` is as published.
    """

    id: str
    text: str
    file: str
    record: str
    url: str | None = None
    date: str | None = None
    licence: str | None = None


def question_id(
    source: str,
    question_type: str,
    question: str | None,
    options: Sequence[str | None] | None,
    answer: str | None,
) -> str:
    """16 hex digits of xxh3_64 over the five fields, written as one compact JSON array.

    JSON keeps the fields apart: ("ab", "c") and ("a", "bc") get different ids.
    """
    fields = [source, question_type, question, None if options is None else list(options), answer]
    return stable_hash(json.dumps(fields, ensure_ascii=False, separators=(",", ":")))


def stable_hash(text: str) -> str:
    """16 hex digits of xxh3_64 over UTF-8 text; the same on every machine and in every version."""
    from xxhash import (
        xxh3_64_hexdigest,
    )  # here, so that importing this module stays standard library

    return xxh3_64_hexdigest(text.encode("utf-8"))
