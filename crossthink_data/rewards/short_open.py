"""Short open answers: the gold's words in order, its number and unit, or its mathematics."""

import re

from crossthink_data.rewards.amounts import Amount, compare_amounts, read_amount
from crossthink_data.rewards.mathematics import compile_math
from crossthink_data.rewards.text import LONGEST, plain_text, plain_tokens
from crossthink_data.rewards.text_tables import GREEK_NAMES
from crossthink_data.rewards.variants import OPTIONAL, relaxed, same_title, variants
from crossthink_data.rewards.verdict import RIGHT, Judge

__all__ = ["compile_short_open"]

_NOT_EQUAL = "acc:not_equal"


def compile_short_open(gold: str, options: tuple[str, ...] | None = None) -> Judge:
    r"""A judge of short open answers: `RIGHT` for the gold's meaning in whatever dress.

    Words are compared in order after `plain_text` and `tokens`; numbers and units exactly;
    expressions by the rules of mathematics, which words never reach. `options` are not used.
    Reasons: acc:no_answer, acc:too_long, acc:different_unit, acc:different_case, acc:negated,
    acc:hedged, acc:several_answers, acc:extra_text, acc:incomplete, acc:not_equal, and those of
    mathematics.

    >>> compile_short_open("The Great Gatsby").judge(r"\text{great Gatsby.}")
    ''
    >>> compile_short_open("5 km").judge("5 kg")
    'acc:different_unit'
    """
    return _ShortOpen(gold)


class _ShortOpen:
    __slots__ = ("_gold", "_math", "_reading", "_worn")

    def __init__(self, gold: str) -> None:
        self._gold = gold.strip()
        self._worn = _undressed(self._gold)
        self._reading: _Reading | None = None
        self._math: Judge | None = None

    def judge(self, answer: str) -> str:
        answer = answer.strip()
        if answer == self._gold:
            return RIGHT
        if len(answer) > LONGEST or len(self._gold) > LONGEST:
            return "acc:too_long"
        worn = _undressed(answer)
        if worn == self._worn:
            return RIGHT
        if self._reading is None:
            self._reading = _read(self._worn)
        gold, other = self._reading, _read(worn)
        if not other.tokens:
            return RIGHT if other.plain and other.plain == gold.plain else "acc:no_answer"
        if gold.tokens == other.tokens:
            return _same_case(gold, other)
        if _amounts(gold, other):
            return _compare_amounts(gold, other)
        if _may_agree(gold, other):
            if not gold.variants().isdisjoint(other.variants()):
                return _same_case(gold, other)
            agree = _lists_agree(gold, other)
            if agree is not None:
                return RIGHT if agree else _why_not(gold, other)
        if gold.is_mathematics() and other.is_mathematics():
            return self._mathematics(worn) if _same_kind(gold, other) else _NOT_EQUAL
        return _why_not(gold, other)

    def _mathematics(self, answer: str) -> str:
        if self._math is None:
            self._math = compile_math(_PROPORTIONAL.sub("=", self._worn))
        return self._math.judge(_PROPORTIONAL.sub("=", answer))


_WRAPPED = re.compile(
    r"\\text(?:bf|it|rm|tt|normal)?\{([^{}\\]*)\}\.?|\*\*((?:[^*]|\*(?!\*))*)\*\*\.?"
)


def _undressed(text: str) -> str:
    r"""`text` without its commonest dress: `\text{...}` or `**...**` around all, a full stop."""
    if text[:1] in ("\\", "*"):
        wrapped = _WRAPPED.fullmatch(text)
        if wrapped is not None:
            text = (wrapped[1] if wrapped[1] is not None else wrapped[2]).strip()
    if text[-1:] == "." and text[-2:-1].isalnum():
        text = text[:-1]
    return text


_WRAPPER = re.compile(
    r"(?:(?:(?:so|thus|hence|therefore)[, ] ?)?(?:the |my )?(?:final |correct |right |short )?"
    r"(?:answer|ans\.?|solution)(?: is| would be|:| =):? ?"
    r"|(?:thus|hence|therefore|so), |(?:it is|it's|this is|that is|they are|these are) (?=\w))",
    re.IGNORECASE,
)
_LEADING = re.compile(r"[(\[]?[a-z0-9]{1,2}[)\]]\s*", re.IGNORECASE)


