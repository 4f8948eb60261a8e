r"""A recursive-descent parser for mathematical answers, in LaTeX or plain notation.

What it reads is what answers are written in, not LaTeX: `2\frac{1}{3}` is a mixed number, `1,000` a
number, `f(x)` a function, `5 \text{ cm}^2` a value with a unit. Every loop consumes a token and
nesting is bounded, so that no text takes longer than its length allows.
"""

import re

from crossthink_data.rewards.algebra import (
    call,
    negative,
    power,
    product,
    quotient,
    total,
)
from crossthink_data.rewards.angles import minutes, scale
from crossthink_data.rewards.lexer import NotUnderstood, Tokens, TooLong, tokenize
from crossthink_data.rewards.nodes import (
    Call,
    Constant,
    Node,
    Number,
    Quantity,
    Rational,
    Relation,
    Sequence,
    Symbol,
    Words,
)
from crossthink_data.rewards.notation import LEAD_WORDS, RELATIONS
from crossthink_data.rewards.primaries import MOST_DEPTH, primary
from crossthink_data.rewards.quantities import unit_behind
from crossthink_data.rewards.shapes import alternatives, ratios
from crossthink_data.rewards.text import plain_text
from crossthink_data.rewards.units import unit_key

__all__ = ["parse"]

_SMALL = 2**64
_MOST_SUFFIXES = 8
_MOST_LARGE_BITS = 60_000
_STARTS_FACTOR = frozenset(
    ("n", "x", "f", "o", "(", "{", "[", "frac", "sqrt", "binom", "accent", "pi", "infinity",
     "|<", "[floor", "[ceil", "begin", "...")
)  # fmt: skip
_CLOSERS = frozenset(("}", ")", "]", "set}", "end"))
_SIGNS = frozenset(("+", "-", "pm", "mp"))
_ATOMS = frozenset(("n", "x"))
# Behind one of these a number or symbol goes on: a power, a prime, a unit sign, x_1 or x1.
_EXTENDS_ATOM = frozenset(("^", "!", "%", "deg", "_", "'", "currency", "accent", "...", "(", "n"))
_ENDS_ITEM = frozenset((",", ";", "and", "or", "end", "\\\\", "&", "set}", ")", "]", "}", ">>"))
_WORD = re.compile("[a-z]+|[^a-z\\s:,.~]")
_CALL = re.compile(
    r"(?:m\s*)?\\(?:angle|triangle|overline)\s*\{?\s*[A-Z]{1,4}\s*\}?|[A-Z]{2,4}"
    r"|(?:\\mathbb\s*\{?[PE]\}?|\\?(?:Pr|Var|Cov|P|E))\s*(?:\\left)?[(\[].*[)\]]"
    r"|\([A-Za-z]\\circ[A-Za-z]\)\([A-Za-z]\)|\[[A-Z]{3,5}\]|\|[A-Z]{2}\||"
    r"\\?[A-Za-z]+'*(?:_\{?\w+\}?|\^\{\\prime\}|\^[{(]?-1[})]?)?\s*"
    r"(?:\\left)?\(\s*\\?[A-Za-z]+(?:\s*,\s*\\?[A-Za-z]+)*\s*(?:\\right)?\)"
)
_CAPITALS = re.compile("[A-Z]{2,4}")
_SPACE = re.compile(r"\s+|\\left|\\right|\\[,;:! ]")


def parse(text: str, *, grouping: bool = True) -> Node:
    """The answer that a text says, which `rewritten` has made ASCII where it can be.

    With `grouping` false `1,234` is two numbers. NotUnderstood where the grammar has no place for
    the text, TooLong where it is beyond the budget.
    """
    parser = Parser(tokenize(text, grouping=grouping))
    return parser.answer()


