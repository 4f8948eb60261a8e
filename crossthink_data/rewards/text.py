r"""Text behind its dress: LaTeX, markdown and Unicode unwrapped, and the tokens that are compared.

Every pass is linear, and texts longer than `LONGEST` are only trimmed, or parted at white space:
no short answer is that long.
"""

import re
import unicodedata
from unicodedata import combining

from crossthink_data.rewards.numerals import merge_numerals
from crossthink_data.rewards.text_tables import (
    ACCENTS,
    COMMANDS,
    FRACTION,
    GREEK_NAMES,
    KEPT,
    RAISED,
    SIGNS,
    SUPERSCRIPTS,
    UNICODE,
)

__all__ = ["LONGEST", "plain_text", "tokens"]

LONGEST = 2048
"""Characters up to which a text is unwrapped."""

_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "nbsp": " ", "quot": '"', "#39": "'"}
_ENTITY = re.compile("&(" + "|".join(_ENTITIES) + ");")
_TYPED_SIGNS = {"+/-": "±", "->": "→", "<=": "≤", ">=": "≥", "=>": "⇒", "!=": "≠", "<=>": "⇔"}
_TYPED = re.compile(r"\+/-|(?<![-<])->|<=>?|(?<!-)>=|(?<![=<])=>|(?<![\w)])!=")
_SPECIAL = re.compile(r"[\\$*`_^{}~<#\"\x00-\x1f\x7f]")
_SUPERSCRIPT_RUN = re.compile(f"[{SUPERSCRIPTS}]+")
_BASE = re.compile("(?<=[0-9])[₀-₉]+")
_ACCENT = re.compile(
    r"\\([\"'`^~=.]|[cvuHrk](?![A-Za-z]))\s*(?:\{\s*\\?([A-Za-z])\s*\}|\\([ij])(?![A-Za-z])\s?|([A-Za-z]))"
)
_GROUP = re.compile(
    FRACTION + r"\s*(?:\{(?P<above>[^{}]*)\}|(?P<first>\w))\s*(?P<below>\{[^{}]*\}|\w)"
    rf"|(?P<waits>{FRACTION}\s*(?:\{{[^{{}}]*\}}|\w)(?=\s*\{{))"
    r"|√\s*(?P<degree>\[[^{}\[\]]*\])?\s*\{(?P<root>[^{}]*)\}"
    r"|_\s*\{(?P<low>[^{}]*)\}"
    r"|\^\s*\{(?P<high>[^{}]*)\}"
    r"|\{(?P<inner>[^{}]*)\}"
)
_SIMPLE = re.compile(r"[\w.,' ()-]*[\w.,' ()]|[+-]")
_MIXED = re.compile(r"\d+[^\W\d_]")
_MOST_NESTED = 12
_TAG = re.compile(
    r"</?(?:sub|b|i|u|em|strong|p|span|code|answer|br) ?/?>|(<sup>)|</sup>", re.IGNORECASE
)
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)\*?|(.))", re.DOTALL)
_TIE = re.compile(r"(?<=[\w.,;:)\]}%°])~(?=[\w({$\\=+<>%×/-])|(?<=[=+×])~(?=\w)|\{~(?=[A-Za-z°\\])")
_TIED_SIGN = re.compile(r"~([∨∧⊃≡→↔])~")
_RAISE = re.compile(r"\^\s*(\(\d*[+-]\)|\d*[+-](?!\s*[\w(])|[+-]?\w|[°']|\*(?!\*))")
_STARS = re.compile(r"(?<=[\w)]) ?\*\* ?(?=[\w(-])(?![^*]*\*\*)")
_CHARGE = re.compile(r"\d*[+-]")
_SPACED_CHARGE = re.compile(r"\d* ?[+-]|\(\d*[+-]\)")
_INTEGER = re.compile(r"-?\d+(?:\.\d+)?")
_UNRAISED = frozenset(("st", "nd", "rd", "th", "°", "o", "'", "*"))
_LOWER = re.compile(r"(?<!\d)_\s*(?=\w)")
_EMPHASIS = re.compile(
    r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*]{1,400})(?<=\S)\1(?![\w*])"
    r"|(?<![\w_])(_{1,3})(?=[^\s_])([^_]{1,400})(?<=\S)\3(?![\w_])"
)
_MONEY_END = re.compile(r"(?:^|[\s,;:/-])$|\b(?:and|or|to|per)$")
_MARKED = re.compile(r"[\\^_{}=<>]")
_HEADING = re.compile(r"^\s*(?:(?:#{1,6}|>) (?=\S)|[-*] (?=[A-Za-z]{2}))")


