r"""Mathematical text, in LaTeX or plain notation, to tokens.

One regular expression cuts; tables say what each command, letter run and character is. What reads
as words (`\text{odd}`, a run of four letters) is one token, so that words never reach algebra.
"""

import re
from fractions import Fraction
from itertools import pairwise

from crossthink_data.rewards.nodes import Rational
from crossthink_data.rewards.notation import (
    ENDS_VALUE,
    FONTS,
    FUNCTIONS,
    GLUED_FUNCTIONS,
    GREEK,
    LETTER_VARIANTS,
    MATH_FONTS,
    NAMES,
    NEGATED,
    OPAQUE,
    PLAIN_SIGNS,
    SHORT_UNITS,
    SHORT_WORDS,
    SIGNS,
    SPACES,
    STRUCTURES,
    TRANSPARENT_FONTS,
    VECTOR_FONTS,
    VOWELS,
)

__all__ = ["NotUnderstood", "Tokens", "TooLong", "number_value", "tokenize"]

MOST_CHARACTERS = 4000
MOST_TOKENS = 1500
MOST_DIGITS = 600


class NotUnderstood(Exception):
    """The text is outside the grammar."""


class TooLong(Exception):
    """The text, or what it says, is beyond the budget."""


Entry = tuple[str, str | Rational, int, int]
"""Kind, value, start and end of a token."""


class Tokens:
    """The tokens of a text, part by part in lists: what they are, say, and where they stand.

    A kind says what the parser may do with a token; its value is its number, name or text. Kinds:
    n number, x symbol, f function, t text, o operator that states a problem; structures, signs and
    relations stand for themselves (`frac`, `*`, `<=`, `in`, `cup` ...). The last one is "end".
    """

    __slots__ = ("ends", "kinds", "starts", "text", "values")

    def __init__(self, text: str, entries: list[Entry]) -> None:
        kinds, values, starts, ends = zip(*entries, strict=True)
        self.text = text
        self.kinds: tuple[str, ...] = kinds
        self.values: list[str | Rational] = list(values)
        self.starts: list[int] = list(starts)
        self.ends: tuple[int, ...] = ends


_TOKEN = re.compile(
    r"""(?P<space>(?:[\s~]|\\[,;:!>\s]|\{\})+)
    |(?P<number>\d+|\.\d)
    |(?P<command>\\(?:[A-Za-z]+\*?|.))
    |(?P<letters>[A-Za-z]+)
    |(?P<sign><=|>=|!=|==|\*\*|->|=>|\.\.\.+|.)""",
    re.VERBOSE | re.DOTALL,
)
_SINGLE_SIGNS = frozenset("+-*/^_{}|=<>,;!%':&")
_CLOSED = (")", "]", "set}")
_WORD_SIGNS = {"or": "or", "to": ":"}
_PROSE = re.compile("[A-Za-z]{2}|^[^=<>+]*$")
_EQUATION = re.compile(r"\s*\\?[A-Za-z]+(?:_\{?\w+\}?)?\s*=")
_ARGUMENT = re.compile(r"[\s~]*(?:[({\\[A-Za-z\d^_])")
_LETTERS = re.compile(r"\w(?:\s*,\s*\w)+")
_ASIDE = re.compile(r"\([A-Za-z]{2}")
_FONT_SIGNS = {"\\$": "currency", "$": "currency", "\\%": "%", "%": "%"}
_PARTS_MEMBERS = re.compile(r"\d{1,3}(?:[, ][1-9]\d\d)+(?:\.\d*)?")
_DECIMAL = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?![\d.]))?(?:\.(?![.\d]))?")
_GROUPED = re.compile(
    r"""\d{1,3}(?:(?:(?:,\\!\s?|\{,\}|\\,|\\;|\\[ ]|,)\d{3})+(?!\d|,\d)   # 1,000
        |(?:[ ]\d{3})+(?!\d)   # 1 000
        |(?:\.\d{3}){2,}(?![\d.,])|(?:_\d{3}){2,}(?!\d)|(?:'\d{3}){2,}(?!\d))   # 1.000.000
        (?:\.\d+)?(?:[eE][+-]?\d+(?![\d.]))?(?:\.(?![.\d]))?""",
    re.VERBOSE,
)
_PARTS_NUMBERS = frozenset(".,0123456789")
_GOES_ON = frozenset(".,eE {\\_'")
_NOT_DIGIT = re.compile(r"[^\d.eE+-]+")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)


