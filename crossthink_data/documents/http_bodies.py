"""Bytes of an HTTP answer to text: chunks, compression, the character set, what it really is."""

import io
import re
import zlib
from typing import BinaryIO, cast

from fastwarc.stream_io import BrotliReader, ZstdReader
from resiliparse.parse.encoding import (
    bytes_to_str,
    detect_encoding,
    detect_mime,
    map_encoding_to_html5,
)

__all__ = ["decode_text", "is_html", "is_plain_text", "kind_of_bytes", "unpacked"]

_CHUNK_SIZE = re.compile(rb"\s*([0-9a-fA-F]{1,15})\s*(?:;[^\r\n]*)?\r?\n")
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
_TEXT_TYPES = frozenset({"text/plain", "text/markdown", "text/x-markdown"})
_UNSAID_TYPES = frozenset({"", "application/octet-stream", "text/xml", "application/xml", "unk"})
_HTML_START = re.compile(rb"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])", re.IGNORECASE)
_SNIFFED = 4096
_MOST_BROKEN = 0.05
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")


def unpacked(body: bytes, transfer: str, content: str, limit: int) -> bytes:
    """The body without chunks and compression, at most `limit` bytes of it.

    Crawlers often keep the header and store the body already unpacked, so a body that does not
    have the form its header says is taken as it is.
    """
    if "chunked" in transfer.lower():
        body = _unchunked(body)
    for coding in reversed([part.strip().lower() for part in content.split(",")]):
        if coding in ("gzip", "x-gzip", "deflate"):
            body = _inflated(body, limit)
        elif coding == "br":
            body = _read_through(BrotliReader, body, limit)
        elif coding == "zstd":
            body = _read_through(ZstdReader, body, limit)
    return body[:limit]


def _unchunked(body: bytes) -> bytes:
    parts: list[bytes] = []
    place = 0
    while found := _CHUNK_SIZE.match(body, place):
        size = int(found[1], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[found.end() : found.end() + size])
        place = found.end() + size
        if place >= len(body):
            return b"".join(parts)
    return b"".join(parts) if place and not body[place:].strip() else body


def _inflated(body: bytes, limit: int) -> bytes:
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        inflater = zlib.decompressobj(window)
        try:
            plain = inflater.decompress(body, limit)
        except zlib.error:
            continue
        if plain:
            return plain
    return body


def _read_through(reader: type[BrotliReader] | type[ZstdReader], body: bytes, limit: int) -> bytes:
    try:
        return reader(cast(BinaryIO, io.BytesIO(body))).read(limit) or body
    except (OSError, ValueError):
        return body


def kind_of_bytes(body: bytes, said: str) -> str:
    """The media type: what the bytes show where the header says nothing sure, else the header.

    A page that starts with an XML declaration is a web page when an html element follows.
    """
    said = said.split(";")[0].strip().lower()
    start = body[:_SNIFFED]
    if said in _HTML_TYPES or said in _TEXT_TYPES:
        found = detect_mime(start)
        binary = not found.startswith("text/") and "xml" not in found
        if binary and found != "application/octet-stream":
            return found
        return "text/html" if said in _HTML_TYPES or _HTML_START.search(start[:512]) else said
    if said in _UNSAID_TYPES:
        if _HTML_START.search(start):
            return "text/html"
        return str(detect_mime(start)) if said in ("", "unk") else said
    return said


def is_html(kind: str) -> bool:
    """Whether a media type is that of a web page."""
    return kind in _HTML_TYPES


def is_plain_text(kind: str) -> bool:
    """Whether a media type is that of a text to be read as it is."""
    return kind in _TEXT_TYPES


def decode_text(body: bytes, charset: str | None) -> str | None:
    """The body as text, in the header's character set, the page's own, or the one detected.

    None when it is no text in any of them: more than a twentieth of it is control characters.
    """
    encoding = map_encoding_to_html5(charset, fallback_utf8=False) if charset else None
    if encoding is None:
        encoding = detect_encoding(body, from_html_meta=True)
    text = str(bytes_to_str(body, encoding or "utf-8", errors="replace"))
    broken = len(_CONTROLS.findall(text[:20_000]))
    if broken > _MOST_BROKEN * min(len(text), 20_000):
        return None
    return _CONTROLS.sub("", text) if broken or len(text) > 20_000 else text