def plain_text(latex: str) -> str:
    r"""The text of a LaTeX or markdown answer, in one line, its case kept.

    >>> plain_text(r"$\text{H}_{2}\text{O}$"), plain_text(r"**Schr\"{o}dinger**")
    ('H2O', 'Schrödinger')
    >>> plain_text(r"98.6^\circ\mathrm{F}"), plain_text(r"\frac{3}{2}~\mathrm{m/s^2}")
    ('98.6°F', '3/2 m/s^2')
    """
    if len(latex) > LONGEST:
        return latex.strip()
    text = latex.strip()
    if not text.isascii():
        text = _plain_unicode(text)
    if "=" in text or "->" in text or "+/-" in text:
        text = _TYPED.sub(lambda sign: _TYPED_SIGNS[sign[0]], text)
    if "&" in text and ";" in text:
        text = _ENTITY.sub(lambda entity: _ENTITIES[entity[1]], text)
    if _SPECIAL.search(text) is not None:
        text = _unwrap(text)
    return " ".join(text.split())


def _plain_unicode(text: str) -> str:
    """One spelling of white space, dashes, quotes, raised and lowered digits, and fractions."""
    text = text.translate(UNICODE)
    if text.isascii():
        return text
    text = _SUPERSCRIPT_RUN.sub(_raised, text)
    text = _BASE.sub(r"_\g<0>", text)
    return unicodedata.normalize("NFKC", text).replace("\u2044", "/")


def _raised(run: re.Match[str]) -> str:
    return "^{" + "".join(map(RAISED.__getitem__, run[0])) + "}"


def _unwrap(text: str) -> str:
    text = text.replace("\x00", "")
    if "</" in text or "<br" in text:
        text = _TAG.sub(lambda tag: "^" if tag[1] else "", text)
    if "~" in text:
        text = _TIED_SIGN.sub(r" \1 ", text)
        text = _TIE.sub(lambda tie: "{ " if tie[0] == "{~" else " ", text)
    if "\\" in text:
        text = _without_commands(text)
    if "$" in text:
        text = _without_delimiters(text)
    if "{" in text or FRACTION in text:
        text = _without_groups(text)
    if "^" in text:
        text = _RAISE.sub(_raised_bare, text)
    if "**" in text:
        text = _STARS.sub("^", text)
    if "*" in text or "_" in text:
        text = _EMPHASIS.sub(lambda mark: mark[2] or mark[4], text)
        text = _EMPHASIS.sub(lambda mark: mark[2] or mark[4], text)
    if "_" in text:
        text = _LOWER.sub("", text)
    if "`" in text:
        text = re.sub(r"(?<=\w)`(?=\w)", "'", text).replace("`", "")
    text = _HEADING.sub("", text)
    return text.translate(KEPT).replace("\ue002", "$")


def _without_commands(text: str) -> str:
    text = _ACCENT.sub(_accented, text)
    return _COMMAND.sub(_command, text)


def _without_groups(text: str) -> str:
    """Braces resolved from the inside out, where they hold a part together by brackets."""
    for _ in range(_MOST_NESTED):
        text, count = _GROUP.subn(_ungrouped, text)
        if not count or ("{" not in text and FRACTION not in text):
            break
    return text.replace(FRACTION, "/")