def tokenize(text: str, *, grouping: bool = True) -> Tokens:
    """The tokens of a text that `rewritten` made.

    With `grouping` false, `1,234` is two numbers. NotUnderstood for signs outside the grammar and
    text that does not close what it opens; TooLong beyond 4,000 characters, 1,500 tokens or 1,000
    digits in a number.
    """
    if len(text) > MOST_CHARACTERS:
        raise TooLong
    lexer = _Lexer(text, grouping)
    lexer.read(0, len(text))
    lexer.entries.append(("end", "", len(text), len(text)))
    return Tokens(text, lexer.entries)


class _Lexer:
    __slots__ = ("depth", "entries", "grouping", "nesting", "text")

    def __init__(self, text: str, grouping: bool) -> None:
        self.text = text
        self.grouping = grouping
        self.entries: list[Entry] = []
        self.depth = 0
        self.nesting = 0

    def read(self, start: int, end: int) -> None:
        """Add the tokens between `start` and `end`."""
        text, add, match = self.text, self.entries.append, _TOKEN.match
        at = start
        while at < end:
            found = match(text, at, end)
            if found is None:  # the last alternative takes any character
                raise NotUnderstood
            group = found.lastgroup
            after = found.end()
            if group == "sign":
                sign = text[at:after]
                if sign in _SINGLE_SIGNS:
                    add((sign, sign, at, after))
                else:
                    self._sign(sign, at, after)
            elif group == "number":
                after = self._number(at, after, end)
            elif group == "letters":
                if after == at + 1:
                    joins = text[at] == "U" and self._last() in _CLOSED
                    add(("cup" if joins else "x", text[at], at, after))
                else:
                    self._letters(text[at:after], at)
            elif group == "command":
                after = self._command(text[at + 1 : after], at, after, end)
            at = after
        if len(self.entries) > MOST_TOKENS:
            raise TooLong

    def add(self, kind: str, value: "str | Rational", start: int, end: int) -> None:
        self.entries.append((kind, value, start, end))

    def _last(self) -> str:
        """The kind of the last token, empty in front of the first."""
        return self.entries[-1][0] if self.entries else ""

    def _number(self, start: int, after: int, end: int) -> int:
        """Add the number whose first digits end at `after`; the end of all of it."""
        text = self.text
        if text[start] != "." and (after >= end or text[after] not in _GOES_ON):
            if after - start > MOST_DIGITS:
                raise TooLong
            self.entries.append(("n", int(text[start:after]), start, after))
            return after
        found = None
        if after - start < 4 and text[start - 1 : start] not in _PARTS_NUMBERS:
            found = _GROUPED.match(text, start, end)
            # In brackets commas part members: (100,200) is a point.
            lists = not self.grouping or self.depth > 0
            if found is not None and lists and _PARTS_MEMBERS.fullmatch(found[0]):
                found = None
        found = found or _DECIMAL.match(text, start, end)
        if found is None:  # it begins with a digit
            raise NotUnderstood
        printed = found[0]
        if printed.count(".") > 1:
            printed = printed.replace(".", "")
        self.add("n", number_value(printed), start, found.end())
        return found.end()

    def _sign(self, sign: str, start: int, end: int) -> None:
        if sign == "!=" and self._last() == "n" and self.entries[-1][3] == start:
            self.add("!", "!", start, start + 1)  # 5!=120
            sign = "="
        elif sign in "([":
            self.depth += 1
        elif sign in ")]":
            self.depth -= 1
        elif sign == "**":
            sign = "^"
        elif sign == "==":
            sign = "="
        elif sign[0] == "." and len(sign) > 1:
            sign = "..."
        elif sign == "$":
            return  # what is left of math delimiters
        elif sign not in PLAIN_SIGNS:
            raise NotUnderstood
        self.add(sign, sign, start, end)

    def _letters(self, run: str, start: int) -> None:
        end = start + len(run)
        if run in ("min", "sec") and self._behind_value() and not _ARGUMENT.match(self.text, end):
            self.add("t", run, start, end)
        elif run in FUNCTIONS:
            self.add("f", FUNCTIONS[run], start, end)
        elif run in NAMES:
            self.add(NAMES[run], run, start, end)
        elif run in GREEK:
            self.add("x", LETTER_VARIANTS.get(run, run), start, end)
        elif run in ("sqrt", "frac", "binom"):
            self.add(run, run, start, end)
        elif self._is_text(run):
            self.add("t", run, start, end)
        else:
            self._split(run, start)

    def _is_text(self, run: str) -> bool:
        if run.lower() in SHORT_WORDS:
            return True
        if run in SHORT_UNITS and self._behind_value():
            return True
        if len(run) < 4 or any(run == name + run[-1] for name in GLUED_FUNCTIONS):
            return False
        consecutive = all(ord(b) - ord(a) == 1 for a, b in pairwise(run))
        product = len(set(run)) == len(run) and not set(run) & VOWELS
        return not (consecutive or product)

    def _split(self, run: str, start: int) -> None:
        for name in GLUED_FUNCTIONS:
            if len(run) == len(name) + 1 and run.startswith(name):
                self._letters(name, start)
                start += len(name)
                run = run[-1]
        for offset, letter in enumerate(run):
            self.add("x", letter, start + offset, start + offset + 1)

    def _command(self, name: str, start: int, after: int, end: int) -> int:
        sign = SIGNS.get(name)
        if sign is not None:
            if sign == "{set":
                self.depth += 1
            elif sign == "set}":
                self.depth -= 1
            if sign != "skip":
                self.add(sign, name, start, after)
        elif name in GREEK:
            self.add("x", LETTER_VARIANTS.get(name, name), start, after)
        elif name in FUNCTIONS:
            self.add("f", FUNCTIONS[name], start, after)
        elif name in STRUCTURES:
            self.add(STRUCTURES[name], name, start, after)
        elif name in FONTS:
            return self._font(name, start, after, end)
        elif name in SPACES:
            if name in ("quad", "qquad") and _EQUATION.match(self.text, after, end):
                if self._behind_value():
                    self.add(",", ",", start, after)
                return after
            return self._bar_or_dot(name, after, end)
        elif name in OPAQUE:
            self.add("o", f"\\{name}", start, after)
        else:
            return self._rare(name, start, after, end)
        return after

    def _bar_or_dot(self, name: str, after: int, end: int) -> int:
        r"""The end of a spacing command; `\left|` tells which bar opens, `\right.` has a dot."""
        while after < end and self.text[after].isspace():
            after += 1
        opens = name == "left" or name[-1:] == "l"
        closes = name == "right" or name[-1:] == "r"
        if not (opens or closes) or after >= end:
            return after
        if self.text[after] == "|":
            kind = "|<" if opens else ">|"
            self.add(kind, "|", after, after + 1)
            return after + 1
        return after + (self.text[after] == "." and name in ("left", "right"))

    def _rare(self, name: str, start: int, after: int, end: int) -> int:
        if name in ("begin", "end"):
            inner, after = self._group(after, end)
            kind = "begin" if name == "begin" else "closed"
            self.add(kind, self.text[inner : after - 1].strip(), start, after)
        elif name in ("mathbb", "Bbb"):
            inner, after = self._group(after, end)
            self.add("x", "bb " + self.text[inner:after].strip("} "), start, after)
        elif name in ("R", "N", "Z", "Q", "C"):
            self.add("x", f"bb {name}", start, after)
        elif name in ("color", "hspace", "vspace", "tag", "label", "phantom", "textcolor"):
            _, after = self._group(after, end)
        elif name == "not":
            found = _TOKEN.match(self.text, after, end)
            negated = NEGATED.get(found[0] if found else "")
            if found is None or negated is None:
                raise NotUnderstood
            self.add(negated, negated, start, found.end())
            after = found.end()
        else:
            raise NotUnderstood
        return after

    def _group(self, at: int, end: int) -> tuple[int, int]:
        """Where the inside of the next braces begins, and where the group ends; or one sign."""
        text = self.text
        while at < end and text[at].isspace():
            at += 1
        if at >= end:
            raise NotUnderstood
        if text[at] != "{":
            return at, at + 1
        depth = 0
        for brace in _BRACES.finditer(text, at, end):
            if brace[0] == "{":
                depth += 1
            elif brace[0] == "}":
                depth -= 1
                if not depth:
                    return at + 1, brace.end()
        raise NotUnderstood

    def _font(self, name: str, start: int, after: int, end: int) -> int:
        inner, group_end = self._group(after, end)
        braced = self.text[group_end - 1] == "}" and group_end - 1 >= inner
        inner_end = group_end - 1 if braced and self.text[inner - 1] == "{" else group_end
        content = self.text[inner:inner_end].strip(" ~\t\n")
        kind, value = self._font_token(name, content)
        if kind == "o" and self.text[group_end : group_end + 1] not in "(\\ ":
            kind = "t"
        if kind not in ("", "t"):
            self.add(kind, value, start, group_end)
        elif kind == "" and self._is_math(name, content):
            self.nesting += 1
            if self.nesting > 20:
                raise TooLong
            self.add("{", "{", start, inner)
            self.read(inner, inner_end)
            self.add("}", "}", inner_end, group_end)
            self.nesting -= 1
        else:
            self._text(content, start, group_end)
        return group_end

    def _font_token(self, name: str, content: str) -> tuple[str, str]:
        """What a font command is as a single token, "t" for words; empty when it must be read."""
        if content in _FONT_SIGNS:
            return _FONT_SIGNS[content], content
        if name in VECTOR_FONTS and content in ("i", "j", "k"):
            return "x", f"vec {content}"
        behind_value = self._behind_value()
        bold = name in VECTOR_FONTS and name != "textbf"
        if len(content) == 1 and content.isalpha() and content.isascii():
            # A letter behind a value is a unit, unless it is a constant: 5 \mathrm{m}.
            is_unit = behind_value and not bold and content not in "eid"
            return ("t" if is_unit else "x"), content
        if content.strip(" ,.;~").lower() in ("and", "or", "to") or (
            behind_value and content in SHORT_UNITS
        ):
            return "t", content
        if content in FUNCTIONS:
            return "f", FUNCTIONS[content]
        if name.startswith("operatorname") and content.isalpha():
            return "o", f"\\{content}"
        return "", ""

    def _is_math(self, name: str, content: str) -> bool:
        r"""Whether a font command holds mathematics, as in `\mathbf{5}`, rather than words."""
        if name in TRANSPARENT_FONTS or content in NAMES or len(content) == 1:
            return True
        if name in MATH_FONTS and len(content) < 4 and content.isalpha():
            return content.lower() not in SHORT_WORDS and content not in SHORT_UNITS
        if name in MATH_FONTS and not _PROSE.search(content):
            return True
        if _LETTERS.fullmatch(content):
            return True
        if _ASIDE.match(content):
            return False
        return content[:1] != "" and content[0] in "0123456789-+.($\\%"

    def _behind_value(self) -> bool:
        return self._last() in ENDS_VALUE

    def _text(self, content: str, start: int, end: int) -> None:
        word = content.strip(" ,.;~").lower()
        if word in ("and", "or", "&", "to"):
            self.add(_WORD_SIGNS.get(word, "and"), word, start, end)
        elif word == "" and "," in content:
            self.add(",", ",", start, end)
        elif word:
            self.add("t", content, start, end)


def number_value(printed: str) -> Rational:
    """The exact value of a printed number; separators of thousands are left out.

    >>> number_value("1{,}000.50"), number_value("1.5e-3")
    (Fraction(2001, 2), Fraction(3, 2000))
    """
    if printed.isdigit():
        if len(printed) > MOST_DIGITS:
            raise TooLong
        return int(printed)
    digits, _, exponent = _NOT_DIGIT.sub("", printed).lower().partition("e")
    whole, _, decimals = digits.partition(".")
    if len(digits) > MOST_DIGITS or len(exponent) > 4 or abs(int(exponent or 0)) > MOST_DIGITS:
        raise TooLong
    value = Fraction(int(whole + decimals), 10 ** len(decimals)) * Fraction(10) ** int(
        exponent or 0
    )
    return value.numerator if value.denominator == 1 else value
