"""Web archives and pages made for the tests: every byte of them is said here."""

import gzip
from collections.abc import Iterable

NOUNS = ("lake", "bridge", "mill", "harbour", "orchard", "quarry", "tower", "canal")
VERBS = ("was built", "was repaired", "was painted", "was sold", "was surveyed", "was opened")


ENDS = (
    "which the farmers of valley {0} had asked for since {1}",
    "although the council of town {0} would have waited until {1}",
    "and {0} masons were paid with silver that was minted in {1}",
    "because a flood had carried the older one away, as letter {0} of {1} tells",
    "so that carts with {0} barrels could pass in winter, and ships from {1} on",
    "while its owner, the {0}th of his name, lived abroad until {1}",
    "but no more than {0} drawings of it have been kept, the last from {1}",
)


def prose(number: int, sentences: int = 12) -> str:
    """English paragraphs that no other number has."""
    lines = []
    for step in range(sentences):
        noun = NOUNS[(number + step) % len(NOUNS)]
        verb = VERBS[(number * 5 + step) % len(VERBS)]
        end = ENDS[(number * 3 + step) % len(ENDS)].format(number * 7 + step, 1800 + step * number)
        year = 1700 + 13 * step + number
        lines.append(f"The {noun} of village {number} {verb} in the year {year}, {end}.")
    return "\n\n".join(" ".join(lines[at : at + 3]) for at in range(0, sentences, 3))


def page(text: str, head: str = "", start: str = "<!DOCTYPE html>\n") -> bytes:
    """A web page with a menu, the text as its paragraphs, and a footer."""
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
    return (
        f"{start}<html><head><title>A page</title>{head}</head><body>"
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/about'>About us</a></li></ul></nav>"
        f"<main><article><h1>A page</h1>{paragraphs}</article></main>"
        "<footer>All rights reserved</footer></body></html>"
    ).encode()


def answer(
    body: bytes,
    content_type: str = "text/html; charset=utf-8",
    status: str = "200 OK",
    more: str = "",
) -> bytes:
    """An HTTP answer."""
    said = f"Content-Type: {content_type}\r\n" if content_type else ""
    return f"HTTP/1.1 {status}\r\n{said}{more}\r\n".encode() + body


def record(
    kind: str,
    block: bytes,
    number: int = 0,
    url: str = "",
    content_type: str = "application/http; msgtype=response",
) -> bytes:
    """One WARC record; its id, url and date hang on `number`."""
    url = url or f"https://pages.example/{number}"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number:032x}>\r\n"
        f"WARC-Date: 2024-01-{number % 28 + 1:02}T00:00:00Z\r\nWARC-Target-URI: {url}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def response(number: int, text: str | None = None, url: str = "") -> bytes:
    """The record of a page that was found."""
    return record("response", answer(page(text or prose(number))), number, url)


def packed(records: Iterable[bytes]) -> bytes:
    """Records as a `.warc.gz` has them: a gzip member each."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)
