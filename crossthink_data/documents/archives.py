"""Records of WARC, WET, WAT and ARC files, each one a page or a drop with its reason.

FastWARC reads WARC; warcio, which knows the older format, reads ARC.
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from fastwarc import ArchiveIterator, WarcRecord

from crossthink_data.documents.http_bodies import (
    decode_text,
    is_html,
    is_plain_text,
    kind_of_bytes,
    unpacked,
)
from crossthink_data.documents.odd_headers import evened_records, has_odd_headers
from crossthink_data.documents.records_read import Drop, Page, PageForm

__all__ = ["arc_records", "warc_records"]

_NO_PAGES = frozenset({"warcinfo", "request", "metadata", "revisit", "continuation"})
_WEB = ("http:", "https:", "ftp:", "file:")
_BLOCK = 1 << 20
_GZIP_MARK = b"\x1f\x8b\x08"
_RECORD_START = re.compile(rb"\x1f\x8b\x08|WARC/[01]\.\d{1,2}\r\n[A-Za-z-]{2,40}:")
_MOST_OF_A_START = 60
_MOST_EMPTY = 1_000


def warc_records(stream: BinaryIO, max_bytes: int) -> Iterator[Page | Drop]:
    """Each record of a WARC stream, packed or not; one that cannot be read is a drop.

    After a broken one, reading goes on at the next record that can be found. `max_bytes` bounds a
    page.
    """
    if has_odd_headers(stream):
        yield from _oddly_written(stream, max_bytes)
        return
    number = start = 0
    while True:
        place, length = start, 0
        packed = _is_packed(stream, start)
        try:
            for record in ArchiveIterator(stream, parse_http=False):
                number += 1
                place, length = start + record.stream_pos, record.content_length
                yield _of_record(record, number, max_bytes)
            if packed:
                rest = _rest_behind_member(stream, place)
            else:
                rest = place + length > stream.seek(0, io.SEEK_END)
            if not rest:
                return
        except (OSError, ValueError, EOFError) as error:
            rest = False
            number += 1
            yield _unreadable(number, place, str(error))
        after = _next_start(stream, place + 1)
        if after is None:
            if rest and packed:
                yield _unreadable(number + 1, place, "the file ends within a record")
            return
        start = after


def _oddly_written(stream: BinaryIO, max_bytes: int) -> Iterator[Page | Drop]:
    number = 0
    try:
        for evened in evened_records(stream, max_bytes):
            number += 1
            try:
                for record in ArchiveIterator(io.BytesIO(evened), parse_http=False):
                    yield _of_record(record, number, max_bytes)
            except (OSError, ValueError) as error:
                yield _unreadable(number, stream.tell(), str(error))
    except (OSError, ValueError, EOFError, zlib.error) as error:
        yield _unreadable(number + 1, stream.tell(), str(error))


def _unreadable(number: int, place: int, detail: str) -> Drop:
    detail = f"at or after byte {place:,}: {detail}"
    return Drop(record=str(number), reason="unreadable_record", detail=detail)


def _rest_behind_member(stream: BinaryIO, place: int) -> bool:
    """Whether gzip members with something in them follow the one of the last record.

    FastWARC passes over a member that is cut short in its first bytes, and ends at an empty one; a
    record that is longer than its member takes the next ones with it.
    """
    stream.seek(place)
    rest = b""
    for number in range(_MOST_EMPTY):
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        held = False
        try:
            while not inflater.eof and (block := rest or stream.read(_BLOCK)):
                held = bool(inflater.decompress(block).strip()) or held
                rest = inflater.unused_data
        except zlib.error:
            return number > 0
        if number and (held or not inflater.eof):
            return True
        rest = rest or stream.read(_BLOCK)
        if not inflater.eof or not rest.startswith(_GZIP_MARK[:1]):
            return False
    return True


def _is_packed(stream: BinaryIO, place: int) -> bool:
    stream.seek(place)
    head = stream.read(8).lstrip()
    stream.seek(place)
    return not head.startswith((b"WARC/", b"filed")[: 2 if place == 0 else 1])


def _next_start(stream: BinaryIO, place: int) -> int | None:
    """Where the next record seems to begin at or after a byte; the stream is left there."""
    stream.seek(place)
    kept = b""
    while block := stream.read(_BLOCK):
        window = kept + block
        for found in _RECORD_START.finditer(window):
            at = place - len(kept) + found.start()
            if found[0] != _GZIP_MARK or _begins_record(stream, at):
                stream.seek(at)
                return at
        place += len(block)
        stream.seek(place)
        kept = window[-_MOST_OF_A_START:]
    return None


def _begins_record(stream: BinaryIO, place: int) -> bool:
    stream.seek(place)
    try:
        return any(True for _ in _first(stream))
    except (OSError, ValueError, EOFError):
        return False


def _first(stream: BinaryIO) -> Iterator[WarcRecord]:
    head = stream.read(_BLOCK)
    for record in ArchiveIterator(io.BytesIO(head), parse_http=False):
        yield record
        return


def _of_record(record: WarcRecord, number: int, max_bytes: int) -> Page | Drop:
    headers = record.headers
    name = record.record_id or str(number)
    url = headers.get("WARC-Target-URI")
    url = url.strip("<> ") if url else None
    said = headers.get("Content-Type") or ""
    kind = str(record.record_type)
    if headers.get("Content-Length") is None:
        return Drop(record=name, reason="truncated_record", detail="in its header", url=url)
    if kind not in ("response", "conversion", "resource"):
        reason = f"{kind if kind in _NO_PAGES else 'unknown'}_record"
        return Drop(record=name, reason=reason, detail=said, url=url)
    if kind == "resource" and not (url or "").startswith(_WEB):
        return Drop(record=name, reason="resource_record", detail=said, url=url)
    if record.content_length > max_bytes:
        detail = f"{record.content_length} bytes"
        return Drop(record=name, reason="page_too_large", detail=detail, url=url)
    if not record.content_length:
        return Drop(record=name, reason="empty_body", url=url)
    charset, transfer, content = None, "", ""
    if kind == "response":
        if not record.is_http:
            if not (url or "").startswith(_WEB[:2]) or said.startswith("text/dns"):
                return Drop(record=name, reason="not_http", detail=said, url=url)
            record.is_http = True  # some crawlers give the page's type here, or none
        record.parse_http(quirks_mode=True, strict_mode=False)
        answer = record.http_headers
        if answer.status_code != 200:
            detail = str(answer.status_code or answer.status_line or "")
            return Drop(record=name, reason="http_status", detail=detail, url=url)
        said = record.http_content_type or ""
        charset = record.http_charset
        transfer = answer.get("Transfer-Encoding") or ""
        content = answer.get("Content-Encoding") or ""
    wanted = record.content_length
    body = record.reader.read()
    if len(body) < wanted:
        detail = f"{len(body)} of {wanted} bytes"
        return Drop(record=name, reason="truncated_record", detail=detail, url=url)
    body = unpacked(body, transfer, content, max_bytes)
    date = headers.get("WARC-Date")
    return _page(name, body, said, charset, url, date, is_flat=kind == "conversion")


def _page(
    record: str,
    body: bytes,
    said: str,
    charset: str | None,
    url: str | None,
    date: str | None,
    is_flat: bool = False,
) -> Page | Drop:
    if not body.strip():
        return Drop(record=record, reason="empty_body", url=url)
    kind = kind_of_bytes(body, said)
    if not (is_html(kind) or is_plain_text(kind)):
        return Drop(record=record, reason="not_a_page", detail=kind, url=url)
    form: PageForm = "html" if is_html(kind) else "flat" if is_flat else "text"
    text = decode_text(body, charset)
    if text is None:
        return Drop(record=record, reason="undecodable", detail=charset or "", url=url)
    return Page(record=record, body=text, form=form, url=url, date=date)


def arc_records(stream: BinaryIO, max_bytes: int) -> Iterator[Page | Drop]:
    """Each record of an ARC stream, as `warc_records` gives them."""
    from warcio.archiveiterator import ArchiveIterator as WarcioIterator
    from warcio.exceptions import ArchiveLoadFailed

    number = 0
    # warcio wants a gzip member for each record; unpacked as a whole it takes any.
    plain = gzip.GzipFile(fileobj=stream) if _is_packed(stream, 0) else stream
    try:
        for record in WarcioIterator(plain):
            number += 1
            url = record.rec_headers.get_header("uri")
            if record.rec_type != "response":
                yield Drop(record=str(number), reason="warcinfo_record", detail="ARC", url=url)
                continue
            answer = record.http_headers
            if answer is None or not answer.protocol.startswith("HTTP/"):
                kind = record.rec_headers.get_header("content-type") or ""
                yield Drop(record=str(number), reason="not_http", detail=kind, url=url)
                continue
            if answer.get_statuscode() != "200":
                status = answer.get_statuscode()
                yield Drop(record=str(number), reason="http_status", detail=status, url=url)
                continue
            said = answer.get_header("Content-Type") or ""
            date = record.rec_headers.get_header("archive-date")
            charset = said.partition("charset=")[2].split(";")[0].strip(" \"'") or None
            body = record.raw_stream.read(max_bytes)
            if record.raw_stream.limit > 0:
                reason = "truncated_record" if len(body) < max_bytes else "page_too_large"
                detail = f"{record.raw_stream.limit} bytes are left out"
                yield Drop(record=str(number), reason=reason, detail=detail, url=url)
                continue
            transfer = answer.get_header("Transfer-Encoding") or ""
            body = unpacked(body, transfer, answer.get_header("Content-Encoding") or "", max_bytes)
            yield _page(str(number), body, said, charset, url, date)
    except (ArchiveLoadFailed, OSError, ValueError, EOFError, zlib.error) as error:
        yield Drop(record=str(number + 1), reason="unreadable_record", detail=str(error).strip())
