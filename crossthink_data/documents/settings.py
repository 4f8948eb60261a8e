"""What a clean document is: the settings of the document stage, with the reasons of its limits."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from crossthink_data.recipe import Settings

__all__ = ["DocumentSettings"]

Share = Annotated[float, Field(ge=0, le=1)]


class DocumentSettings(Settings):
    """Which texts are kept. Words are runs of letters and digits; shares are of words or lines.

    `language` is a two-letter code, or null for all. `min_words` and `max_words` bound the text,
    `max_page_bytes` the page before its text is taken out. `max_repeated` is the share of words
    in ten-word runs that came before, `max_repeated_lines` that of lines; `min_prose` is the
    share of words that stand in sentences, `quality: false` turns it and its like off.
    `keep_dropped_text` keeps the text of what is dropped beside its reason. `crawl_base` is put
    before the lines of a Common Crawl path list: an address or a folder.
    """

    extractor: Literal["resiliparse", "trafilatura"] = "resiliparse"
    language: str | None = Field(default="en", pattern="^[a-z]{2}$")
    min_words: PositiveInt = 80
    max_words: PositiveInt = 100_000
    max_page_bytes: PositiveInt = 8 << 20
    max_repeated: Share = 0.3
    max_repeated_lines: Share = 0.4
    min_prose: Share = 0.25
    quality: bool = True
    keep_dropped_text: bool = False
    licence: str | None = None
    crawl_base: str = "https://data.commoncrawl.org/"
