"""Web page to text: Resiliparse's main content, or Trafilatura's; no time limit, so no lost page.

Both run in the process itself. What could take them long, a page nested thousands deep, is told
beforehand from its tags.
"""

import re
from typing import Literal

from crossthink_data.documents.formulas import with_plain_formulas
from crossthink_data.errors import MissingExtra

__all__ = ["depth_of", "is_too_deep", "main_text", "tidy", "without_menus"]

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*?(/?)>")
# Elements without a closing tag, and those whose closing tag is often left out.
_NOT_NESTED = re.compile(
    "(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr|p|li|td|tr|th|dt|dd|option)"
    r"\b",
    re.IGNORECASE,
)
# Resiliparse takes any list less than four elements below the body for a menu, and so loses the
# lists of articles on plainly built pages; menus that call themselves so are found at any depth.
_BODY = re.compile(r"<body(?:\s[^<>]*)?>", re.IGNORECASE)
_DEEPER = r"\g<0><div><div><div>"
_MENU_WORDS = 5
_MENU_LINES = 5
_MANY_TAGS = 20_000
_DEEPEST = 1_000
_BLANK_LINES = re.compile(r"\n{3,}")
_LINE_ENDS = re.compile(r"[ \t\r\f\v]+\n")


def main_text(page: str, extractor: Literal["resiliparse", "trafilatura"]) -> str:
    """The text of a page's main content; "" when there is none. MissingExtra without the package.

    The time that Resiliparse takes grows with the square of the nesting, so ask `is_too_deep`
    first.
    """
    if extractor == "trafilatura":
        return tidy(_by_trafilatura(page))
    try:
        from resiliparse.extract.html2text import extract_plain_text
    except ImportError as error:
        raise MissingExtra("resiliparse", "synth", "text of web pages") from error
    text = extract_plain_text(
        _BODY.sub(_DEEPER, with_plain_formulas(page), count=1),
        main_content=True,
        alt_texts=False,
        comments=False,
        post_meta=False,
    )
    return tidy(str(text))


def _by_trafilatura(page: str) -> str:
    try:
        import trafilatura
    except ImportError as error:
        # It may be there, and lack a package of its own.
        missing = (
            "trafilatura" if error.name == "trafilatura" else f"what trafilatura needs ({error})"
        )
        raise MissingExtra(missing, "synth", "extractor trafilatura") from error
    return trafilatura.extract(page, favor_precision=True, include_comments=False) or ""


def tidy(text: str) -> str:
    r"""The text without spaces at line ends and with at most one blank line together.

    >>> tidy("One  \r\n\n\n\nTwo\n")
    'One\n\nTwo'
    """
    text = _LINE_ENDS.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _BLANK_LINES.sub("\n\n", text).strip()


def without_menus(text: str) -> str:
    """The flat text of a web page without its menus: runs of five and more short lines.

    A short line has less than five words and does not end as a sentence does. WET files keep no
    markup, so this is all there is to tell a menu by; a list of short entries goes with them.
    """
    kept: list[str] = []
    run: list[str] = []
    for line in (*text.split("\n"), "The end of a text is no menu."):
        if len(line.split()) < _MENU_WORDS and not line.rstrip().endswith((".", "!", "?", ":")):
            run.append(line)
            continue
        # The last line before prose is its heading.
        kept.extend(run if len(run) < _MENU_LINES else run[-1:])
        kept.append(line)
        run = []
    return "\n".join(kept[:-1])


def is_too_deep(page: str) -> bool:
    """Whether a page nests its elements deeper than any page meant for readers."""
    return page.count("<") > _MANY_TAGS and depth_of(page) > _DEEPEST


def depth_of(page: str) -> int:
    """The deepest nesting of elements, from the tags alone.

    >>> depth_of("<div><b>x</b><br></div>")
    2
    """
    depth = deepest = 0
    for closes, name, closed in _TAG.findall(page):
        if closed or _NOT_NESTED.fullmatch(name):
            continue
        depth = max(0, depth - 1) if closes else depth + 1
        deepest = max(deepest, depth)
    return deepest