class _Reading:
    """A text read once; what few comparisons need is found when first asked for."""

    __slots__ = ("_amount", "_mathematics", "_variants", "letters", "name", "plain", "tokens")

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.name = ""
        self.letters = plain.isascii() and plain.replace(" ", "").isalpha()
        self.tokens = plain_tokens(plain)
        self._amount: Amount | bool | None = False
        self._mathematics: bool | None = None
        self._variants: frozenset[tuple[str, ...]] | None = None

    def amount(self) -> Amount | None:
        if isinstance(self._amount, bool):
            self._amount = _amount(self)
        return self._amount

    def is_mathematics(self) -> bool:
        if self._mathematics is None:
            stated = self.amount() is not None
            self._mathematics = stated or _is_mathematics(self.plain)
        return self._mathematics

    def variants(self) -> frozenset[tuple[str, ...]]:
        if self._variants is None:
            self._variants = variants(self.plain, self.tokens)
        return self._variants


def _read(text: str) -> _Reading:
    """The reading of a text; the latest are kept, because rollouts repeat each other."""
    reading = _readings.get(text)
    if reading is None:
        reading = _Reading(_unwrapped(text))
        if len(text) <= _LONGEST_KEPT:
            if len(_readings) >= _MOST_READINGS:
                _readings.clear()
            _readings[text] = reading
    return reading


def _unwrapped(text: str) -> str:
    plain = plain_text(text)
    for _ in range(2):
        plain = plain.strip('" ')
        wrapper = _WRAPPER.match(plain)
        if wrapper is None or wrapper.end() == len(plain):
            break
        plain = plain[wrapper.end() :]
    if plain[:1] == "(" and plain[-1:] == ")" and _INNER.fullmatch(plain):
        plain = plain[1:-1].strip()
    if plain[-1:] in ("!", "?", ".", ",", ";", ":"):
        plain = plain if _FACTORIAL.search(plain) else plain.rstrip(".,;:!?")
    return plain


_FACTORIAL = re.compile(r"(?:[\d)]|^[^\W\d_])!$")
_INNER = re.compile(r"\([^(),;]+\)")
_readings: dict[str, _Reading] = {}
_MOST_READINGS = 2048
_LONGEST_KEPT = 256


_NAMED = re.compile(
    r"(?:(?:[Tt]he|[Aa]) )?((?:Δ ?)?[^\W\d_][\w']{0,5})"
    r"(?:(?<=pH)(?: of| is)?(?: ?=)?| ?[=≈]) ?(?=[-+$€£.\d])"
)


def _amount(reading: _Reading) -> Amount | None:
    tokens = reading.tokens
    if not tokens:
        return None
    spelled = tokens[0][-1].isdigit() or (len(tokens) > 1 and tokens[1][-1].isdigit())
    if reading.letters and not spelled:
        return None
    named = None if reading.letters else _NAMED.match(reading.plain)
    if named is not None:
        name = named[1].replace(" ", "").casefold()
        reading.name = GREEK_NAMES.get(name, name)
        return read_amount(reading.plain[named.end() :])
    amount = None if reading.letters else read_amount(reading.plain)
    if amount is None and spelled and reading.plain[:1].isalpha():
        amount = read_amount(" ".join(tokens).replace(" / ", "/"))
    return amount


_OPERATOR = re.compile(r"[=<>≤≥≠≈≡~+*/^×·÷±→|√∫∑∞∪∩∈({\[-]")
_OPERATION = re.compile(
    r"[\w)\]}'!%°]\s*[=<>≤≥≠≈≡~+*/^×·÷±→|-]\s*[-+\w(\[{√|.]|[√∫∑∞∪∩∈]|^[-+]\s*[\w(√]"
    r"|^[(\[{].*,.*[)\]}]$"
)
_LONG_WORD = re.compile(r"[^\W\d_]{3,}|\b(?:or|to|is|in|of|if|no|by|at|on|as|an|it|and)\b")
_MATH_WORDS = frozenset(
    ("sin", "cos", "tan", "cot", "sec", "csc", "log", "exp", "sqrt", "lim", "max", "min", "det")
)
_FUNCTION = re.compile(r"\b(?:sin|cos|tan|log|ln|exp|sqrt)\b ?[\w(]")


_RANGE = re.compile(r"[\d,.]*\d ?-{1,3} ?\d[\d,.]*")


def _is_mathematics(plain: str) -> bool:
    """Whether operators join numbers and short names, and no word stands between them."""
    if _RANGE.fullmatch(plain) is not None:
        return False
    joined = _OPERATOR.search(plain) is not None and _OPERATION.search(plain) is not None
    if not joined and _FUNCTION.search(plain) is None:
        return False
    return all(word.casefold() in _MATH_WORDS for word in _LONG_WORD.findall(plain))


_TITLE = re.compile(r"(\w{1,9}) ?:(?!\d)")


_PROPORTIONAL = re.compile(r"∝|\\propto(?![A-Za-z])")


