r"""WARC headers as the standard allows them and FastWARC does not read them, written evenly.

Names of fields may be in any case, and some writers have them all in lower case; others end lines
with `\n` alone. A file is one way or the other throughout.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

__all__ = ["evened_records", "has_odd_headers"]

_VERSION = re.compile(rb"\s*WARC/[01]\.\d{1,2}(\r?)\n")
_LOWER = re.compile(rb"^content-length:", re.MULTILINE)
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t\r]*$", re.MULTILINE | re.IGNORECASE)
_HEAD = 1 << 16
_BLOCK = 1 << 20
_SPARE = 1 << 16


def has_odd_headers(stream: BinaryIO) -> bool:
    """Whether the first header of an archive is such a one; the stream is at its start again."""
    start = stream.read(_HEAD)
    stream.seek(0)
    if start.startswith(b"\x1f\x8b"):
        try:
            start = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, _HEAD)
        except zlib.error:
            return False
    version = _VERSION.match(start)
    if version is None:
        return False
    header = re.split(rb"\r?\n\r?\n", start[version.end() :], maxsplit=1)[0]
    return not version[1] or _LOWER.search(header) is not None


def evened_records(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    """Each record of the archive, plain or gzip, with header lines as FastWARC wants them.

    Of a record longer than `limit` only the beginning is there. ValueError at a header without a
    length, behind which nothing can be found.
    """
    plain = _unpacked(stream) if stream.read(2) == b"\x1f\x8b" else stream
    stream.seek(0)
    while header := _header(plain):
        found = _LENGTH.search(header)
        if found is None:
            raise ValueError(f"a header without a length: {header[:80]!r}")
        length = int(found[1])
        block = plain.read(min(length, limit + _SPARE))
        left = length - len(block)
        while left > 0 and (skipped := plain.read(min(left, _BLOCK))):
            left -= len(skipped)
        yield header + b"\r\n\r\n" + block + b"\r\n\r\n"


def _unpacked(stream: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, gzip.GzipFile(fileobj=stream))


def _header(plain: BinaryIO) -> bytes:
    """The next header with its names in title case; b"" at the end of the archive."""
    lines: list[bytes] = []
    while line := plain.readline(_HEAD):
        line = line.rstrip(b"\r\n")
        if line:
            name, colon, value = line.partition(b":")
            lines.append(
                name.title().replace(b"Warc-", b"WARC-") + colon + value if lines else line
            )
        elif lines:
            break
    return b"\r\n".join(lines)
