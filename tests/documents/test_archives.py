"""Every record of an archive is a page or a drop with its reason, damaged archives included."""

import gzip
import io
import sys
import zlib
from pathlib import Path

import brotli
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_archives import answer, packed, page, prose, record, response

from crossthink_data.documents.archives import arc_records, warc_records
from crossthink_data.documents.records_read import Drop, Page

LIMIT = 1 << 20


def read(content: bytes) -> list[Page | Drop]:
    return list(warc_records(io.BytesIO(content), LIMIT))


def one(content: bytes) -> Page | Drop:
    [only] = read(content)
    return only


def drop_of(content: bytes) -> tuple[str, str]:
    found = one(content)
    assert isinstance(found, Drop)
    return found.reason, found.detail


def text_of(content: bytes) -> str:
    found = one(content)
    assert isinstance(found, Page), found
    return found.body


def reasons(content: bytes) -> list[str]:
    return [found.reason if isinstance(found, Drop) else "page" for found in read(content)]


@pytest.mark.parametrize("kind", ["warcinfo", "request", "metadata", "revisit", "continuation"])
def test_records_that_hold_no_page_are_drops_by_their_kind(kind: str) -> None:
    assert drop_of(record(kind, b"x", content_type="text/plain")) == (
        f"{kind}_record",
        "text/plain",
    )


def test_a_kind_that_nobody_knows_is_a_drop() -> None:
    assert drop_of(record("surprise", b"x"))[0] == "unknown_record"


def test_a_page_has_its_record_url_and_date() -> None:
    found = one(record("response", answer(page(prose(1))), 7, "<https://a.example/x>"))
    assert isinstance(found, Page)
    assert found.record == f"<urn:uuid:{7:032x}>"
    assert (found.url, found.date) == ("https://a.example/x", "2024-01-08T00:00:00Z")
    assert found.form == "html"


@pytest.mark.parametrize("status", ["301 Moved", "404 Not Found", "500 Oops", "206 Part"])
def test_other_answers_than_200_are_drops_with_their_status(status: str) -> None:
    block = answer(page(prose(1)), status=status)
    assert drop_of(record("response", block)) == ("http_status", status[:3])


def test_what_is_no_page_is_a_drop_with_its_type() -> None:
    for content_type, body in (
        ("application/pdf", b"%PDF-1.7 ..."),
        ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
        ("application/json", b'{"a": 1}'),
        ("text/css", b"body { color: red }"),
    ):
        assert drop_of(record("response", answer(body, content_type))) == (
            "not_a_page",
            content_type,
        )


def test_a_pdf_that_says_it_is_a_page_is_none() -> None:
    block = answer(b"%PDF-1.7\n" + bytes(range(128, 256)) * 20, "text/html")
    assert drop_of(record("response", block))[0] == "not_a_page"


@pytest.mark.parametrize("content_type", ["text/html", "application/xhtml+xml", "text/xml", ""])
def test_a_page_that_starts_with_an_xml_declaration_is_read(content_type: str) -> None:
    start = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML">\n'
    block = answer(page(prose(1), start=start), content_type)
    assert "The bridge of village 1" in text_of(record("response", block))


def test_a_feed_is_no_page() -> None:
    feed = b'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>'
    assert drop_of(record("response", answer(feed, "text/xml")))[0] == "not_a_page"


CHUNKED = "Transfer-Encoding: chunked\r\n"


def test_bodies_are_unpacked() -> None:
    plain = page(prose(3))
    half = len(plain) // 2
    chunks = b"".join(b"%x;name=v\r\n%s\r\n" % (len(c), c) for c in (plain[:half], plain[half:]))
    raw = zlib.compressobj(wbits=-15)
    for more, body in (
        (CHUNKED, chunks + b"0\r\n\r\n"),
        (CHUNKED, chunks),  # cut before the last, empty chunk
        (CHUNKED, plain),  # stored unpacked, the header left as it was
        ("Content-Encoding: gzip\r\n", gzip.compress(plain)),
        ("Content-Encoding: gzip\r\n", plain),
        ("Content-Encoding: deflate\r\n", zlib.compress(plain)),
        ("Content-Encoding: deflate\r\n", raw.compress(plain) + raw.flush()),
        ("Content-Encoding: br\r\n", brotli.compress(plain)),
        ("Content-Encoding: br\r\n", plain),
        ("Content-Encoding: identity\r\n", plain),
    ):
        block = answer(body, more=more)
        assert text_of(record("response", block)) == plain.decode(), more


def test_a_packed_body_that_grows_without_end_is_cut_at_the_limit() -> None:
    bomb = gzip.compress(b"<html>" + b"a" * (LIMIT * 20))
    found = text_of(record("response", answer(bomb, more="Content-Encoding: gzip\r\n")))
    assert len(found) == LIMIT