def _same_kind(gold: _Reading, answer: _Reading) -> bool:
    """Whether both state a proportion or none, under no different titles, as `H0: x = 0` has."""
    if ("∝" in gold.plain) != ("∝" in answer.plain):
        return False
    one, other = _TITLE.match(gold.plain), _TITLE.match(answer.plain)
    return one is None or other is None or one[1].casefold() == other[1].casefold()


def _amounts(gold: _Reading, answer: _Reading) -> bool:
    return gold.amount() is not None and answer.amount() is not None


def _compare_amounts(gold: _Reading, answer: _Reading) -> str:
    one, other = gold.amount(), answer.amount()
    if one is None or other is None or (gold.name and answer.name and gold.name != answer.name):
        return _NOT_EQUAL
    return compare_amounts(one, other)


_LONG_NAMES = frozenset(("united", "world"))


def _may_agree(gold: _Reading, answer: _Reading) -> bool:
    """A cheap look before the variants are formed: do the texts, or some words, begin alike?"""
    left, right = gold.tokens, answer.tokens
    if gold.letters and answer.letters:
        if abs(len(left) - len(right)) > 1:
            return not _LONG_NAMES.isdisjoint((*left, *right))
        first, other = left[0][0], right[0][0]
        if first == other or {first, other} <= {"o", "e"} or ("or" in left and "or" in right):
            return True
        return left[0] in OPTIONAL or right[0] in OPTIONAL or ("war" in left and "war" in right)
    firsts = {token[0] for token in right}
    return any(token[0] in firsts for token in left)


_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_SYMBOL = (
    "H|He|Li|Be|B|C|N|O|F|Ne|Na|Mg|Al|Si|P|S|Cl|Ar|K|Ca|Sc|Ti|V|Cr|Mn|Fe|Co|Ni|Cu|Zn|Ga|Ge|As|Se|Br"
    "|Kr|Rb|Sr|Y|Zr|Nb|Mo|Tc|Ru|Rh|Pd|Ag|Cd|In|Sn|Sb|Te|I|Xe|Cs|Ba|La|Ce|Nd|Sm|Eu|Gd|Hf|Ta|W|Re|Os"
    "|Ir|Pt|Au|Hg|Tl|Pb|Bi|Po|At|Rn|Fr|Ra|Ac|Th|Pa|U|Np|Pu|Am|Cm|No"
)
_FORMULA = re.compile(rf"(?:(?:{_SYMBOL})\d*){{1,8}}")
_PLAIN_WORDS = frozenset(("no", "in", "as", "at", "am", "he", "be", "i", "us"))


_GENES = re.compile(r"(?:([A-Za-z])(?i:\1))+")
_NO_GENES = frozenset(("ii", "xx", "mm", "cc"))


def _genes(words: list[str]) -> list[str]:
    """The words that may be genotypes, as `Aa` and `TtRr`: each letter twice, in either case."""
    return [word for word in words if _GENES.fullmatch(word) and word.lower() not in _NO_GENES]


def _folded(words: list[str]) -> list[str]:
    return [word.lower() for word in words]


def _same_case(gold: _Reading, answer: _Reading) -> str:
    """`RIGHT` unless the words differ in case and case tells them apart: CO and Co, mW and MW."""
    if gold.plain == answer.plain:
        return RIGHT
    if not same_title(gold.tokens, answer.tokens):
        return _NOT_EQUAL
    texts = gold.plain + answer.plain
    if ("$" in texts or not texts.isascii()) and _amounts(gold, answer):  # A$ and $, Å and A
        return _compare_amounts(gold, answer)
    words, others = _WORDS.findall(gold.plain), _WORDS.findall(answer.plain)
    if words == others or len(words) != len(others):
        return RIGHT
    genes = _genes(words)
    if genes and genes != (stated := _genes(others)) and _folded(genes) == _folded(stated):
        return "acc:different_case"
    if len(words) > 1 and (gold.plain.isupper() or answer.plain.isupper()):
        return RIGHT
    for word, other in zip(words, others, strict=True):
        folded = word.lower()
        if word == other or folded != other.lower():
            continue
        if folded not in _PLAIN_WORDS and _FORMULA.fullmatch(word) and _FORMULA.fullmatch(other):
            return "acc:different_case"
        if _amounts(gold, answer):
            return _compare_amounts(gold, answer)
    return RIGHT


_SEPARATOR = re.compile(r"\s*(?:;|,(?!\d{3}(?!\d)))\s*(?:(?:and|&) )?|\s+(?:and|&)\s+", re.I)
_ORDERED = frozenset(
    (
        *("true", "false", "yes", "no", "increase", "increases", "decrease", "decreases", "up"),
        *("down", "rise", "rises", "fall", "falls", "higher", "lower", "positive", "negative"),
        *("t", "f", "y", "n", "valid", "invalid", "rising", "falling"),
    )
)
_MOST_ITEMS = 64


