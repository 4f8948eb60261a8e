"""Which language a text is in: Resiliparse's n-gram detector and a look at the common words."""

import re

from crossthink_data.errors import MissingExtra

__all__ = ["is_in", "language_of"]

_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def language_of(text: str) -> tuple[str, int]:
    """The code of the most likely language and its distance: the nearer 0 the surer."""
    try:
        from resiliparse.parse.lang import detect_fast
    except ImportError as error:
        raise MissingExtra("resiliparse", "synth", "the language of texts") from error
    code, distance = detect_fast(text)
    return str(code), int(distance)


def is_in(text: str, language: str) -> tuple[bool, str]:
    """Whether a text is in a language, and what it seems to be in otherwise."""
    code, distance = language_of(text)
    return code == language, f"{code} {distance}"