def test_the_character_set_is_the_headers_then_the_pages_then_a_guess() -> None:
    text = "Größe, naïve, façade – and more words so that there is something to read"
    meta = '<meta charset="windows-1251">'
    russian = "Привет, мир. Это страница на русском языке."
    for content_type, body, wanted in (
        ("text/html; charset=iso-8859-1", page("Größe").decode().encode("latin-1"), "Größe"),
        ("text/html; charset=utf-8", page(text), text),
        ("text/html", page(russian, meta).decode().encode("cp1251"), russian),
        ("text/html; charset=no-such", page(text), text),
        ("text/html", page(text), text),
        ("text/html; charset=utf-8", page("Größe").decode().encode("latin-1"), "Größe"),
        ("text/html", "\ufeff".encode() + page(text), text),
    ):
        assert wanted in text_of(record("response", answer(body, content_type))), content_type


def test_bytes_that_are_no_text_are_a_drop() -> None:
    block = answer(b"<html>" + bytes(range(8)) * 500, "text/html; charset=utf-8")
    assert drop_of(record("response", block))[0] in ("undecodable", "not_a_page")


def test_an_empty_body_and_an_answer_without_a_status_are_drops() -> None:
    assert drop_of(record("response", answer(b"  \n")))[0] == "empty_body"
    assert drop_of(record("response", b"no http at all"))[0] in ("http_status", "not_http")
    assert drop_of(record("response", b"dns", content_type="text/dns"))[0] == "not_http"


def test_a_page_over_the_limit_is_a_drop_with_its_size() -> None:
    block = answer(b"<html>" + b"a" * LIMIT)
    assert drop_of(record("response", block)) == ("page_too_large", f"{len(block)} bytes")


def test_flat_text_and_resources_are_read() -> None:
    flat = one(record("conversion", prose(2).encode(), content_type="text/plain"))
    assert isinstance(flat, Page)
    assert flat.form == "flat"
    assert "mill of village 2" in flat.body
    saved = one(record("resource", page(prose(4)), content_type="text/html"))
    assert isinstance(saved, Page)
    log = record("resource", b"log", url="metadata://wget/log", content_type="text/plain")
    assert drop_of(log)[0] == "resource_record"


ALL = [response(number) for number in range(12)]


def test_packed_and_plain_archives_are_the_same() -> None:
    whole_member = gzip.compress(b"".join(ALL))
    assert read(packed(ALL)) == read(b"".join(ALL)) == read(whole_member)
    assert reasons(packed(ALL)) == ["page"] * 12


@pytest.mark.parametrize("form", ["packed", "plain"])
def test_an_archive_cut_anywhere_tells_of_the_record_it_lost(form: str) -> None:
    parts = [packed([one]) for one in ALL] if form == "packed" else ALL
    content, start = b"".join(parts), sum(map(len, parts[:6]))
    assert reasons(content[:start]) == ["page"] * 6
    for cut in (2, 15, 60, 300, len(parts[6]) - 200):
        found = reasons(content[: start + cut])
        assert found[:6] == ["page"] * 6
        assert found[6:] in (["truncated_record"], ["unreadable_record"]), cut


@pytest.mark.parametrize("form", ["packed", "plain"])
def test_reading_goes_on_after_a_damaged_record(form: str) -> None:
    parts = [packed([one]) for one in ALL] if form == "packed" else list(ALL)
    damaged = bytearray(parts[4])
    damaged[:6] = b"broken" if form == "plain" else damaged[:6]
    damaged[60:90] = b"\xff" * 30
    parts[4] = bytes(damaged)
    found = reasons(b"".join(parts))
    assert found.count("page") == 11
    assert found.count("unreadable_record") == 1


def test_a_length_that_is_too_small_loses_no_more_than_its_own_record() -> None:
    short = ALL[1].replace(b"Content-Length: ", b"Content-Length: 1\r\nX-Was: ", 1)
    found = reasons(ALL[0] + short + ALL[2] + ALL[3])
    assert found.count("page") == 3
    assert "unreadable_record" in found


def arc(url: str, body: bytes) -> bytes:
    return f"{url} 127.0.0.1 20240101000000 text/html {len(body)}\n".encode() + body + b"\n"


def test_arc_files_are_read() -> None:
    about = b"1 0 Tests\nURL IP-address Archive-date Content-type Archive-length\n"
    content = (
        arc("filedesc://x.arc", about)
        + arc("https://a.example/1", answer(page(prose(1))))
        + arc("https://a.example/2", answer(b"gone", status="404 Not Found"))
    )
    for stored in (content, gzip.compress(content), packed([content[:200], content[200:]])):
        found = list(arc_records(io.BytesIO(stored), LIMIT))
        assert [getattr(each, "reason", "page") for each in found] == [
            "warcinfo_record",
            "page",
            "http_status",
        ]
    cut = list(arc_records(io.BytesIO(content[: content.index(b"</article>")]), LIMIT))
    assert [getattr(each, "reason", "page") for each in cut] == [
        "warcinfo_record",
        "truncated_record",
    ]
