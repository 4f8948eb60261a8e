r"""Rigorous values of expressions: intervals that hold the value, and equality decided by them.

Exact rationals stay exact as long as they are small, everything else is an interval or, off the
real line, a box. Conventions: a root with an odd index of a negative number is the real one, as
school notation means it (the cube root of -8 is -2); even roots, logarithms and arc functions have
their principal values, arccot has those in (0, pi). 0^0 has no value.
"""

from collections.abc import Mapping
from decimal import Decimal, DecimalException, Overflow, Underflow
from fractions import Fraction
from typing import Literal, NamedTuple

from crossthink_data.rewards.functions import FUNCTIONS, Operation
from crossthink_data.rewards.intervals import (
    NOTHING,
    ONE,
    ZERO,
    Arithmetic,
    Imprecise,
    OverBudget,
    Real,
    Undefined,
)
from crossthink_data.rewards.nodes import Call, Constant, Node, Number, Power, Product, Sum, Symbol
from crossthink_data.rewards.values import (
    IMAGINARY_UNIT,
    Box,
    Known,
    exponential,
    power,
    product,
    total,
)

__all__ = [
    "STEPS",
    "Allowance",
    "Comparison",
    "Interval",
    "OverBudget",
    "Undefined",
    "Value",
    "approximate",
    "compare_values",
    "enclose",
]

Comparison = Literal["equal", "different", "undefined", "over_budget"]

STEPS = 40_000
_LEAST_STEPS = 50
_MOST_NODES = 20_000
_MOST_DIGITS = 5_000
_FIRST_DIGITS = 30
_MARGIN = 250
_MARGIN_AT_POINTS = 60
_RESERVE = 30
_SECOND_DIGITS = 70


class Interval(NamedTuple):
    """All numbers from `low` to `high`."""

    low: Decimal
    high: Decimal


class Value(NamedTuple):
    """What holds a value: `imaginary` is None where it is exactly real."""

    real: Interval
    imaginary: Interval | None


_Step = tuple[Operation | None, int, int | Fraction]
_Program = list[_Step]


def _pi(ar: Arithmetic, operands: list[Known]) -> Known:
    return ar.pi()


def _e(ar: Arithmetic, operands: list[Known]) -> Known:
    return ar.exponential((ONE, ONE))


def _i(ar: Arithmetic, operands: list[Known]) -> Known:
    return IMAGINARY_UNIT


def _exponential(ar: Arithmetic, operands: list[Known]) -> Known:
    return exponential(ar, operands[0])


_CONSTANTS: dict[str, Operation] = {"pi": _pi, "e": _e, "i": _i}


def _compile(node: Node, point: Mapping[str, Fraction]) -> _Program:
    """The tree as steps for a stack machine: operands first, then the operation and their count.

    No recursion, so the depth of a tree does not matter.
    """
    steps: _Program = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Number):
            steps.append((None, 0, node.value))
        elif isinstance(node, Product):
            steps.append((product, len(node.factors), 0))
            waiting.extend(node.factors)
        elif isinstance(node, Power):
            if isinstance(node.base, Constant) and node.base.name == "e":
                steps.append((_exponential, 1, 0))
            else:
                steps.append((power, 2, 0))
                waiting.append(node.base)
            waiting.append(node.exponent)
        elif isinstance(node, Sum):
            steps.append((total, len(node.terms), 0))
            waiting.extend(node.terms)
        else:
            steps.append(_leaf_or_call(node, point))
            if isinstance(node, Call):
                waiting.extend(node.arguments)
        if len(steps) + len(waiting) > _MOST_NODES:
            raise OverBudget
    steps.reverse()
    return steps


def _leaf_or_call(node: Node, point: Mapping[str, Fraction]) -> _Step:
    if isinstance(node, Symbol):
        if node.name in point:
            return None, 0, point[node.name]
    elif isinstance(node, Constant):
        if node.name in _CONSTANTS:
            return _CONSTANTS[node.name], 0, 0
    elif isinstance(node, Call) and node.name in FUNCTIONS and node.arguments:
        return FUNCTIONS[node.name], len(node.arguments), 0
    raise Undefined


