"""Does a quotation occur in a text? Compared by words, so that typography does not matter."""

import re
import unicodedata

__all__ = ["FEWEST_WORDS", "quote_words", "quoted_in"]

FEWEST_WORDS = 4

_ELLIPSIS = re.compile(r"\[\s*(?:\.{3,}|…)\s*\]|\(\s*(?:\.{3,}|…)\s*\)|\.{3,}|…|\. \. \.")
_NOTE_MARK = re.compile(r"\[(?:\d{1,3}|[a-z]|citation needed|edit|note \d{1,2})\]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_WORD = re.compile(r"[^\W_]+")


def quoted_in(quote: str, text: str) -> bool:
    """True where the words of `quote` stand in `text`, in order and without a gap.

    Case, white space, quotation marks, dashes, ligatures, soft hyphens, marks of emphasis and note
    marks such as [3] do not count. An ellipsis parts a quotation: its parts, each of two words or
    more, stand in the text one after another. Fewer than `FEWEST_WORDS` words quote nothing.

    >>> quoted_in("“Iron—a metal … melts at 9 °C.”", "Iron - a metal of old - melts at 9 °C")
    True
    >>> quoted_in("iron melts at 9 °C", "Iron - a metal of old - melts at 9 °C")
    False
    """
    parts = [quote_words(part) for part in _ELLIPSIS.split(_NOTE_MARK.sub("", quote))]
    parts = [part for part in parts if part]
    if sum(map(len, parts)) < FEWEST_WORDS or min(map(len, parts)) < 2:
        return False
    words = f" {' '.join(quote_words(_NOTE_MARK.sub('', text)))} "
    at = 0
    for part in parts:
        sought = f" {' '.join(part)} "
        found = words.find(sought, at)
        if found < 0:
            return False
        at = found + len(sought) - 1
    return True


def quote_words(text: str) -> list[str]:
    """The words of a text in order: letters and digits, without case or ligatures."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return _WORD.findall(plain)
