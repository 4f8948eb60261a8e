"""Rows of JSON Lines and JSON files, one at a time and in bounded memory."""

import codecs
import json
from collections.abc import Iterator, Mapping
from io import BufferedReader
from itertools import chain

from crossthink_data.errors import SourceError
from crossthink_data.raw.files import DataFile, open_bytes, reading
from crossthink_data.raw.offence import unreadable
from crossthink_data.sources import RawRow, Unreadable

__all__ = ["json_rows"]

ROW_LIMIT = 1 << 26
"""Bytes of one line or one array element: what is longer is not a question but a damaged file."""


def json_rows(file: DataFile) -> Iterator[RawRow | Unreadable]:
    """The objects of JSON Lines, an array, a column-oriented object, or one single object.

    The form is told by the content: `.json` files often hold lines. SourceError when the file as a
    whole is not JSON; a line that is not JSON, not UTF-8 or not an object is one Unreadable.
    """
    with open_bytes(file.path) as stream, reading(file.path):
        lead, start = _skip_blank(stream)
        if not start:
            raise SourceError(f"{file.path} holds no rows; wanted are JSON objects; fetch it again")
        if start == b"[" and not (file.form == "lines" and _is_one_bad_line(stream)):
            yield from _array_rows(file, stream)
            return
        first = start + stream.readline(ROW_LIMIT)
        if file.form == "lines" or _is_line_of_many(stream, first):
            yield from _line_rows(file.name, chain([first], _lines(stream)), lead)
        else:
            yield from _document_rows(file, first + stream.read(), lead)


def _skip_blank(stream: BufferedReader) -> tuple[int, bytes]:
    """How many lines end before the first byte that is not blank, and that byte; b"" at the end."""
    if stream.peek(3).startswith(codecs.BOM_UTF8):
        stream.read(3)
    lead = 0
    while (byte := stream.read(1)).isspace():
        lead += byte == b"\n"
    return lead, byte


def _is_one_bad_line(stream: BufferedReader) -> bool:
    """Whether what opened with a bracket is a line of its own, with an object on the next one.

    Arrays of rows stand in `.jsonl` files too; there an object or nothing follows the bracket.
    """
    line, newline, after = stream.peek(1).partition(b"\n")
    is_array = not line.strip() or line.lstrip().startswith(b"{")
    return bool(newline) and not is_array and after.lstrip().startswith(b"{")


def _is_line_of_many(stream: BufferedReader, first: bytes) -> bool:
    return _is_object(first) and bool(stream.peek(1)[:1])


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines(stream: BufferedReader) -> Iterator[bytes]:
    r"""Lines split at `\n` only: published strings hold raw Unicode line separators."""
    while line := stream.readline(ROW_LIMIT):
        yield line
        if len(line) == ROW_LIMIT:
            while line and not line.endswith(b"\n"):
                line = stream.readline(ROW_LIMIT)


def _line_rows(file: str, lines: Iterator[bytes], lead: int) -> Iterator[RawRow | Unreadable]:
    for number, line in enumerate(lines, lead + 1):
        if line.strip():
            yield _parse(line, file, number)


def _parse(line: bytes, file: str, number: int) -> RawRow | Unreadable:
    if len(line) >= ROW_LIMIT:
        return unreadable(file, number, "too_long", line)
    try:
        value = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return unreadable(file, number, "not_utf8", line)
    except (ValueError, RecursionError):
        return unreadable(file, number, "not_json", line)
    return _row(value, file, number)


def _row(value: object, file: str, number: int) -> RawRow | Unreadable:
    if isinstance(value, dict):
        return RawRow(value, file, number)
    return unreadable(file, number, "wrong_type", json.dumps(value, ensure_ascii=False))


def _document_rows(file: DataFile, content: bytes, lead: int) -> Iterator[RawRow | Unreadable]:
    try:
        value = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        lines = content.split(b"\n")
        # A JSON Lines file named .json whose first line is the bad one.
        if any(_is_object(line) for line in lines[1:3]):
            yield from _line_rows(file.name, iter(lines), lead)
        else:
            yield _parse(content, file.name, 1)
        return
    if _is_column_oriented(value):
        yield from _column_rows(value, file.name)
    else:
        yield _row(value, file.name, 1)


def _is_column_oriented(value: object) -> bool:
    """`{"problem": {"0": ..., "1": ...}, "answer": {"0": ...}}`, as pandas writes a table."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(isinstance(cells, dict) and cells for cells in value.values())
        and all(key.isdigit() for cells in value.values() for key in cells)
    )


def _column_rows(
    columns: Mapping[str, Mapping[str, object]], file: str
) -> Iterator[RawRow | Unreadable]:
    keys = dict.fromkeys(key for cells in columns.values() for key in cells)
    for number, key in enumerate(keys, 1):
        cells = {column: cells[key] for column, cells in columns.items() if key in cells}
        yield RawRow(cells, file, number)


def _array_rows(file: DataFile, stream: BufferedReader) -> Iterator[RawRow | Unreadable]:
    number = 0
    try:
        for number, value in enumerate(_elements(_Window(stream)), 1):
            yield _row(value, file.name, number)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{file.path} is not a JSON array: it breaks after element {number} ({error}); "
            "wanted is one array of objects, or one object a line; fetch it again"
        ) from error


def _elements(window: "_Window") -> Iterator[object]:
    """The values of an array whose opening bracket is already read."""
    if window.next_character() == "]":
        window.take()
    else:
        mark = ","
        while mark == ",":
            window.next_character()
            yield window.value()
            mark = window.next_character()
            window.take()
        if mark != "]":
            raise ValueError(f"found {mark or 'the end of the file'!r} in the place of , or ]")
    if window.next_character():
        raise ValueError("text follows the array")


class _Window:
    """The part of a JSON text that is being read; grows until the value at hand is whole.

    Bytes that are not UTF-8 become lone surrogates, so that only the row that holds them is lost.
    """

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._text = ""
        self._at = 0
        self._value = json.JSONDecoder().raw_decode

    def next_character(self) -> str:
        """The next character that is not white space, without taking it; "" at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in " \t\r\n":
                    return self._text[self._at]
                self._at += 1
            if not self._grow():
                return ""

    def take(self) -> None:
        self._at += 1

    def value(self) -> object:
        """The JSON value that starts here. ValueError when there is none."""
        while True:
            try:
                value, end = self._value(self._text, self._at)
            except ValueError:
                if not self._grow():
                    raise
                continue
            # A number at the edge of the window may go on behind it.
            if end < len(self._text) or not self._grow():
                self._at = end
                return value

    def _grow(self) -> bool:
        rest = self._text[self._at :]
        if len(rest) > ROW_LIMIT:
            raise ValueError("an element is longer than any question")
        # At least doubling: a long value is parsed again a few times, never once a block.
        more = self._stream.read(max(1 << 20, 2 * len(rest)))
        self._text = rest + self._decode(more, final=not more)
        self._at = 0
        return bool(more)
