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
_TEXT_TYPES = frozenset({"text/plain", "text/markdown", "text/x-markdown", "text/x-rst"})
_UNSAID_TYPES = frozenset(
    {"", "unk", "text", "*/*", "unknown/unknown", "application/unknown", "content/unknown"}
)
# What may stand before the first element of a page. Each part is taken whole or not at all.
_BEFORE_HTML = rb"(?>\xef\xbb\xbf|\s+|<!--.*?-->|<\?.*?>)*+"
_HTML_START = re.compile(
    _BEFORE_HTML + rb"<(?:!doctype\s+html|(?:html|head|body)[\s>])", re.IGNORECASE | re.DOTALL
)
# The elements by which browsers tell a page without a type (mimesniff.spec.whatwg.org, 7.1).
_FRAGMENT_START = re.compile(
    _BEFORE_HTML
    + rb"<(?:script|iframe|h1|div|font|table|a|style|title|b|br|p|meta|main|article|section)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_SNIFFED = 4096
_MOST_MEMBERS = 64
_GZIP = b"\x1f\x8b\x08"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_MOST_BROKEN = 0.05
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")


def unpacked(body: bytes, transfer: str, content: str, limit: int) -> bytes:
    """The body without chunks and compression, at most `limit` bytes of it.

    Crawlers often keep the header and store the body already unpacked, so a body that does not
    have the form its header says is taken as it is.
    """
    if "chunked" in transfer.lower():
        body = _unchunked(body)
    codings = [part.strip().lower() for part in f"{content},{transfer}".split(",")]
    for coding in reversed(codings):
        if coding in ("gzip", "x-gzip", "deflate"):
            body = _inflated(body, limit)
        elif coding == "br":
            body = _read_through(BrotliReader, body, limit)
        elif coding == "zstd":
            body = _read_through(ZstdReader, body, limit)
    if body.startswith(_GZIP):  # packed, and no header says so
        body = _inflated(body, limit)
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
        plain = b""
        rest = body
        for _ in range(_MOST_MEMBERS):
            inflater = zlib.decompressobj(window)
            try:
                plain += inflater.decompress(rest, limit - len(plain))
            except zlib.error:
                break
            rest = inflater.unused_data
            if not rest.startswith(_GZIP) or len(plain) >= limit:
                break
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
    said = re.split("[;,]", said)[0].strip().lower()
    start = body[:_SNIFFED]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        shown = start[2:].replace(b"\0", b"")
    else:
        shown = body.lstrip()[:_SNIFFED]
    if said in _HTML_TYPES or said in _TEXT_TYPES:
        found = detect_mime(start)
        binary = not found.startswith("text/") and "xml" not in found
        if binary and found != "application/octet-stream":
            return found
    if said in _HTML_TYPES or _HTML_START.match(shown):
        return "text/html"
    if said not in _UNSAID_TYPES:
        return said
    return "text/html" if _FRAGMENT_START.match(shown) else str(detect_mime(start))


def is_html(kind: str) -> bool:
    """Whether a media type is that of a web page."""
    return kind in _HTML_TYPES


def is_plain_text(kind: str) -> bool:
    """Whether a media type is that of a text to be read as it is."""
    return kind in _TEXT_TYPES


def decode_text(body: bytes, charset: str | None) -> str | None:
    """The body as text: by its mark of order, the header's character set, its own, or detected.

    None when it is no text in any of them: more than a twentieth of it is control characters.
    """
    encoding = next((name for mark, name in _BOMS if body.startswith(mark)), None)
    if encoding is None and charset:
        encoding = map_encoding_to_html5(charset, fallback_utf8=False)
    if encoding is None:
        encoding = _bare_utf16(body)
    if encoding is None:
        encoding = detect_encoding(body, from_html_meta=True)
    text = str(bytes_to_str(body, encoding or "utf-8", errors="replace"))
    broken = len(_CONTROLS.findall(text[:20_000]))
    if broken > _MOST_BROKEN * min(len(text), 20_000):
        return None
    return _CONTROLS.sub("", text) if broken or len(text) > 20_000 else text


def _bare_utf16(body: bytes) -> str | None:
    """UTF-16 without a mark of order: every other byte of Latin text is zero."""
    start = body[:_SNIFFED]
    half = len(start) // 2
    for first, name in ((0, "utf-16-be"), (1, "utf-16-le")):
        if half and start[first::2].count(0) > 0.9 * half > 10 * start[1 - first :: 2].count(0):
            return name
    return None
