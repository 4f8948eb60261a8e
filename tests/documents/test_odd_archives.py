"""Archives as other tools write them, and broken ones: nothing behind an oddity is lost."""

import gzip
import io
import sys
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_archives import answer, packed, page, prose, record, response

from crossthink_data.documents.archives import arc_records, warc_records
from crossthink_data.documents.http_bodies import decode_text, kind_of_bytes, unpacked
from crossthink_data.documents.records_read import Drop, Page

LIMIT = 1 << 20
ALL = [response(number) for number in range(1, 7)]
PAGE = page(prose(1))


def reasons(content: bytes) -> list[str]:
    found = warc_records(io.BytesIO(content), LIMIT)
    return [each.reason if isinstance(each, Drop) else "page" for each in found]


Written = Callable[[bytes], bytes]
Stored = Callable[[list[bytes]], bytes]


def as_one_member(records: list[bytes]) -> bytes:
    return gzip.compress(b"".join(records))


def in_lower_case(content: bytes) -> bytes:
    """The record with the names of its WARC header in lower case, as Rust writers have them."""
    header, blank, block = content.partition(b"\r\n\r\n")
    first, *lines = header.split(b"\r\n")
    parts = [line.partition(b":") for line in lines]
    lower = [name.lower() + colon + value for name, colon, value in parts]
    return b"\r\n".join([first, *lower]) + blank + block


def with_bare_line_ends(content: bytes) -> bytes:
    header, _, block = content.partition(b"\r\n\r\n")
    return header.replace(b"\r\n", b"\n") + b"\n\n" + block[:-4] + b"\n\n"


@pytest.mark.parametrize("written", [in_lower_case, with_bare_line_ends])
@pytest.mark.parametrize("stored", [b"".join, packed, as_one_member])
def test_headers_in_another_manner_are_read_alike(written: Written, stored: Stored) -> None:
    usual = list(warc_records(io.BytesIO(b"".join(ALL)), LIMIT))
    odd = stored([written(one) for one in ALL])
    assert list(warc_records(io.BytesIO(odd), LIMIT)) == usual
    *whole, last = reasons(odd[:-300])
    assert whole in (["page"] * 5, ["page"] * 4)
    assert last in ("truncated_record", "unreadable_record")


def test_a_record_in_another_manner_that_is_too_large_is_passed_over() -> None:
    large = record("response", answer(b"<html>" + b"a" * (2 * LIMIT)), 9)
    content = b"".join(map(in_lower_case, (ALL[0], large, ALL[1])))
    assert reasons(content) == ["page", "page_too_large", "page"]


@pytest.mark.parametrize("stored", [b"".join, packed])
@pytest.mark.parametrize("kind", ["response", "request"])
def test_a_length_beyond_the_file_takes_no_later_record_with_it(stored: Stored, kind: str) -> None:
    endless = record(kind, answer(PAGE), 8).replace(b"Content-Length: ", b"Content-Length: 99999")
    assert reasons(stored([ALL[0], endless, *ALL[1:]])).count("page") == 6


def test_members_without_a_record_end_no_archive_and_are_no_damage() -> None:
    empty = gzip.compress(b"")
    assert reasons(packed(ALL[:2]) + empty + packed(ALL[2:])) == ["page"] * 6
    assert reasons(packed(ALL) + empty + empty) == ["page"] * 6


@pytest.mark.parametrize("turned", [False, True])
def test_packed_and_plain_files_put_together_are_read_to_the_end(turned: bool) -> None:
    parts = [packed(ALL[:3]), b"".join(ALL[3:])]
    found = reasons(b"".join(reversed(parts) if turned else parts))
    assert found.count("page") == 6
    assert found.count("unreadable_record") == 1


@pytest.mark.parametrize("content_type", ["text/html", "application/http", ""])
def test_an_answer_is_told_by_its_status_line_whatever_type_the_record_says(
    content_type: str,
) -> None:
    assert reasons(record("response", answer(PAGE), 1, content_type=content_type)) == ["page"]


def test_a_page_that_quotes_a_record_is_cut_short_once() -> None:
    quoting = response(1, "A record begins with WARC/1.0 and its type. " * 9 + prose(3))
    assert reasons(ALL[1] + quoting[:-300]) == ["page", "truncated_record"]