class Parser:
    """Reads tokens from left to right; each method reads what it is named after."""

    __slots__ = ("at", "bars", "depth", "kind", "kinds", "large_bits", "text", "tokens")

    def __init__(self, tokens: Tokens) -> None:
        self.text = tokens.text
        self.tokens = tokens
        self.kinds = tokens.kinds
        self.at = 0
        self.kind = self.kinds[0]
        self.depth = 0
        self.bars = 0
        self.large_bits = 0

    # Reading tokens

    def advance(self) -> str:
        """Go on by one token; the kind of the one that is left behind."""
        kind = self.kind
        if kind == "end":
            raise NotUnderstood
        self.at += 1
        self.kind = self.kinds[self.at]
        return kind

    def peek(self, ahead: int = 1) -> str:
        """The kind of a later token."""
        place = self.at + ahead
        return self.kinds[place] if place < len(self.kinds) else "end"

    def value(self) -> str | Rational:
        """What the current token says."""
        return self.tokens.values[self.at]

    def printed(self) -> str:
        """The current token as it stands in the text."""
        return self.text[self.tokens.starts[self.at] : self.tokens.ends[self.at]]

    def expect(self, *kinds: str) -> str:
        """Go on, if the current token is of one of the kinds. NotUnderstood otherwise."""
        if self.kind not in kinds:
            raise NotUnderstood
        return self.advance()

    def raw(self, start: int) -> str:
        """The text from the token numbered `start` up to the current one."""
        starts = self.tokens.starts
        return self.text[starts[start] : starts[self.at]]

    # Lists and relations

    def answer(self) -> Node:
        while self.kind == "t" and self.peek() != "=" and self.leads():
            self.advance()
            if self.kind == ",":
                self.advance()
        if self.kind in ("=", "~", ":", "=>"):
            self.advance()
        node = self.members()
        if self.kind != "end":
            raise NotUnderstood
        return node

    def leads(self) -> bool:
        """Whether the current text only introduces an answer: "the area is"."""
        return LEAD_WORDS.issuperset(_WORD.findall(str(self.value()).lower()))

    def members(self) -> Node:
        """Items parted by commas, "and" or "or"; of groups of them parted by semicolons, all."""
        start, first = self.at, None
        if self.kind != "t":
            first = self.sum()
            if self.kind in _CLOSERS:  # one value, the common case
                return first
        groups = [self.items(start, first)]
        while self.kind in (";", "\\\\"):
            self.advance()
            if self.kind in _ENDS_ITEM:
                break
            groups.append(self.items(self.at))
        if len(groups) == 1:
            return groups[0]
        return Sequence(groups, ";")

    def items(self, start: int, first: Node | None = None) -> Node:
        """Items parted by commas, "and" or "or"; the first sum, from `start`, may be given."""
        items = [self.relation(start, first)]
        parted = ","
        signs: list[str] = []
        while self.kind in (",", "and", "or"):
            sign = ","
            while self.kind in (",", "and", "or"):
                if self.kind != ",":
                    sign = parted = self.kind
                self.advance()
            if self.kind in _ENDS_ITEM:
                if parted != "," or self.kind != "end":
                    raise NotUnderstood
                break
            signs.append(sign)
            items.append(self.relation(self.at))
        if len(items) == 1:
            return items[0]
        if "or" in signs and "," in signs and all(type(item) is Relation for item in items):
            return Sequence(alternatives(items, signs), ";")
        return Sequence(items, parted)

    def relation(self, start: int, first: Node | None = None) -> Node:
        sides = [self.side(first)]
        operators: list[str] = []
        while self.kind in RELATIONS:
            if self.kind == "=" and not operators:
                name = _SPACE.sub("", self.raw(start))
                if _CALL.fullmatch(name):
                    sides[0] = Symbol(name.replace("{", "(").replace("}", ")"))
            operators.append(self.advance())
            start = self.at
            sides.append(self.side())
            name = self.raw(start).strip()
            if _CAPITALS.fullmatch(name):  # MR = MC
                sides[-1] = Symbol(name)
        if not operators:
            return sides[0]
        if ":" in operators and operators.count("=") == 1:
            return ratios(operators, sides)
        return Relation(operators, sides)

    def side(self, first: Node | None = None) -> Node:
        """A side of a relation: a sum or union, with its unit, or words."""
        if first is None and self.kind == "t":
            return self.words()
        node = self.sum() if first is None else first
        if self.kind in ("cup", "cap", "setminus"):
            operator = self.kind
            members = [node]
            while self.kind == operator:
                self.advance()
                members.append(self.sum())
            node = Call(operator, members)
        elif self.kind == "-":
            self.advance()
            node = Call("setminus", [node, self.sum()])
        if self.kind == "t":
            return self.unit(node)
        return node

    def words(self) -> Node:
        """Text up to the end of the item; before `=` it is a name, before a number its lead-in."""
        start = self.at
        self.skip_item()
        return Words(self.raw(start).strip())

    def skip_item(self) -> None:
        """Go on to the end of the item; what stands in braces belongs to it."""
        depth = 0
        while depth or (self.kind not in _ENDS_ITEM and self.kind not in RELATIONS):
            if self.kind == "{":
                self.skip_group()
                continue
            depth += (self.kind in ("(", "[")) - (self.kind in (")", "]"))
            self.advance()

    def unit(self, value: Node) -> Node:
        """The value with the unit that stands behind it up to the end of the item."""
        first = self.at
        self.skip_item()
        unit = unit_behind(plain_text(self.raw(first)))
        if type(value) is Quantity and unit is not None and unit_key(unit) is None:
            return Quantity(value.value, f"{value.unit} {unit}")  # 20% increase
        if unit is None or (type(value) is Quantity and value.unit != unit):
            raise NotUnderstood
        if type(value) is Quantity:
            return value
        return Quantity(value, unit)

    # Sums, products, factors

    def sum(self) -> Node:
        terms = [self.signed()] if self.kind in _SIGNS else [self.product()]
        while self.kind in _SIGNS:
            if self.kind == "-" and self.peek() == "{set":
                break  # a set without some of its members
            terms.append(self.signed())
        return terms[0] if len(terms) == 1 else total(terms)

    def deeper(self) -> None:
        """Count one more level of nesting; TooLong beyond the budget."""
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise TooLong

    def signed(self) -> Node:
        minus = False
        sign = ""
        while self.kind in _SIGNS:
            if self.kind in ("pm", "mp"):
                sign = self.kind
            minus ^= self.kind == "-"
            self.advance()
        node = self.product()
        if sign:
            node = Call(sign, [node])
        return negative(node) if minus else node

    def product(self) -> Node:
        factors = [self.factor()]
        while True:
            kind = self.kind
            if kind == "*":
                crosses = self.value() == "times"
                self.advance()
                if crosses and self.kind == "accent":
                    raise NotUnderstood  # the cross product of vectors does not commute
                factors.append(self.factor())
            elif kind == "/":
                self.advance()
                factors[-1] = quotient(factors[-1], self.divisor(factors[-1]))
            elif kind in _STARTS_FACTOR or (kind in ("|", "norm") and not self.bars):
                self.juxtaposed(factors)
            else:
                return factors[0] if len(factors) == 1 else product(factors)

    def divisor(self, above: Node) -> Node:
        """What stands below a slash: letters that touch belong to it, but for those of `1/2x`."""
        divisor = self.factor()
        if type(above) is Number and type(divisor) is Number:
            return divisor
        starts, ends = self.tokens.starts, self.tokens.ends
        while self.kind in ("x", "pi") and starts[self.at] == ends[self.at - 1]:
            divisor = product([divisor, self.factor()])
        return divisor

    def juxtaposed(self, factors: list[Node]) -> None:
        """Add a factor that follows without a sign; a fraction behind an integer is mixed."""
        before = self.at - 1
        number_before = self.kinds[before] == "n" and self.kinds[before - 1] != "^"
        integer_before = number_before and self._is_integer(before)
        if self.kind == "n":
            last = factors[-1]
            if type(last) is Quantity and last.unit == "°":
                factors[-1] = Quantity(minutes(self, last.value), "°")
                return
            if integer_before and self._plain_fraction():
                numerator = self.factor()
                self.advance()
                factors[-1] = total([last, quotient(numerator, self.factor())])
                return
            if self.kinds[before] == "n":
                raise NotUnderstood
        mixed = self.kind == "frac" and integer_before
        factor = self.factor()
        part = factor.value if type(factor) is Quantity else factor
        if mixed and type(part) is Number and type(factors[-1]) is Number:
            whole = total([factors[-1], part])
            factors[-1] = Quantity(whole, factor.unit) if type(factor) is Quantity else whole
        else:
            factors.append(factor)

    def _is_integer(self, place: int) -> bool:
        return type(self.tokens.values[place]) is int

    def _plain_fraction(self) -> bool:
        """Whether `1/2` comes next, as in `3 1/2`."""
        return (
            self._is_integer(self.at)
            and self.peek() == "/"
            and self.peek(2) == "n"
            and self._is_integer(self.at + 2)
        )

    def factor(self) -> Node:
        if self.kind in _ATOMS and self.kinds[self.at + 1] not in _EXTENDS_ATOM:
            return self.atom()
        if self.kind in ("+", "-"):
            minus = self.minus()
            return negative(self.factor()) if minus else self.factor()
        if self.kind == "currency":
            self.advance()
            self.deeper()
            node = self.factor()
            self.depth -= 1
            return node if type(node) is Quantity else Quantity(node, "$")
        node = primary(self)
        suffixes = 0
        while True:
            kind = self.kind
            suffixes += 1
            if suffixes > _MOST_SUFFIXES:
                raise TooLong
            if kind == "^":
                node = self.raised(node)
            elif kind == "!":
                self.advance()
                node = self.counted(call("factorial", [node]))
            elif kind == "%":
                self.advance()
                node = Quantity(node, "%")
            elif kind == "deg":
                self.advance()
                node = Quantity(node, scale(self))
            elif kind == "_":
                node = self.based(node)
            elif kind == "currency":
                self.advance()
                node = node if type(node) is Quantity else Quantity(node, "$")
            else:
                return node

    def atom(self) -> Node:
        """A number or symbol that nothing is attached to: most factors are one."""
        value = self.tokens.values[self.at]
        self.at += 1
        self.kind = self.kinds[self.at]
        if not isinstance(value, str):
            return self.counted(Number(value))
        return Constant(value) if value in ("e", "i") else Symbol(value)

    def primary(self) -> Node:
        """A factor without its exponent."""
        return primary(self)

    def minus(self) -> bool:
        """Whether the signs that come next, however many, make a minus."""
        minus = False
        while self.kind in ("+", "-"):
            minus ^= self.advance() == "-"
        return minus

    def raised(self, base: Node) -> Node:
        """A power, or the degrees, primes and transposes that are written like one."""
        self.advance()
        if self.kind == "{" and self.peek() == "deg" and self.peek(2) == "}":
            self.advance()
            self.advance()
            self.advance()
            return Quantity(base, scale(self))
        if self.kind == "deg":
            self.advance()
            return Quantity(base, scale(self))
        if self.kind == "{" and self.peek() == "t" and self.peek(2) == "}":
            self.advance()
            ordinal = self.value() in ("th", "st", "nd", "rd")
            self.advance()
            self.advance()
            if ordinal:
                return base
            raise NotUnderstood
        if self.kind == "{" and self.peek() in ("*", "+", "-") and self.peek(2) == "}":
            raise NotUnderstood
        return self.counted(power(base, self.exponent()))

    def exponent(self) -> Node:
        if self.kind in ("+", "-"):
            minus = self.minus()
            return negative(self.exponent()) if minus else self.exponent()
        self.deeper()
        node = primary(self)
        if self.kind == "^":
            self.advance()
            node = self.counted(power(node, self.exponent()))
        self.depth -= 1
        return node

    def counted(self, node: Node) -> Node:
        """The node; TooLong when written-out powers grow beyond the budget of one answer."""
        if type(node) is Number:
            value = node.value
            if type(value) is int and -_SMALL < value < _SMALL:
                return node
            bits = value.numerator.bit_length() + value.denominator.bit_length()
            if bits > 256:
                self.large_bits += bits
                if self.large_bits > _MOST_LARGE_BITS:
                    raise TooLong
        return node

    def based(self, digits: Node) -> Node:
        """A number written in another base: the digits, with the base as their unit."""
        self.advance()
        start = self.at
        if self.kind == "{":
            self.skip_group()
        else:
            self.advance()
        unit = unit_behind("base " + plain_text(self.raw(start)))
        if unit is None or type(digits) is not Number:
            raise NotUnderstood
        return Quantity(digits, unit)

    def skip_group(self) -> None:
        self.expect("{")
        depth = 1
        while depth:
            if self.kind == "end":
                raise NotUnderstood
            depth += (self.kind == "{") - (self.kind == "}")
            self.advance()