class _Sizes:
    """The decimal exponents met while evaluating: of the smallest and the largest magnitude."""

    __slots__ = ("largest", "smallest")

    def __init__(self) -> None:
        self.smallest = 0
        self.largest = 0

    def note(self, value: Known) -> None:
        if isinstance(value, Box):
            self.note(value.real)
            self.note(value.imaginary)
        elif isinstance(value, tuple):
            low, high = value
            if low > ZERO or high < ZERO:
                self._widen(low.adjusted())
                self._widen(high.adjusted())
        elif value:
            self._widen(value.numerator.bit_length() * 3 // 10)
            self._widen(-(value.denominator.bit_length() * 3 // 10))

    def _widen(self, exponent: int) -> None:
        if exponent < self.smallest:
            self.smallest = exponent
        elif exponent > self.largest:
            self.largest = exponent


def _run(program: _Program, ar: Arithmetic, sizes: _Sizes | None) -> Known:
    """The value a program leaves; what it cannot have raises Undefined, OverBudget, Imprecise."""
    ar.spend(len(program) * ar.product_cost())
    stack: list[Known] = []
    try:
        for operation, count, exact in program:
            if operation is None:
                value: Known = exact
            else:
                operands = stack[len(stack) - count :]
                del stack[len(stack) - count :]
                value = operation(ar, operands)
            stack.append(value)
            if sizes is not None:
                sizes.note(value)
    except (Overflow, Underflow):
        raise OverBudget from None
    except DecimalException:
        raise Undefined from None
    return stack[0]


class _Ladder:
    """Rising digits for one question, all of it within one budget.

    An enclosure is taken for the value itself once it is narrower, by `margin` digits, than the
    fourth power of the smallest magnitude met on the way, and than the square of what the largest
    leaves of one. Differences far below all magnitudes do arise: cos x leaves 1 by x^2, tan x
    leaves x by x^3, arctan x leaves a right angle by 1/x.
    """

    __slots__ = ("arithmetic", "digits", "margin", "sizes")

    def __init__(self, digits: int, budget: int = STEPS, margin: int = _MARGIN) -> None:
        self.digits = digits
        self.margin = margin
        self.sizes = _Sizes()
        self.arithmetic = Arithmetic(digits, min(budget, STEPS))

    def least(self) -> int:
        """The exponent below which a difference is taken for none."""
        return min(4 * self.sizes.smallest, -2 * self.sizes.largest) - self.margin

    def climb(self, digits: int) -> None:
        """Goes on with that many digits, or with as many as are allowed; OverBudget at the top."""
        if self.digits >= _MOST_DIGITS:
            raise OverBudget
        self.digits = min(max(digits, self.digits + 60), _MOST_DIGITS)
        self.arithmetic = Arithmetic(self.digits, self.arithmetic.left)

    def climb_off(self) -> None:
        """After an Imprecise: goes on, or raises Undefined where no digits will help."""
        enough = self.sizes.largest - self.least() + _RESERVE
        if self.digits >= enough:
            raise Undefined
        self.climb(enough)


def enclose(node: Node, point: Mapping[str, Fraction], digits: int = 30) -> Value:
    r"""What holds the value of `node` with its symbols at `point`, worked out to `digits` digits.

    More digits are tried where these do not tell a value from a pole or a branch cut. Undefined
    where there is no value, or none that is told apart from such a place; OverBudget where it takes
    too many steps, digits or exponents.

    >>> enclose(Power(Number(2), Number(Fraction(1, 2))), {}, 8).real
    Interval(low=Decimal('1.4142135'), high=Decimal('1.4142137'))
    """
    if digits > _MOST_DIGITS:
        raise OverBudget
    return _enclose(_compile(node, point), _Ladder(digits))


def _enclose(program: _Program, ladder: _Ladder) -> Value:
    while True:
        try:
            real, imaginary = _parts(program, ladder)
        except Imprecise:
            ladder.climb_off()
        else:
            return Value(Interval(*real), None if imaginary is None else Interval(*imaginary))


def _parts(program: _Program, ladder: _Ladder) -> tuple[Real, Real | None]:
    value = _run(program, ladder.arithmetic, ladder.sizes)
    if isinstance(value, tuple):
        return value, None
    if isinstance(value, Box):
        return value.real, value.imaginary
    return ladder.arithmetic.lift(value), None


class Allowance:
    """Steps that several comparisons share, about a microsecond each."""

    __slots__ = ("left",)

    def __init__(self, steps: int) -> None:
        self.left = steps


def compare_values(
    first: Node,
    second: Node,
    point: Mapping[str, Fraction],
    allowance: Allowance | None = None,
) -> Comparison:
    r"""How the values of two expressions compare, with their symbols at `point`.

    `different` is proved: their enclosures are disjoint. `equal` is proved for exact rationals;
    otherwise it says that they still overlap at a precision far beyond every magnitude met on the
    way, where expressions within the budget leave no difference. `undefined` where either has no
    value, `over_budget` where the digits or steps allowed do not decide. Steps are taken from
    `allowance` where one is given.

    >>> compare_values(Constant("pi"), Number(Fraction(22, 7)), {})
    'different'
    """
    # Where variables have random values, agreeing by chance is out of the question much sooner.
    margin = _MARGIN_AT_POINTS if point else _MARGIN
    ladder = _Ladder(_FIRST_DIGITS, STEPS if allowance is None else allowance.left, margin)
    granted = ladder.arithmetic.left
    try:
        return _compare(_compile(first, point), _compile(second, point), ladder)
    except OverBudget:
        return "over_budget"
    except Undefined:
        return "undefined"
    finally:
        if allowance is not None:
            allowance.left -= max(granted - ladder.arithmetic.left, _LEAST_STEPS)


def _compare(first: _Program, second: _Program, ladder: _Ladder) -> Comparison:
    sizes: _Sizes | None = None
    while True:
        try:
            a = _run(first, ladder.arithmetic, sizes)
            b = _run(second, ladder.arithmetic, sizes)
        except Imprecise:
            if sizes is not None:
                ladder.climb_off()
        else:
            if not isinstance(a, (tuple, Box)) and not isinstance(b, (tuple, Box)):
                return "equal" if a == b else "different"
            gap = _gap(ladder.arithmetic, a, b)
            if gap is None:
                return "different"
            if not gap:
                return "equal"
            excess = gap.adjusted() - ladder.least()
            if sizes is not None:
                if excess < 0:
                    return "equal"
                ladder.climb(ladder.digits + excess + _RESERVE)
        if sizes is None:
            # magnitudes are watched from the second pass on: most answers never get there
            sizes = ladder.sizes
            ladder.climb(ladder.margin + _SECOND_DIGITS)


def _gap(ar: Arithmetic, a: Known, b: Known) -> Decimal | None:
    """None for disjoint enclosures, else how far apart two values within them can be."""
    real, imaginary = _split(ar, a)
    other_real, other_imaginary = _split(ar, b)
    if real[1] < other_real[0] or other_real[1] < real[0]:
        return None
    gap = ar.up.subtract(max(real[1], other_real[1]), min(real[0], other_real[0]))
    if imaginary is other_imaginary:
        return gap
    if imaginary[1] < other_imaginary[0] or other_imaginary[1] < imaginary[0]:
        return None
    low = min(imaginary[0], other_imaginary[0])
    return max(gap, ar.up.subtract(max(imaginary[1], other_imaginary[1]), low))


def _split(ar: Arithmetic, value: Known) -> tuple[Real, Real]:
    if isinstance(value, tuple):
        return value, NOTHING
    if isinstance(value, Box):
        return value.real, value.imaginary
    return ar.lift(value), NOTHING


def approximate(
    node: Node, point: Mapping[str, Fraction], allowance: Allowance | None = None
) -> float | None:
    r"""A float near the value of `node`, for putting values in order; None when it is not real.

    Infinite where the value is real but beyond every float. Steps are taken from `allowance` where
    one is given.

    >>> approximate(Power(Constant("pi"), Number(2)), {})
    9.869604401089358
    """
    ladder = _Ladder(20, STEPS if allowance is None else allowance.left)
    granted = ladder.arithmetic.left
    try:
        program = _compile(node, point)
        for digits in (20, 60, 320):
            if digits > ladder.digits:
                ladder.climb(digits)
            real, imaginary = _enclose(program, ladder)
            if imaginary is not None and not imaginary.low <= ZERO <= imaginary.high:
                return None
            low, high = float(real.low), float(real.high)
            if low == high or high - low <= 1e-12 * max(abs(low), abs(high)):
                return low if low == high else low + (high - low) / 2
    except (OverBudget, Undefined):
        return None
    finally:
        if allowance is not None:
            allowance.left -= max(granted - ladder.arithmetic.left, _LEAST_STEPS)
    return 0.0 if high - low < 1e-12 else None