def _ungrouped(group: re.Match[str]) -> str:
    kind = group.lastgroup
    if kind == "below":
        above = group["above"] or group["first"] or ""
        before = group.string[group.start() - 1] if group.start() else ""
        below = group["below"].strip("{} ")
        below = f"({below})" if below.isalnum() and _MIXED.match(below) else _bracketed(below)
        if before.isalnum():
            return f" {_bracketed(above)}/{below}"
        goes_on = group.string[group.end() : group.end() + 1].isalnum()
        return f"({_bracketed(above)}/{below})" if goes_on else f"{_bracketed(above)}/{below}"
    if kind == "root":
        root = group["root"].strip()
        alone = len(root) == 1 or root.isdigit()
        goes_on = group.string[group.end() : group.end() + 1].isalnum()
        return f"√{group['degree'] or ''}{root if alone and not goes_on else f'({root})'}"
    if kind == "low":
        low = group["low"].strip()
        base = "_" if group.string[group.start() - 1 : group.start()].isdigit() else ""
        return base + low if _SIMPLE.fullmatch(low) else f"({low})"
    if kind == "high":
        power = _power(group["high"], group.string, group.start())
        return f"{power} " if group.string[group.end() : group.end() + 1].isdigit() else power
    if kind == "inner":
        return group["inner"]
    return group[0]


def _bracketed(part: str) -> str:
    part = part.strip()
    return part if part.replace(".", "", 1).isalnum() else f"({part})"


def _accented(accent: re.Match[str]) -> str:
    letter = accent[2] or accent[3] or accent[4]
    return unicodedata.normalize("NFC", letter + ACCENTS[accent[1]])


def _command(command: re.Match[str]) -> str:
    name = command[1]
    if name is None:
        return SIGNS.get(command[2], command[2])
    known = COMMANDS.get(name)
    if known is None:
        return f" {name} "
    return known


def _raised_bare(power: re.Match[str]) -> str:
    return _power(power[1], power.string, power.start())


def _power(raised: str, text: str, start: int) -> str:
    """What stands at `start` behind a caret: a power, a charge, an ordinal ending or degrees."""
    raised = raised.strip()
    if raised[-1:] in ("+", "-", ")") and _SPACED_CHARGE.fullmatch(raised) is not None:
        raised = raised.strip("()").replace(" ", "")
    if not raised or raised in _UNRAISED:
        return "°" if raised in ("°", "o") else raised
    before = text[max(start - 9, 0) : start].rstrip("} ")[-1:]
    if _CHARGE.fullmatch(raised) and (not before.isdigit() or _after_letter(text, start)):
        return raised.removeprefix("1")
    if raised[0] == "+" and before.isalpha() and raised[1:].isdigit():
        return "+" if raised == "+1" else f"{raised[1:]}+"
    if not before or before in "([,;{":
        return raised
    if raised.isalnum() or _INTEGER.fullmatch(raised):
        return "^" + raised
    return f"^({raised})"


def _after_letter(text: str, end: int) -> bool:
    r"""Whether the digits before `end` belong to a formula, as in `SO_4^{2-}`."""
    head = text[max(end - 30, 0) : end].rstrip("} ").rstrip("0123456789").rstrip("_{} ")
    return bool(head) and (head[-1].isalpha() or head[-1] in ")]")


def _without_delimiters(text: str) -> str:
    """Dollar signs around mathematics dropped; those of amounts stay."""
    pieces = text.split("$")
    out = [pieces[0]]
    index = 1
    count = len(pieces)
    while index < count:
        piece = pieces[index]
        closed = index + 1 < count
        if not piece and closed:
            index += 1
            out.append(" ")
            out.append(pieces[index])
        elif closed and _is_mathematics(piece, pieces[index + 1]):
            out.append(" " if out[-1][-1:].isalnum() and piece[0] not in "^_" else "")
            out.append(piece)
            out.append(pieces[index + 1] or " ")
            index += 1
        elif piece.lstrip(" -.")[:1].isdigit() or out[-1].rstrip()[-1:].isdigit():
            out.append("\ue002")
            out.append(piece)
        else:
            out.append(piece)
        index += 1
    return "".join(out)


