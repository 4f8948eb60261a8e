"""Text that came out broken: half characters, control characters, the mark of a lost character.

A reply is JSON, and its escapes can say what no file can hold: a lone surrogate such as "\\ud83d".
"""

import re

__all__ = ["where_broken", "writable"]

_BROKEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffd]")
_AROUND = 20


def where_broken(text: str) -> str | None:
    """The broken place with a few characters around it, in ASCII; None for a text that is whole.

    A form feed was once a backslash and an f.

    >>> where_broken("half " + chr(0xD83D) + " of it")
    "'half \\\\ud83d of it'"
    """
    found = _BROKEN.search(text)
    if found is None:
        return None
    return ascii(text[max(0, found.start() - _AROUND) : found.end() + _AROUND])


def writable(text: str) -> str:
    """The text with a question mark for each lone surrogate, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
