"""Is a text worth asking about: length, repetition and prose, each rule with its reason.

The limits were set on real pages, read one by one: encyclopaedic, explanatory and reference prose
stays, and personal pages that are mostly prose; lists of links, names, titles and prices, notices
of the site itself and stuffed pages go. Gopher's limits for web text drop most reference pages.
"""

import re
from collections import Counter
from collections.abc import Iterator

from crossthink_data.documents.language import common_english
from crossthink_data.documents.settings import DocumentSettings

__all__ = ["content_fault", "length_fault", "prose_fault", "repetition_fault"]

Fault = tuple[str, str] | None
"""The reason for a drop and its detail, or None."""

_SENTENCE_END = re.compile(r"[.!?。！？][\"'”’)\]]*(?=\s|$)")
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_WRAPPED_LINE = 45
_SENTENCE_WORDS = 10
_RUN_WORDS = 8
_LOOKED_AT_WORDS = 10_000
_LOOKED_AT = 20_000
_LONG_WORD = 4
_WORDS_OF_A_MARK = 120
_MOST_NOTICES = 0.35
_LEAST_COMMON = 0.05
_MOST_OF_ONE_WORD = 0.12

_NOTICES = {
    "cookie_notice": (
        ("cookie", "consent", "legitimate interest", "personali", "by continuing", "vendor"),
        (
            r"\b(?:we|our partners|this (?:web)?site|our (?:web)?site)\b[^.]{0,60}\bcookies",
            r"\b(?:accept|reject|manage|allow|decline|disable) (?:all |your |our |the )?cookies",
            r"cookie (?:settings|preferences|policy|consent)",
            r"your (?:consent|privacy choices|cookies)|legitimate interest",
            r"personali[sz]ed (?:ads|advertising|content)|by continuing to (?:use|browse)",
            r"vendors? (?:list|and partners)|strictly necessary cookies",
        ),
    ),
    "login_page": (
        (
            *("log in", "login", "sign in", "signin", "password", "account", "remember me"),
            *("user name", "username", "mail address", "member", "two-factor"),
        ),
        (
            r"\b(?:log|sign) ?in (?:to|with|below|here|using|again)\b|remember me\b",
            r"forgot(?:ten)? (?:your )?password|don.t have an account|two-factor",
            r"(?:create|register) (?:an?|your|a new|for an?) (?:free )?account",
            r"\b(?:your|enter) (?:user ?name|password|e-?mail address)",
            r"(?:already|not) (?:a|registered|have an) (?:member|account)",
        ),
    ),
    "error_page": (
        (
            *("found", "not exist", "no longer", "moved", "deleted", "looking for", "error"),
            *("denied", "javascript", "traffic", "human", "robot", "browser", "captcha"),
            *("ray id", "try again", "blocked", "permission", "security s", "ip address"),
        ),
        (
            r"\b(?:page|file|url|resource|document|address)\b[^.]{0,50}(?:not (?:be )?found"
            r"|(?:does|do) not exist|no longer (?:exists|available)"
            r"|may have (?:been )?(?:moved|removed|deleted))",
            r"page you (?:are|were) looking for|\berror (?:4|5)\d\d\b",
            r"access (?:is |has been )?denied|unusual (?:traffic|activity) from",
            r"(?:enable|turn on|requires?|without) javascript|checking your browser|captcha\b",
            r"you are (?:not )?a (?:human|robot)\b|\bray id\b|try again later",
            r"browser (?:is|you are using is) (?:not|no longer|out)",
            r"permission to access|(?:you were|been|this) block(?:ed)?\b|your ip address",
            r"using a security (?:service|solution)|the security solution|enable cookies",
        ),
    ),
    "shop_page": (
        (
            *(" cart", "basket", "wish", "stock", "discount code", "free ", " now", "sale ends"),
            *("$", "€", "£", "money", "best price", "best deal", "ships "),
        ),
        (
            r"add(?:ed)? to (?:cart|basket|bag|wish ?list)|\b(?:in|out of) stock\b|discount code",
            r"free (?:shipping|delivery|returns)|\b(?:buy|shop|order) now\b|sale ends",
            # A price in a long sentence may be that of a textbook's shirt.
            r"(?:your|shopping) (?:cart|basket)\b|money.back guarantee",
            r"^(?:\S+\s+){0,9}?\S*[$€£]\s?\d+[.,]\d\d\b(?:\s+\S+){0,9}$",
            r"\bbest (?:prices?|deals?)\b|ships? (?:in|within) \d",
        ),
    ),
    "parked_domain": (
        ("domain", "for sale", "parked"),
        (
            r"\bdomain(?: name)?\b[^.]{0,40} (?:is|may be|are) (?:available )?(?:parked|for (?:sale"
            r"|purchase))|(?:buy|purchase|own|get|renew|lease) (?:this|your|a) domain\b",
            r"\bdomain (?:experts?|brokers?|ownership|transfers?|registrar)\b|request (?:a )?price",
            r"\b(?:price|quote)\b[^.]{0,40}\bwithin \d+ (?:business )?hours|buyer protection",
            r"related searches|this (?:web)?page is parked|sponsored listings",
        ),
    ),
    "lorem_ipsum": (
        ("lorem ipsum", "dolor", "consectetur"),
        (
            r"lorem ipsum|dolor sit amet|consectetur adipiscing|sed do eiusmod",
            r"ut enim ad minim|quis nostrud|duis aute irure|cillum dolore|excepteur sint",
            r"sunt in culpa|laborum\b",
        ),
    ),
}
_NOTICE_PATTERNS = {
    name: (marks, re.compile("|".join(words))) for name, (marks, words) in _NOTICES.items()
}