def _is_mathematics(inside: str, behind: str) -> bool:
    if _MARKED.search(inside) is not None:
        return True
    if _MONEY_END.search(inside.rstrip() if inside.strip().isalnum() else inside) is not None:
        return False
    return not behind[:1].isdigit()


_LETTER, _LETTER_OR_DIGIT = r"[^\W\d_]", r"[^\W_]"
_SUBSTANCE = (
    r"LETTER(?:ALNUM)*(?:(?:\+\+|[+#-])(?![\w(.]|\s*\d))?"
    r"|\d+(?:st|nd|rd|th)(?![a-z0-9])"
    r"|(?:(?<![a-z0-9)\]}])-\s?)?(?:(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+)(?:\.\d+)*|\.\d+)"
    r"|(?<=[a-z])'|(?<=[\d)])!|(?<![a-z][a-z])(?<=[a-z])!"
    r"|--|[=<>±+*/^×·÷¬~|°%$€£¥¢@&§_\\\u2190-\u22ff\u266d-\u266f-]"
    r"|(?<=\d):(?=\s?\d)|(?<=\d ):(?=\s?\d)|[()\[\]{}]"
)
_ASCII_SUBSTANCE = re.compile(_SUBSTANCE.replace("LETTER", "[a-z]").replace("ALNUM", "[a-z0-9]"))
_ANY_SUBSTANCE = re.compile(
    _SUBSTANCE.replace("LETTER", _LETTER).replace("ALNUM", _LETTER_OR_DIGIT)
)
_INITIALS = re.compile(
    r"(?<![a-z0-9])(?:v\.(?= )"
    r"|[a-z]\.(?:[a-z]\.| (?!v\.)[a-z]\.)*(?:[a-z](?![a-z0-9])| (?!v)[a-z]$)?)"
)
_POINTS = str.maketrans("", "", ". ")
_OPERATORS = frozenset("=<>≤≥≠±+*/^√∨∧⊃≡¬~|→×·÷∈")
_BRACKETS = frozenset("()[]{}")
_NOT_ARTICLES = _OPERATORS | {"and", "or", "is", "to", "through", "until", "plus", "minus"}
_TO_NAMES = str.maketrans({sign: f" {name} " for sign, name in GREEK_NAMES.items()})
_TO_NAMES.update({ord("∞"): " infinity ", ord("¬"): "~", ord("∶"): ":"})
_STRUCK = "\u0338"
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ς": "σ"})


def tokens(text: str) -> tuple[str, ...]:
    r"""The comparable tokens of a short answer: case, articles, dashes, quotes and dress gone.

    Number words and ordinals become digits, `&` becomes `and`; what carries meaning stays: signs,
    charges, operators, negation, order.

    >>> tokens(r"\text{The nineteenth century}"), tokens("C++"), tokens("-5")
    (('19th', 'century'), ('c++',), ('-5',))
    >>> tokens("vitamin A"), tokens("a vitamin")
    (('vitamin', 'a'), ('vitamin',))
    """
    if len(text) > LONGEST:
        return tuple(text.casefold().split())
    return plain_tokens(plain_text(text))


