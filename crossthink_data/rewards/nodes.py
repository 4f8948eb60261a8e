r"""The parsed form of a mathematical answer: scalars, and the shapes that are built of them.

Nodes are never changed once made. They are plain slotted classes rather than frozen dataclasses
because a rollout is parsed in some ten microseconds, and freezing would double that.
"""

from dataclasses import dataclass
from fractions import Fraction

__all__ = [
    "Bracketed",
    "Call",
    "Constant",
    "Matrix",
    "Node",
    "Number",
    "Power",
    "Product",
    "Quantity",
    "Rational",
    "Relation",
    "Scalar",
    "Sequence",
    "Sum",
    "Symbol",
    "Words",
]

Rational = int | Fraction


@dataclass(slots=True, eq=False)
class Number:
    """An exact rational; decimals are read as the fraction they print."""

    value: Rational


@dataclass(slots=True, eq=False)
class Constant:
    """`pi`, `e`, `i` or `infinity`."""

    name: str


@dataclass(slots=True, eq=False)
class Symbol:
    """A variable, with its subscript and primes in the name: `x`, `x_1`, `f'`, `theta`."""

    name: str


@dataclass(slots=True, eq=False)
class Sum:
    """Two terms or more."""

    terms: "list[Node]"


@dataclass(slots=True, eq=False)
class Product:
    """Two factors or more; a quotient has a factor to the power of -1."""

    factors: "list[Node]"


@dataclass(slots=True, eq=False)
class Power:
    """`base ** exponent`; a root has the exponent 1/n and means the principal one."""

    base: "Node"
    exponent: "Node"


@dataclass(slots=True, eq=False)
class Call:
    """A function of its arguments.

    Known names are evaluated: sin cos tan cot sec csc, the same with arc, sinh cosh tanh coth sech
    csch, the same with arc, ln, log (argument, base), abs, floor, ceil, factorial, binom, max, min,
    re, im, arg, conj, mod, and pm (plus or minus, of one argument).
    Any other name is an unknown function: `f`, or an operator that restates a problem, which keeps
    its backslash: `\\int`, `\\sum`, `\\lim`, `\\gcd`.
    """

    name: str
    arguments: "list[Node]"


@dataclass(slots=True, eq=False)
class Quantity:
    """A value with what was written behind it: a unit, in the spelling `unit_key` gives it."""

    value: "Node"
    unit: str


@dataclass(slots=True, eq=False)
class Sequence:
    """Members without brackets: an unordered answer. `parted` is how: "," "and" "or" or ";"."""

    items: "list[Node]"
    parted: str = ","


@dataclass(slots=True, eq=False)
class Bracketed:
    """Members in brackets: `{` a set, `(` a tuple or open interval, `[` and mixed an interval."""

    left: str
    right: str
    items: "list[Node]"


@dataclass(slots=True, eq=False)
class Matrix:
    """Rows of entries; a column vector has one entry a row."""

    rows: "list[list[Node]]"


@dataclass(slots=True, eq=False)
class Relation:
    """A chain of sides: `0 < x < 1` has the operators `<`, `<` and three sides.

    Operators: = != < <= > >= ~ (about) in notin subset : (ratio or clock) | mod -> and others.
    """

    operators: list[str]
    sides: "list[Node]"


@dataclass(slots=True, eq=False)
class Words:
    """Text, as written but for its LaTeX commands."""

    text: str


Scalar = Number | Constant | Symbol | Sum | Product | Power | Call
Node = Scalar | Quantity | Sequence | Bracketed | Matrix | Relation | Words