def test_a_record_without_a_block_has_an_empty_body() -> None:
    assert reasons(record("response", b"") + ALL[0]) == ["empty_body", "page"]


# ---- what a body is ----


@pytest.mark.parametrize(
    "said",
    ["text/htm", "text/html, text/html", "html", "*/*", "application/x-httpd-php", "text/plain"],
)
def test_a_page_with_a_careless_type_is_a_page(said: str) -> None:
    assert kind_of_bytes(b"<!-- saved -->\n" + PAGE, said) == "text/html"


@pytest.mark.parametrize(
    ("said", "body", "kind"),
    [
        ("", b"<div><p>Only a piece of a page.</p></div>", "text/html"),
        ("text/plain", b"Write <html> first, then <body>, then the text.", "text/plain"),
        ("text/xml", b"<?xml version='1.0'?><rss><![CDATA[<html><body>]]></rss>", "text/xml"),
        ("text/xml", b"<?xml version='1.0'?><svg><html></html></svg>", "text/xml"),
        ("", "\ufeff<!DOCTYPE html><html>".encode("utf-16-le"), "text/html"),
        ("application/json", b'{"page": "<html>"}', "application/json"),
    ],
)
def test_the_bytes_tell_a_page_from_a_text_about_pages(said: str, body: bytes, kind: str) -> None:
    assert kind_of_bytes(body, said) == kind


def test_hostile_beginnings_are_told_in_linear_time() -> None:
    for start in (b"<!--", b"<!-- -->", b"<?", b"<?a>", b"\n "):
        assert kind_of_bytes(start * 2_000, "application/xml") == "application/xml"
    # A member for each byte: unpacking stops after some.
    assert len(unpacked(gzip.compress(b"a", mtime=0) * 40_000, "", "gzip", LIMIT)) == 64


def test_bodies_packed_in_pieces_or_unannounced_are_unpacked() -> None:
    pieces = gzip.compress(PAGE[:500]) + gzip.compress(PAGE[500:])
    assert unpacked(pieces, "", "gzip", LIMIT) == PAGE
    assert unpacked(gzip.compress(PAGE), "", "", LIMIT) == PAGE
    chunk = gzip.compress(PAGE)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(chunk), chunk)
    assert unpacked(chunked, "gzip, chunked", "", LIMIT) == PAGE


def test_a_mark_of_order_overrides_the_header_and_utf_16_needs_none() -> None:
    text = "A naïve café – and more words, so that there is something to read."
    for body, charset in (
        (text.encode("utf-8-sig"), "iso-8859-1"),
        (text.encode("utf-16"), "utf-8"),
        (text.encode("utf-16-le"), None),
        (text.encode("utf-16-be"), None),
    ):
        decoded = decode_text(body, charset)
        assert decoded is not None
        assert decoded.lstrip("\ufeff") == text


def test_pages_of_the_odd_kinds_have_their_text() -> None:
    utf16 = record("response", answer(PAGE.decode().encode("utf-16"), "text/html"), 1)
    [found] = warc_records(io.BytesIO(utf16), LIMIT)
    assert isinstance(found, Page)
    assert "The bridge of village 1" in found.body


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (brotli.compress(PAGE), "Content-Encoding: br\r\n"),
        (gzip.compress(PAGE), "Content-Encoding: gzip\r\n"),
        (b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE), "Transfer-Encoding: chunked\r\n"),
    ],
)
def test_bodies_of_arc_files_are_unpacked_and_names_of_hosts_are_no_pages(
    body: bytes, more: str
) -> None:
    def stored(url: str, block: bytes, kind: str) -> bytes:
        return f"{url} 127.0.0.1 20240101000000 {kind} {len(block)}\n".encode() + block + b"\n"

    content = (
        stored("filedesc://x.arc", b"1 0 Tests\nURL IP-address Archive-date\n", "text/plain")
        + stored("dns:a.example", b"20240101\na.example. A 1.2.3.4", "text/dns")
        + stored("https://a.example/", answer(body, more=more), "text/html")
    )
    about, host, found = arc_records(io.BytesIO(content), LIMIT)
    assert [about.reason, host.reason] == ["warcinfo_record", "not_http"]
    assert isinstance(found, Page)
    assert found.body == PAGE.decode()
