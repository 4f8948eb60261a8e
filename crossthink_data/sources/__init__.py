"""Datasets and benchmarks, one file each; the folder is the registry.

A source file defines one constant, `SOURCE`. Names are listed from the file names, and a file is
imported only when its name is asked for. A file whose name starts with an underscore is not a
source.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib import import_module, resources
from typing import Literal

from crossthink_data.errors import RecipeError, did_you_mean
from crossthink_data.records import AnswerKind, Domain, Question, QuestionType

__all__ = ["RawRow", "Shape", "Source", "Unreadable", "get_source", "source_names"]


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as published, before any mapping.

    `columns` holds the published names and values; a file without a header has "0", "1", "2", ...
    `file` is a posix path relative to what the user named (for the hub: `<config>/<split>`).
    `number` counts from 1 inside the file: the line of a JSON Lines file, the data row of any other
    form. `dataset` and `revision` are those of the hub repository it was read from, None for a
    local file.
    """

    columns: Mapping[str, object]
    file: str
    number: int
    dataset: str | None = None
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that cannot be read at all; `detail` is what offends, at most `DETAIL_LIMIT` long."""

    file: str
    number: int
    reason: str
    detail: str


DETAIL_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Shape:
    """One published form of a dataset, recognised by its columns and never by a file name.

    A form without a header names its columns "0", "1", "2", ...: it fits rows of exactly that many
    fields. `read` is pure; it raises RecordError for a row that cannot be read at all. `unread`
    names bulky columns that `read` never looks at, so that a column store need not decode them.
    """

    name: str
    columns: frozenset[str]
    read: Callable[[RawRow], Question]
    unread: frozenset[str] = frozenset()

    @property
    def headerless(self) -> bool:
        return all(column.isdigit() for column in self.columns)

    def fits(self, columns: Collection[str]) -> bool:
        """True when a row with these columns has this form."""
        if self.headerless:
            return self.columns == set(columns)
        return self.columns.issubset(columns)


def _subject(question: Question) -> str | None:
    return question.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a dataset is and where it lives.

    `rows` is the published count, for training sources that of the paper's Table 1.

    `hub_id` may hold `{config}` where each config is a repository of its own. `files` are paths
    inside the repository to read instead of a config, for releases whose files do not share one
    schema. A source of kind "personas" holds material for synthesis and has no question rows.

    `pool` is the published part that a question is of, which `fetch` can choose by: the subject
    unless the source says otherwise. `pools` are the names to choose by and the pools each stands
    for; it is empty where the release does not fix them.
    """

    name: str
    title: str
    domain: Domain
    question_type: QuestionType
    answer_kind: AnswerKind
    rows: int
    licence: str
    gated: bool
    benchmark: bool
    hub_id: str
    revision: str
    configs: tuple[str | None, ...]
    split: str
    shapes: tuple[Shape, ...]
    files: tuple[str, ...] = ()
    kind: Literal["questions", "personas"] = "questions"
    pool: Callable[[Question], str | None] = _subject
    pools: Mapping[str, Collection[str]] = field(default_factory=dict)

    def pools_of(self, name: str) -> Collection[str]:
        """The pools that a name stands for. RecipeError for a name that can be none."""
        if self.pools and name not in self.pools:
            raise RecipeError(
                f"source {self.name}: only names {name!r}, which is no part of it; "
                f"{did_you_mean(name, self.pools)}"
            )
        return self.pools.get(name, (name,))


def source_names() -> list[str]:
    """The names of all sources and benchmarks, sorted; imports none of them."""
    files = resources.files(__name__).iterdir()
    return sorted(
        f.name.removesuffix(".py")
        for f in files
        if f.name.endswith(".py") and not f.name.startswith("_")
    )


def get_source(name: str) -> Source:
    """The source of that name. RecipeError when there is none, with the closest name."""
    if name not in source_names():
        raise RecipeError(f"source {name!r} is not known; {did_you_mean(name, source_names())}")
    source = import_module(f"{__name__}.{name}").SOURCE
    assert isinstance(source, Source)
    return source
