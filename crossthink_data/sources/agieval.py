"""AGIEval: 8,269 questions of English and Chinese exams in 21 files, the benchmark.

The task is the file's name, the hub config or the hub repository, and becomes the row's subject.
The paper does not say which tasks it averages: `fetch` takes whatever is there, or with
`only: [english]` the usual English group (`ENGLISH_TASKS`).
"""

import re
from pathlib import PurePosixPath

from crossthink_data.records import LABELS, Domain, Question
from crossthink_data.sources import RawRow, Shape, Source
from crossthink_data.sources._fields import (
    as_text,
    label,
    mapping,
    option_text,
    options,
    provenance,
    text,
)

LICENCE = "MIT, with terms of their own for some tasks"

# Which tasks belong together is our reading; the paper's figure only names math, law and English.
TASK_GROUPS: dict[str, tuple[str, ...]] = {
    "law": ("lsat-ar", "lsat-lr", "lsat-rc", "jec-qa-kd", "jec-qa-ca"),
    "english": ("sat-en", "sat-en-without-passage", "gaokao-english"),
    "math": ("math", "sat-math", "aqua-rat", "gaokao-mathqa", "gaokao-mathcloze"),
    "logic": ("logiqa-en", "logiqa-zh"),
    "science": ("gaokao-physics", "gaokao-chemistry", "gaokao-biology"),
    "humanities": ("gaokao-history", "gaokao-geography", "gaokao-chinese"),
}
TASKS = tuple(sorted(task for tasks in TASK_GROUPS.values() for task in tasks))
ENGLISH_TASKS = (
    "aqua-rat",
    "gaokao-english",
    "logiqa-en",
    "lsat-ar",
    "lsat-lr",
    "lsat-rc",
    "math",
    "sat-en",
    "sat-en-without-passage",
    "sat-math",
)

_PARENTHESISED = re.compile(r"\s*\(([A-Z])\)\s*")
_DOTTED = re.compile(r"\s*([A-Z])\s?[.\uff0e\u3001?]\s*")  # also the full-width stop and comma
_BARE = re.compile(r"\s*([A-Z])\s+")


def read_released(row: RawRow) -> Question:
    """`passage`, `question`, `options`, `label`, and `answer`, which SAT rows do not have.

    Rows with options are graded by `label` (a letter, a list of letters, rarely an empty list), the
    others by `answer`.
    """
    passage, question = text(row, "passage"), text(row, "question")
    stem = f"{passage}\n{question}" if passage.strip() else question
    published = options(row, "options")
    if published:
        return _choice(row, stem, published, label(row, "label"))
    return _cloze(row, stem, as_text(row.columns.get("answer"), "answer"))


def read_port(row: RawRow) -> Question:
    """The hub ports: `query` (passage, question and options as one text), `choices`, `gold`."""
    published = options(row, "choices") or ()
    return _choice(row, stem_of_query(text(row, "query")), published, label(row, "gold"))


def read_cloze_port(row: RawRow) -> Question:
    """The hub port of the tasks without options: `query` and `answer`."""
    answer = as_text(row.columns["answer"], "answer")
    return _cloze(row, stem_of_query(text(row, "query")), answer)


def task_of(row: RawRow) -> str | None:
    """The task of `v1/sat-math.jsonl`, `sat-math/test` or the repository `hails/agieval-sat-math`.

    None when no name is a task.
    """
    path = PurePosixPath(row.file)
    repository = PurePosixPath(row.dataset or "").name.lower().removeprefix("agieval-")
    for name in (path.name.split(".")[0], path.parent.name, repository):
        if name in TASKS:
            return name
    return None


def stem_of_query(query: str) -> str:
    """Passage and question of a rendered query, without markers, options and call to answer."""
    stem = re.sub(r"\s*\n(A: |\u7b54\u6848\uff1a)[^\n]*$", "", query)
    for marker in (" Answer Choices:", " \u9009\u9879\uff1a"):
        stem = stem.rpartition(marker)[0] or stem
    for marker in ("Q: ", "\u95ee\u9898\uff1a"):
        passage, found, question = stem.rpartition(marker)
        if found:
            return f"{passage}\n{question}" if passage.strip() else question
    return stem


def without_labels(published: tuple[str, ...]) -> tuple[str, ...]:
    """The options without the labels printed in them, in the order A, B, C ...

    Labels are `(A) text`, `A. text` or `A text`. Where a row prints every letter once, the printed
    letter counts: 19 logiqa-en rows print A, C, B, D, and their golds mean the printed letter.
    Where it does not (a letter twice, or missing), the position counts, and `A text` is taken for
    text: "A man" is no label.
    """
    matches = [_printed(option) for option in published]
    letters = [match[1] if match else "" for match in matches]
    if sorted(letters) == list(LABELS[: len(published)]):
        by_letter = dict(zip(letters, zip(published, matches, strict=True), strict=True))
        return tuple(_after(*by_letter[letter]) for letter in sorted(letters))
    return tuple(
        _after(option, _PARENTHESISED.match(option) or _dotted(option, letter))
        for option, letter in zip(published, LABELS, strict=False)
    )


def _printed(option: str) -> re.Match[str] | None:
    return _PARENTHESISED.match(option) or _DOTTED.match(option) or _BARE.match(option)


def _dotted(option: str, letter: str) -> re.Match[str] | None:
    match = _DOTTED.match(option)
    return match if match and match[1] == letter else None


def _after(option: str, match: re.Match[str] | None) -> str:
    return (option[match.end() :] if match else option).strip()


def _choice(row: RawRow, stem: str, published: tuple[str, ...], letter: str | None) -> Question:
    choices = without_labels(published)
    return Question(
        source="agieval",
        domain=_domain(row),
        question_type="mcq",
        answer_kind="mcq",
        subject=task_of(row),
        question=stem,
        options=choices,
        answer=option_text(choices, letter),
        answer_label=letter,
        provenance=_origin(row),
    )


def _cloze(row: RawRow, stem: str, answer: str | None) -> Question:
    return Question(
        source="agieval",
        domain="mr",  # both tasks without options are mathematics
        question_type="open",
        answer_kind="math",
        subject=task_of(row),
        question=stem,
        answer=answer,
        provenance=_origin(row),
    )


def _domain(row: RawRow) -> Domain:
    return "mr" if task_of(row) in TASK_GROUPS["math"] else "gpr"


def _origin(row: RawRow) -> str:
    other = row.columns.get("other")
    published = mapping(row, "other") if other is not None else {}
    return provenance(
        row,
        "ruixiangcui/AGIEval",
        LICENCE,
        level=published.get("level"),
        type=published.get("type"),
        published_source=published.get("source"),
    )


SOURCE = Source(
    name="agieval",
    title="AGIEval",
    domain="gpr",
    question_type="mcq",
    answer_kind="mcq",
    rows=8_269,
    licence=LICENCE,
    gated=False,
    benchmark=True,
    hub_id="hails/agieval-{config}",  # one repository per task
    revision="main",  # no commit is known to us; a run that must repeat should pin one
    configs=TASKS,
    split="test",
    pools={task: (task,) for task in TASKS} | {"english": ENGLISH_TASKS},
    shapes=(
        Shape("released", frozenset({"question", "options", "label"}), read_released),
        Shape("port", frozenset({"query", "choices", "gold"}), read_port),
        Shape("cloze port", frozenset({"query", "answer"}), read_cloze_port),
    ),
)
