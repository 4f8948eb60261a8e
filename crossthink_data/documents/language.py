"""Which language a text is in: Resiliparse's n-gram detector, and for English its common words.

The detector alone calls one in twenty short English texts something else (names, formulas and
lists have few of the n-grams of prose), and knows 101 languages, Aragonese and Scots not among
them. English has words that its neighbours do not share and no prose does without.
"""

import re
from collections.abc import Iterator
from typing import cast

from crossthink_data.errors import MissingExtra

__all__ = ["common_english", "in_language"]

_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_START = re.compile(r"(?<=[.!?])\s+|\n+")
_ENGLISH = frozenset(
    _WORD.findall(
        "the of and to that with which from this are have been were they their would these those "
        "there what when where who how than then about more other such between after before "
        "through because while each both any should could does did its it your our his you we "
        "into only also most many some them being"
    )
)
# Languages that share so many words with English that only their own tell them from it.
_KIN = {
    "sco": (
        "tae frae fae wis haes thair nae ither maist sic wi bi whit aw oot aboot doon intae efter "
        "uised wur syne thaim wha whilk athin athoot oor naw gaed gie maun isna wisna fowk wadna"
    ),
    "pcm": "dey wey wetin una dem sey don di na fit dis dat pipol tori oga abi pikin wia naim",
    "jam": "di fi inna dem wid seh mek deh yaad unu im fram pan nuh wah dat dis likkle pickney",
}
_KIN_WORDS = {code: frozenset(words.split()) for code, words in _KIN.items()}
_SURE = 0.12
# Prose has 0.2 to 0.3; with two fifths of it in another language, less than this.
_UNMIXED = 0.22
_POSSIBLE = 0.03
_NEAR = 35
# Nearer than this is no language: lists of names, figures and headlines in English are as near.
_CLEARLY = 15
_FEWEST_OF_KIN = 3
_MOST_OF_KIN = 0.04
_MOST_FOREIGN = 0.4
_BLOCK_CHARACTERS = 300
_LOOKED_AT = 20_000


def in_language(text: str, language: str) -> str:
    """ "" for a text in the language, otherwise what it seems to be in, with the shares.

    English with formulas, code, names or tables is English; a text of which two fifths are in
    another language is not. Only the first 20,000 characters are looked at.
    """
    text = text[:_LOOKED_AT]
    if language != "en":
        code, _ = _detected(text)
        return "" if code == language else code
    share = common_english(text)
    if share >= _UNMIXED:
        return _kin(_WORD.findall(text.lower()))
    if share >= _SURE:
        foreign = [(len(block), code) for block in _blocks(text) if (code := _foreign(block))]
        if sum(size for size, _ in foreign) <= _MOST_FOREIGN * len(text):
            return ""
        return f"partly {max(foreign)[1]}"
    return _foreign(text)


def common_english(text: str) -> float:
    """The share of words that are common in English and in no neighbouring language.

    >>> common_english("The cat sat on the mat") == 2 / 6
    True
    """
    words = _WORD.findall(text.lower())
    return sum(word in _ENGLISH for word in words) / len(words) if words else 0.0


def _foreign(text: str) -> str:
    """The language of a text that is not English; "" where nothing says that it is not."""
    words = _WORD.findall(text.lower())
    if not words:
        return "" if any(mark.isascii() for mark in text) else "unknown"
    if kin := _kin(words):
        return kin
    share = sum(word in _ENGLISH for word in words) / len(words)
    if share >= _SURE:
        return ""
    code, behind = _detected(text)
    if code == "en" or behind <= (_NEAR if share >= _POSSIBLE else _CLEARLY):
        return ""
    return code


def _kin(words: list[str]) -> str:
    """Which near relation of English the words are of; "" for none."""
    distinct = set(words)
    for code, own in _KIN_WORDS.items():
        if len(distinct & own) < _FEWEST_OF_KIN:
            continue
        if sum(word in own for word in words) > _MOST_OF_KIN * len(words):
            return code
    return ""


def _blocks(text: str) -> Iterator[str]:
    """The text in runs of whole sentences and lines of about 300 characters."""
    block: list[str] = []
    size = 0
    for sentence in _SENTENCE_START.split(text):
        block.append(sentence)
        size += len(sentence)
        if size >= _BLOCK_CHARACTERS:
            yield " ".join(block)
            block, size = [], 0
    if size:
        yield " ".join(block)


def _detected(text: str) -> tuple[str, int]:
    """The likeliest language, and how much farther off English is."""
    try:
        from resiliparse.parse.lang import detect_fast
    except ImportError as error:
        raise MissingExtra("resiliparse", "synth", "the language of texts") from error
    # The distance of a short text is above the default cut.
    found = cast("list[tuple[str, int]]", detect_fast(text, cutoff=2_000, n_results=120))
    distances = dict(found)
    code = min(distances, key=lambda name: distances[name]) if distances else "unknown"
    return code, distances.get("en", 2_000) - distances.get(code, 2_000)
