"""Is a text worth asking about: length, repetition and prose, each rule with its reason.

The limits were set on real pages, read one by one: encyclopaedic, explanatory and reference prose
stays, and personal pages that are mostly prose; lists of links, names, titles and prices, notices
of the site itself and stuffed pages go. Gopher's limits for web text drop most reference pages.
"""

import re
from collections import Counter
from collections.abc import Iterator

from datatrove.pipeline.filters.gopher_repetition_filter import find_all_duplicate

from crossthink_data.documents.language import common_english
from crossthink_data.documents.settings import DocumentSettings

__all__ = ["content_fault", "length_fault", "prose_fault", "repetition_fault"]

Fault = tuple[str, str] | None
"""The reason for a drop and its detail, or None."""

_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_LETTERS = re.compile(r"[^\W\d_]{4,}")
_SENTENCE_END = re.compile(r"[.!?。！？][\"'”’)\]]*(?=\s|$)")
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_WRAPPED_LINE = 45
_SENTENCE_WORDS = 10
_RUN_WORDS = 8
_LOOKED_AT_WORDS = 20_000
_MOST_NOTICES = 0.35
_LEAST_COMMON = 0.05
_MOST_OF_ONE_WORD = 0.12

_NOTICES = {
    "cookie_notice": (
        r"\b(?:we|our partners|this (?:web)?site|our (?:web)?site)\b[^.]{0,60}\bcookies",
        r"\b(?:accept|reject|manage|allow|decline|disable) (?:all |your |our |the )?cookies",
        r"cookie (?:settings|preferences|policy|consent)",
        r"your (?:consent|privacy choices|cookies)|legitimate interest",
        r"personali[sz]ed (?:ads|advertising|content)|by continuing to (?:use|browse)",
        r"vendors? (?:list|and partners)|strictly necessary cookies",
    ),
    "login_page": (
        r"\b(?:log|sign) ?in (?:to|with|below|here|using|again)\b|remember me\b",
        r"forgot(?:ten)? (?:your )?password|don.t have an account|two-factor",
        r"(?:create|register) (?:an?|your|a new|for an?) (?:free )?account",
        r"\b(?:your|enter) (?:user ?name|password|e-?mail address)",
        r"(?:already|not) (?:a|registered|have an) (?:member|account)",
    ),
    "error_page": (
        r"\b(?:page|file|url|resource|document|address)\b[^.]{0,50}(?:not (?:be )?found"
        r"|(?:does|do) not exist|no longer (?:exists|available)"
        r"|may have (?:been )?(?:moved|removed|deleted))",
        r"page you (?:are|were) looking for|\berror (?:4|5)\d\d\b|access (?:is |has been )?denied",
        r"(?:enable|turn on|requires?|without) javascript|unusual (?:traffic|activity) from",
        r"you are (?:not )?a (?:human|robot)\b|checking your browser|captcha\b",
        r"browser (?:is|you are using is) (?:not|no longer|out)|\bray id\b|try again later",
    ),
    "shop_page": (
        r"add(?:ed)? to (?:cart|basket|bag|wish ?list)|\b(?:in|out of) stock\b|discount code",
        r"free (?:shipping|delivery|returns)|\b(?:buy|shop|order) now\b|sale ends",
        r"(?:your|shopping) (?:cart|basket)\b|[$€£]\s?\d+[.,]\d\d\b|money.back guarantee",
        r"\bbest (?:prices?|deals?)\b|ships? (?:in|within) \d",
    ),
    "lorem_ipsum": (
        r"lorem ipsum|dolor sit amet|consectetur adipiscing|sed do eiusmod|ut enim ad minim",
        r"quis nostrud|duis aute irure|cillum dolore|excepteur sint|sunt in culpa|laborum\b",
    ),
}
_NOTICE_PATTERNS = {
    name: re.compile("|".join(words), re.IGNORECASE) for name, words in _NOTICES.items()
}


def length_fault(text: str, settings: DocumentSettings) -> Fault:
    """`too_short` or `too_long` with the number of words; None for a text within the bounds."""
    words = len(_WORD.findall(text))
    if words < settings.min_words:
        return "too_short", f"{words} words"
    if words > settings.max_words:
        return "too_long", f"{words} words"
    return None


def repetition_fault(text: str, settings: DocumentSettings) -> Fault:
    """`repeated_lines`, `repeated_words` or `one_word`, with the share of lines or words.

    `repeated_words` counts runs of eight words that were there before, `one_word` the commonest
    word of four letters or more. Words beyond the first 20,000 are not looked at.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    repeated = len(lines) - len(set(lines))
    if repeated > settings.max_repeated_lines * len(lines):
        return "repeated_lines", f"{repeated / len(lines):.2f} of {len(lines)} lines"
    words = _WORD.findall(text.lower())[:_LOOKED_AT_WORDS]
    share = int(find_all_duplicate(words, _RUN_WORDS)) / max(1, sum(map(len, words)))
    if share > settings.max_repeated:
        return "repeated_words", f"{share:.2f} of {len(words)} words"
    long_words = Counter(_LETTERS.findall(text.lower()))
    for word, count in long_words.most_common(1):
        if count > _MOST_OF_ONE_WORD * len(words):
            return "one_word", f"{word!r} {count} times in {len(words)} words"
    return None


def prose_fault(text: str, settings: DocumentSettings) -> Fault:
    """`little_prose`, with the share of words that stand in sentences of ten words or more."""
    total = in_sentences = 0
    for unit in _units(text):
        words = len(_WORD.findall(unit))
        total += words
        if words >= _SENTENCE_WORDS and _SENTENCE_END.search(unit):
            in_sentences += words
    if in_sentences < settings.min_prose * total:
        return "little_prose", f"{in_sentences / total:.2f} of {total} words"
    return None


def content_fault(text: str, settings: DocumentSettings) -> Fault:
    """What the sentences of an English text are about, where it is nothing to ask about.

    `cookie_notice`, `login_page`, `error_page`, `shop_page`, `lorem_ipsum`: a third of the words
    stand in sentences about the site itself. `few_common_words`: names and titles, which have
    points too. The detail is the share of words. Texts in other languages have none of these.
    """
    if settings.language != "en":
        return None
    total = len(_WORD.findall(text))
    noticed = _notices(text)
    for name, words in sorted(noticed.items(), key=lambda item: (-item[1], item[0])):
        if words > _MOST_NOTICES * total:
            return name, f"{words / total:.2f} of {total} words"
    if (share := common_english(text)) < _LEAST_COMMON:
        return "few_common_words", f"{share:.2f} of {total} words"
    return None


def _notices(text: str) -> Counter[str]:
    """Words of the sentences that speak of the site, by what they speak of."""
    found: Counter[str] = Counter()
    for name, pattern in _NOTICE_PATTERNS.items():
        if not pattern.search(text):
            continue
        for sentence in _SENTENCES.split(text):
            if pattern.search(sentence):
                found[name] += len(_WORD.findall(sentence))
    return found


def _units(text: str) -> Iterator[str]:
    """Lines; where a paragraph was wrapped at a fixed width, the paragraph."""
    for paragraph in text.split("\n\n"):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        if len(lines) > 2 and all(_WRAPPED_LINE <= len(line) <= 100 for line in lines[:-1]):
            yield " ".join(lines)
        else:
            yield from lines
