"""Rows of CSV files: the separator and the header are told by what the source expects."""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice

from crossthink_data.errors import SourceError
from crossthink_data.raw.files import DataFile, open_bytes, reading
from crossthink_data.raw.misfit import misfit
from crossthink_data.raw.offence import unreadable
from crossthink_data.sources import RawRow, Shape, Unreadable

__all__ = ["csv_rows"]

_SEPARATORS = (",", ";", "\t")
_SAMPLE_LINES = 200
_SAMPLE_RECORDS = 20
_FIELD_LIMIT = 1 << 26
_SURROGATE = re.compile("[\ud800-\udfff]")  # what a byte that is no UTF-8 was read as


@dataclass(frozen=True, slots=True)
class _Layout:
    separator: str
    header: tuple[str, ...] | None
    widths: frozenset[int]


def csv_rows(file: DataFile, shapes: Sequence[Shape]) -> Iterator[RawRow | Unreadable]:
    """The records of a CSV file as rows of text; no cell is ever read as a missing value.

    The first line is a header when it holds all columns of one of the named shapes; otherwise
    columns are "0", "1", ... A record with another number of fields, or with a quote that does not
    close, is one Unreadable, and the lines it swallowed are read again. SourceError when the file
    fits no shape.
    """
    csv.field_size_limit(max(csv.field_size_limit(), _FIELD_LIMIT))
    with open_bytes(file.path) as stream, reading(file.path):
        # Bytes that are not UTF-8 become lone surrogates: the row that holds them is refused later.
        lines = _Lines(TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline=""))
        sample = lines.sample()
        if sample and _SURROGATE.search(sample[0]):
            raise SourceError(
                f"{file.path} is not UTF-8 from its first line on ({sample[0][:40]!a}); "
                "wanted is a CSV file in UTF-8; save it as UTF-8"
            )
        layout = _layout(file, sample, shapes)
        for number, fields in enumerate(_records(lines, layout), 1 - (layout.header is not None)):
            if number == 0:
                continue
            if isinstance(fields, str):
                yield unreadable(file.name, number, "wrong_number_of_fields", fields)
            else:
                names = layout.header or tuple(map(str, range(len(fields))))
                yield RawRow(dict(zip(names, fields, strict=True)), file.name, number)


class _Lines:
    """A file's lines; `taken` are those since it was cleared, `back` gives some again."""

    def __init__(self, stream: TextIOWrapper) -> None:
        self._stream = stream
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._stream)
        self.taken.append(line)
        return line

    def back(self, lines: Sequence[str]) -> None:
        self._waiting.extendleft(reversed(lines))

    def sample(self) -> list[str]:
        lines = list(islice(self, _SAMPLE_LINES))
        self.back(lines)
        self.taken.clear()
        return lines


def _records(lines: _Lines, layout: _Layout) -> Iterator[list[str] | str]:
    """The fields of each record, or the first line of what is no record of this layout."""
    reader = csv.reader(lines, delimiter=layout.separator, strict=True)
    while True:
        lines.taken.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            fields = None
        if fields is not None and len(fields) in layout.widths:
            yield fields
        elif fields != []:  # a blank line is nothing
            # A stray quote swallows lines until the next one: only its own line is given up.
            yield lines.taken[0]
            lines.back(lines.taken[1:])
            reader = csv.reader(lines, delimiter=layout.separator, strict=True)


def _layout(file: DataFile, sample: list[str], shapes: Sequence[Shape]) -> _Layout:
    tried = {separator: _sample_records(sample, separator) for separator in _SEPARATORS}
    named = [shape for shape in shapes if not shape.headerless]
    for separator, records in tried.items():
        header = records[0] if records else []
        if any(shape.fits(header) for shape in named):
            return _Layout(separator, tuple(header), frozenset({len(header)}))
    widths = frozenset(len(shape.columns) for shape in shapes if shape.headerless)
    fitting = {
        separator: sum(len(record) in widths for record in records)
        for separator, records in tried.items()
    }
    best = max(_SEPARATORS, key=lambda separator: fitting[separator])
    if 2 * fitting[best] > len(tried[best]):
        return _Layout(best, None, widths)
    if not any(line.strip() for line in sample):
        raise SourceError(f"{file.path} holds no rows; wanted is a CSV file; fetch it again")
    found = max(tried.values(), key=lambda records: len(records[0]) if records else 0)
    raise misfit(str(file.path), found[0] if found else sample[:1], shapes)


def _sample_records(sample: list[str], separator: str) -> list[list[str]]:
    records: list[list[str]] = []
    try:
        for record in csv.reader(sample, delimiter=separator, strict=True):
            if record:
                records.append(record)
            if len(records) == _SAMPLE_RECORDS:
                break
    except csv.Error:
        pass  # the sample may end inside a quoted field; what was read before it decides
    return records
