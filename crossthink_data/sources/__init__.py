"""Datasets and benchmarks, one file each; the folder is the registry.

A source file defines one constant, `SOURCE`. Names are listed from the file names, and a file is imported
only when its name is asked for. A file whose name starts with an underscore is not a source.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module, resources

from crossthink_data.errors import RecipeError, did_you_mean
from crossthink_data.records import AnswerKind, Domain, Question, QuestionType

__all__ = ["RawRow", "Shape", "Source", "get_source", "source_names"]


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as published, before any mapping.

    `columns` holds the published names and values; a file without a header has "0", "1", "2", ...
    `file` is a posix path relative to what the user named (for the hub: `<config>/<split>`), `number` counts
    from 1 inside the file.
    """

    columns: Mapping[str, object]
    file: str
    number: int


@dataclass(frozen=True, slots=True)
class Shape:
    """One published form of a dataset, recognised by its columns and never by a file name.

    `read` is pure; it raises RecordError for a row that cannot be read at all.
    """

    name: str
    columns: frozenset[str]
    read: Callable[[RawRow], Question]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a dataset is and where it lives; `rows` is the published count (Table 1 for training sources)."""

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