def _lists_agree(gold: _Reading, answer: _Reading) -> bool | None:
    """Whether both list the same items: numbers and comma lists in any order, others in order.

    None when they are no two lists, or when mathematics may yet find their items equal.
    """
    left, right = gold.plain, answer.plain
    if " or " in left and " or " in right:
        return _same_choices(left, right)
    if (gold.letters and answer.letters) or not _has_separator(left) or not _has_separator(right):
        return None
    tuples = _bracketed(left) != _bracketed(right) and not (left[0] == "{" or right[0] == "{")
    if _bracketed(left) and _bracketed(right):
        return None
    if ";" in left and ";" in right:
        return _parts_agree(left, right)
    items, others = _items(left), _items(right)
    numbers = all(key[-1] == "#" for key in (*items, *others))
    if not 2 <= len(items) == len(others):
        return False if numbers and len(items) > 1 else None
    if items == others:
        return _same_case(gold, answer) == RIGHT
    if tuples or _genes(_WORDS.findall(left)) or any(not _ORDERED.isdisjoint(key) for key in items):
        return None
    if numbers:
        return sorted(items) == sorted(others)
    commas = "," in left or "," in right
    distinct = len(set(items)) == len(items) and ";" not in left + right
    return True if commas and distinct and sorted(items) == sorted(others) else None


def _parts_agree(left: str, right: str) -> bool | None:
    """Whether parts between semicolons, each of which may be a list, are the same in order."""
    parts, others = left.split(";", _MOST_ITEMS), right.split(";", _MOST_ITEMS)
    items, stated = list(map(_item, parts)), list(map(_item, others))
    if items == stated or not all(item and item[-1] == "#" for item in (*items, *stated)):
        return True if items == stated and all(items) else None
    return sorted(items) == sorted(stated)


def _same_choices(left: str, right: str) -> bool | None:
    """Whether both name the same choices, in any order; None for anything more than choices."""
    parts, others = left.split(" or "), right.split(" or ")
    if not len(parts) == len(others) <= _MOST_ITEMS or _has_separator(left + right):
        return None
    items = [_item(part) for part in parts]
    return True if all(items) and sorted(items) == sorted(map(_item, others)) else None


def _items(plain: str) -> list[tuple[str, ...]]:
    """The items of a list, each as what it says; none when one is empty or there are too many."""
    texts = _SEPARATOR.split(plain[1:-1] if _bracketed(plain) else plain, _MOST_ITEMS)
    items = [_item(text) for text in texts]
    return items if len(items) <= _MOST_ITEMS and all(items) else []


def _bracketed(plain: str) -> bool:
    return plain[:1] in ("(", "[", "{") and plain[-1:] in (")", "]", "}")


def _has_separator(plain: str) -> bool:
    return "," in plain or ";" in plain or " and " in plain or "&" in plain


def _item(text: str) -> tuple[str, ...]:
    """What one item of a list says: its label, then its number and unit or its words."""
    label, sign, rest = text.rpartition("=")
    if not sign:
        label, sign, rest = text.rpartition(": ")
    leading = _LEADING.match(label or rest)
    if leading is not None and leading.end() < len(rest):
        rest = rest if label else rest[leading.end() :]
        label = label or leading[0]
    amount = read_amount(rest.strip())
    named = plain_tokens(label.strip(" ()")) if label else ()
    if amount is None:
        tokens = plain_tokens(rest)
        if not tokens or not tokens[0][-1].isdigit():
            return (*named, *relaxed(tokens, rest))
        amount = read_amount(" ".join(tokens))
        if amount is None:
            return (*named, *relaxed(tokens, rest))
    return (*named, str(amount.value), amount.unit, "#")


_NEGATIONS = frozenset(("not", "no", "non", "never", "neither", "nor", "without"))
_HEDGES = frozenset(("or", "maybe", "perhaps", "possibly", "either", "both", "/", "unsure"))


def _why_not(gold: _Reading, answer: _Reading) -> str:
    """The reason for a wrong answer, told from what it has more or less than the gold."""
    wanted, stated = set(gold.tokens), set(answer.tokens)
    if wanted <= stated:
        more = stated - wanted
        if not more.isdisjoint(_NEGATIONS):
            return "acc:negated"
        if not more.isdisjoint(_HEDGES):
            return "acc:hedged"
        if "and" in more or "," in answer.plain:
            return "acc:several_answers"
        return "acc:extra_text" if more else _NOT_EQUAL
    if stated < wanted:
        return "acc:negated" if (wanted - stated) & _NEGATIONS else "acc:incomplete"
    return _NOT_EQUAL
