"""Does a quotation occur in a text? Compared by words, so that typography does not matter."""

import re
import unicodedata

__all__ = ["FEWEST_WORDS", "quote_words", "quoted_in"]

FEWEST_WORDS = 4

_ELLIPSIS = re.compile(r"\[\s*(?:\.{3,}|…)\s*\]|\(\s*(?:\.{3,}|…)\s*\)|\.{3,}|…|\. \. \.")
_NOTE_MARK = re.compile(r"\[(?:\d{1,3}|[a-z]|citation needed|edit|note \d{1,2})\]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_WORD = re.compile(r"[^\W\d_]+|\d+")
# Figures above and below the line are parts of their own: 10²³ is no 1023.
_OFF_THE_LINE = re.compile(r"[²³¹⁰ⁱ⁴-ⁿ₀-₎ᵏᵗˣ]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+")


def quoted_in(quote: str, text: str) -> bool:
    """True where the words of `quote` stand in `text`, in order and without a gap.

    Case, white space, quotation marks, dashes, accents, ligatures, soft hyphens, marks of emphasis
    and note marks such as [3] do not count. An ellipsis parts a quotation: its parts, each of two
    words or more, stand in the text one after another; so do whole sentences of `FEWEST_WORDS`
    words or more, with or without one between them. Fewer than `FEWEST_WORDS` words quote nothing.

    >>> quoted_in("“Iron—a metal … melts at 9 °C.”", "Iron - a metal of old - melts at 9 °C")
    True
    >>> quoted_in("iron melts at 9 °C", "Iron - a metal of old - melts at 9 °C")
    False
    """
    plain = _NOTE_MARK.sub("", quote)
    words = f" {' '.join(quote_words(_NOTE_MARK.sub('', text)))} "
    if _follow(_ELLIPSIS.split(plain), words, least=2):
        return True
    sentences = [
        sentence for part in _ELLIPSIS.split(plain) for sentence in _SENTENCE_END.split(part)
    ]
    return _follow(sentences, words, least=FEWEST_WORDS)


def _follow(parts: list[str], words: str, least: int) -> bool:
    """Whether all parts stand in the text one after another, each of at least so many words."""
    counts = [_count(part) for part in parts]
    if sum(counts) < FEWEST_WORDS or any(0 < count < least for count in counts):
        return False
    at = 0
    for part in parts:
        sought = f" {' '.join(quote_words(part))} "
        if not sought.strip():
            continue
        found = words.find(sought, at)
        if found < 0:
            return False
        at = found + len(sought) - 1
    return True


def _count(text: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in text.split())


def quote_words(text: str) -> list[str]:
    """The words and figures of a text in order, without case, accents or ligatures."""
    text = _OFF_THE_LINE.sub(r" \g<0> ", _INVISIBLE.sub("", text).replace("×", " x "))
    plain = unicodedata.normalize("NFKD", text).casefold()
    return _WORD.findall("".join(mark for mark in plain if not unicodedata.combining(mark)))