def length_fault(text: str, settings: DocumentSettings) -> Fault:
    """`too_short` or `too_long` with the number of words; None for a text within the bounds."""
    words = len(text.split())
    if words < settings.min_words:
        return "too_short", f"{words} words"
    if words > settings.max_words:
        return "too_long", f"{words} words"
    return None


def repetition_fault(text: str, settings: DocumentSettings) -> Fault:
    """`repeated_lines`, `repeated_words` or `one_word`, with the share of lines or words.

    `repeated_words` counts runs of eight words that were there before, `one_word` the commonest
    word of four letters or more. Words beyond the first 10,000 are not looked at.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    repeated = len(lines) - len(set(lines))
    if repeated > settings.max_repeated_lines * len(lines):
        return "repeated_lines", f"{repeated / len(lines):.2f} of {len(lines)} lines"
    words = text.lower().split()[:_LOOKED_AT_WORDS]
    runs = len(words) - _RUN_WORDS + 1
    different = len(set(zip(*(words[at:] for at in range(_RUN_WORDS)), strict=False)))
    if runs > 0 and runs - different > settings.max_repeated * runs:
        return "repeated_words", f"{1 - different / runs:.2f} of {len(words)} words"
    for word, count in Counter(words).most_common(20):
        if len(word) >= _LONG_WORD and count > _MOST_OF_ONE_WORD * len(words):
            return "one_word", f"{word!r} {count} times in {len(words)} words"
    return None


def prose_fault(text: str, settings: DocumentSettings) -> Fault:
    """`little_prose`, with the share of words that stand in sentences of ten words or more."""
    total = in_sentences = 0
    for unit in _units(text):
        words = len(unit.split())
        total += words
        if words >= _SENTENCE_WORDS and _SENTENCE_END.search(unit):
            in_sentences += words
    if in_sentences < settings.min_prose * total:
        return "little_prose", f"{in_sentences / total:.2f} of {total} words"
    return None


def content_fault(text: str, settings: DocumentSettings) -> Fault:
    """What the sentences of an English text are about, where it is nothing to ask about.

    `cookie_notice`, `login_page`, `error_page`, `shop_page`, `parked_domain`, `lorem_ipsum`: a
    third of the words stand in sentences about the site itself. `few_common_words`: names and
    titles, which have points too. The detail is the share of words. Texts in other languages have
    none of these.
    """
    if settings.language != "en":
        return None
    total = len(text.split())
    for name, words in _notices(text, total):
        if words > _MOST_NOTICES * total:
            return name, f"{words / total:.2f} of {total} words"
    if (share := common_english(text[:_LOOKED_AT])) < _LEAST_COMMON:
        return "few_common_words", f"{share:.2f} of {total} words"
    return None


def _notices(text: str, total: int) -> Iterator[tuple[str, int]]:
    """What the sentences that speak of the site speak of, and the words of such sentences."""
    lower = text.lower()
    sentences: list[str] = []
    for name, (marks, pattern) in _NOTICE_PATTERNS.items():
        # Plain strings first: next to no page has enough of them to be searched in earnest.
        if sum(lower.count(mark) for mark in marks) * _WORDS_OF_A_MARK < total:
            continue
        sentences = sentences or _SENTENCES.split(lower)
        yield name, sum(len(one.split()) for one in sentences if pattern.search(one))


def _units(text: str) -> Iterator[str]:
    """Lines; where a paragraph was wrapped at a fixed width, the paragraph."""
    for paragraph in text.split("\n\n"):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        if len(lines) > 2 and all(_WRAPPED_LINE <= len(line) <= 100 for line in lines[:-1]):
            yield " ".join(lines)
        else:
            yield from lines
