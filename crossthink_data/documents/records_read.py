"""What a reader makes of one record of a file: a page with text, or a drop with its reason."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Drop", "Page", "PageForm", "Unusable"]

PageForm = Literal["html", "flat", "text"]
"""A web page; the flat text of one, menus and all, as WET files have it; a text as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A record with something to read, from which the text is yet to be taken.

    `record` is the WARC-Record-ID or the number of the row in its file, from 1.
    """

    record: str
    body: str
    form: PageForm
    url: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A record that gives no document: `reason` is a stable snake_case drop reason."""

    record: str
    reason: str
    detail: str = ""
    url: str | None = None


class Unusable(Exception):
    """A file that cannot be read as a whole; `reason` is snake_case. Recorded, never fatal."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