def plain_tokens(plain: str) -> tuple[str, ...]:
    """The `tokens` of a text that `plain_text` has unwrapped."""
    text = plain.casefold()
    ascii_only = text.isascii()
    if ascii_only and text.replace(" ", "").isalpha():
        found = _without_articles(text.split(), plain)
        return tuple(merge_numerals(found))
    if not ascii_only:
        text = _without_accents(text)
    if "-" in text:
        text = _without_dashes(text)
    if "." in text:
        text = _INITIALS.sub(_joined_initials, text)
    if "'" in text:
        text = _without_quotes(text)
    if not ascii_only:
        text = text.translate(_TO_NAMES)
    substance = _ASCII_SUBSTANCE if ascii_only else _ANY_SUBSTANCE
    found = substance.findall(text)
    if not _BRACKETS.isdisjoint(found):
        found = _without_brackets(found)
    return tuple(merge_numerals(_without_articles(found, plain)))


def _joined_initials(initials: re.Match[str]) -> str:
    joined = initials[0].translate(_POINTS)
    behind = initials.string[initials.end() : initials.end() + 1]
    return f"{joined} " if behind.isalnum() else joined


_RANGE_START = frozenset("0123456789%°$€£")
_RANGE_END = frozenset("0123456789$€£")


def _without_dashes(text: str) -> str:
    """Hyphens and dashes between words as spaces, between numbers as `--`; signs stay."""
    pieces: list[str] = []
    start = 0
    at = text.find("-")
    while at >= 0:
        end = at + 1
        while text[end : end + 1] == "-":
            end += 1
        left = at - 1 if text[at - 1 : at] == " " else at
        right = end + 1 if text[end : end + 1] == " " else end
        before, behind = text[max(left - 2, 0) : left], text[right : right + 2]
        if before[-1:] in _RANGE_START and behind[:1] in _RANGE_END:
            pieces += (text[start:left], " -- ")
            start = end
        elif _parts_words(before, behind, left != at or right != end or end - at > 1):
            pieces += (text[start:left], " ")
            start = end
        at = text.find("-", end)
    if not pieces:
        return text
    pieces.append(text[start:])
    return "".join(pieces)


def _parts_words(before: str, behind: str, wide: bool) -> bool:
    """Whether a dash stands between words: one letter alone may be a variable with a minus."""
    words = len(before) == 2 and before.isalpha(), len(behind) == 2 and behind.isalpha()
    if wide:
        return words[0] and words[1]
    return (words[0] and behind[:1].isalnum()) or (words[1] and before[-1:].isalnum())


def _without_accents(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.translate(_STROKES))
    if _STRUCK in text:
        # The stroke that makes ≠ of = is no accent.
        kept = [letter for letter in text if letter == _STRUCK or not combining(letter)]
        return unicodedata.normalize("NFC", "".join(kept))
    return "".join(letter for letter in text if not combining(letter))


_QUOTES = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])|(?<=[^\W\d_]s)'|(?<!\w)'|(?<=\w\w)'(?!\w)")
_NEGATED = re.compile(r"(?<=[a-z])n't(?![a-z])")


def _without_quotes(text: str) -> str:
    text = _NEGATED.sub(" not", text.replace("can't", "cannot").replace("won't", "will not"))
    return _QUOTES.sub("", text)


def _without_brackets(found: list[str]) -> list[str]:
    """Brackets mean something in mathematics only, where operators stand or numbers in a row."""
    around = found[0] in _BRACKETS and found[-1] in _BRACKETS
    if not _OPERATORS.isdisjoint(found) or (around and any(map(str.isdecimal, found))):
        return found
    return [token for token in found if token not in _BRACKETS]


_ARTICLES = frozenset(("a", "an", "the"))


def _without_articles(found: list[str], plain: str) -> list[str]:
    """Articles before another word dropped; the label A inside a phrase and at its end stays."""
    if _ARTICLES.isdisjoint(found):
        return found
    labels = " A " in plain[1:] and not plain.isupper()
    last = len(found) - 1
    kept = []
    for index, token in enumerate(found):
        means = token not in _ARTICLES or index == last
        if means or (token == "a" and ((labels and index) or found[index + 1] in _NOT_ARTICLES)):
            kept.append(token)
    return kept
