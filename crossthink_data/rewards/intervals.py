"""Real intervals with decimal ends: arithmetic and elementary functions that never lose the value.

Ends are rounded outwards by contexts of our own, never by the caller's. A function is computed to
some digits more than asked for, and its interval widened by what that leaves open.
"""

from decimal import Context, Decimal
from fractions import Fraction

from crossthink_data.rewards import series
from crossthink_data.rewards.series import GUARD, LIBRARY_DIGITS, contexts_of

__all__ = [
    "HALF",
    "NOTHING",
    "ONE",
    "ZERO",
    "Arithmetic",
    "Imprecise",
    "OverBudget",
    "Real",
    "Undefined",
    "bits",
]

Real = tuple[Decimal, Decimal]

ZERO = Decimal(0)
ONE = Decimal(1)
TWO = Decimal(2)
HALF = Decimal("0.5")
NOTHING: Real = (ZERO, ZERO)

_MOST_TURN = 1_500


class Undefined(Exception):
    """There is no value: a pole, the logarithm of zero, an unknown function, infinity."""


class OverBudget(Exception):
    """The value takes more steps, digits or exponents than are allowed."""


class Imprecise(Exception):
    """An enclosure touches a pole or a branch cut; with more digits it may come off."""


def bits(value: int | Fraction) -> int:
    """How many bits numerator and denominator hold together."""
    if isinstance(value, int):
        return value.bit_length()
    return value.numerator.bit_length() + value.denominator.bit_length()


class Arithmetic:
    """Interval arithmetic at one number of digits, which counts what it costs.

    Costs are about microseconds, but counted, never timed: the same expression always meets the
    same end.
    """

    __slots__ = ("digits", "down", "left", "near", "up")

    def __init__(self, digits: int, budget: int) -> None:
        contexts = contexts_of(digits)
        self.digits = digits
        self.left = budget
        self.down = contexts.down
        self.up = contexts.up
        self.near = contexts.near

    def spend(self, cost: int) -> None:
        """Takes `cost` off the budget; OverBudget when nothing is left."""
        self.left -= cost
        if self.left < 0:
            raise OverBudget

    def lift(self, value: int | Fraction) -> Real:
        """The narrowest interval around an exact value."""
        if isinstance(value, int):
            size = value.bit_length()
            if size <= 96:
                exact = Decimal(value)
                return exact, exact
            self.spend(size * size >> 18)
            return self.down.create_decimal(value), self.up.create_decimal(value)
        numerator = Decimal(value.numerator)
        denominator = Decimal(value.denominator)
        size = bits(value)
        if size > 2000:
            self.spend(size * size >> 18)
        return self.down.divide(numerator, denominator), self.up.divide(numerator, denominator)

    def add(self, a: Real, b: Real) -> Real:
        return self.down.add(a[0], b[0]), self.up.add(a[1], b[1])

    def subtract(self, a: Real, b: Real) -> Real:
        return self.down.subtract(a[0], b[1]), self.up.subtract(a[1], b[0])

    def negate(self, a: Real) -> Real:
        return a[1].copy_negate(), a[0].copy_negate()

    def multiply(self, a: Real, b: Real) -> Real:
        low, high = a
        below, above = b
        down, up = self.down.multiply, self.up.multiply
        if not low.is_signed():
            if not below.is_signed():
                return down(low, below), up(high, above)
            return down(high, below), up(low if above.is_signed() else high, above)
        if not below.is_signed():
            return down(low, above), up(high, below if high.is_signed() else above)
        if high.is_signed() and above.is_signed():
            return down(high, above), up(low, below)
        return (
            min(down(low, above), down(high, below)),
            max(up(low, below), up(high, above)),
        )

    def reciprocal(self, a: Real) -> Real:
        """1/a; Imprecise when `a` touches zero, Undefined when it is zero."""
        low, high = a
        if low <= ZERO <= high:
            raise Undefined if low == high else Imprecise
        return self.down.divide(ONE, high), self.up.divide(ONE, low)

    def magnitude(self, a: Real) -> Real:
        low, high = a
        if not low.is_signed():
            return a
        if high.is_signed():
            return high.copy_negate(), low.copy_negate()
        return ZERO, max(high, low.copy_negate())

    def square(self, a: Real) -> Real:
        low, high = self.magnitude(a)
        return self.down.multiply(low, low), self.up.multiply(high, high)

    def integer_power(self, a: Real, exponent: int) -> Real:
        """a to a whole power of at most 256 bits, by squaring."""
        if exponent < 0:
            return self.reciprocal(self.integer_power(a, -exponent))
        if exponent.bit_length() > 256:
            raise OverBudget
        if exponent == 1:
            return a
        self.spend(exponent.bit_length() * self.product_cost())
        low, high = a
        odd = exponent & 1
        if not low.is_signed():
            return _power(self.down, low, exponent), _power(self.up, high, exponent)
        if high.is_signed():
            small, large = high.copy_negate(), low.copy_negate()
            even = _power(self.down, small, exponent), _power(self.up, large, exponent)
            return self.negate(even) if odd else even
        below = _power(self.up, low.copy_negate(), exponent)
        above = _power(self.up, high, exponent)
        return (below.copy_negate(), above) if odd else (ZERO, max(below, above))

    def root(self, a: Real, index: int) -> Real:
        """The root of an interval that holds no negative number; `index` is at most 64."""
        self.spend(2 + self.digits // 16 + self.digits * self.digits * index // 16_000)
        low, high = a
        up = self.up
        if not low:
            return ZERO, up.next_plus(series.root(high, index, up)) if high else ZERO
        near = series.root(low, index, self.down)
        below, above = self.down.next_minus(near), up.next_plus(near)
        if low == high:
            return below, above
        # (low + w)^(1/n) <= low^(1/n) (1 + w/low)
        growth = up.add(ONE, up.divide(up.subtract(high, low), low))
        return below, up.multiply(above, growth)

    def exponential(self, a: Real) -> Real:
        low, high = a
        width = self.up.subtract(high, low)
        if width > HALF:
            first, last = self._exponential(low), self._exponential(high)
            return first[0], last[1]
        below, above = self._exponential(low)
        # e^w <= 1 + 2w for 0 <= w <= 1.25
        growth = self.up.add(ONE, self.up.multiply(TWO, width))
        return below, self.up.multiply(above, growth)

    def _exponential(self, x: Decimal) -> Real:
        if not x:
            # a zero may print with any exponent
            return ONE, ONE
        if x.adjusted() > 6:
            raise OverBudget
        digits = self.digits
        self.spend(_series_cost(digits))
        if digits <= LIBRARY_DIGITS:
            near = self.near.exp(x)
            return self.down.next_minus(near), self.up.next_plus(near)
        return self._around(series.exponential(x, digits + GUARD), ZERO, ZERO)

    def logarithm(self, a: Real) -> Real:
        """ln of an interval of positive numbers."""
        low, high = a
        self.spend(2 * _series_cost(self.digits))
        near = series.logarithm(low, self.digits + GUARD)
        # ln(low + w) <= ln(low) + w/low
        above = self.up.divide(self.up.subtract(high, low), low)
        return self._around(near, self._slack(), above)

    def sine_cosine(self, a: Real) -> tuple[Real, Real]:
        low, high = a
        digits = self.digits
        radius = self.up.multiply(HALF, self.up.subtract(high, low))
        if radius > ONE:
            return (ONE.copy_negate(), ONE), (ONE.copy_negate(), ONE)
        turn = max(high.adjusted() if high else 0, low.adjusted() if low else 0, 0)
        if turn > _MOST_TURN:
            raise OverBudget
        self.spend(_series_cost(digits + turn) * 2)
        middle = contexts_of(digits + turn + 2 * GUARD).near
        x = middle.multiply(HALF, middle.add(low, high)) or ZERO
        sine, cosine = series.sine_cosine(x, digits + GUARD)
        # what the middle's own rounding moves is far below the slack
        slack = self.up.add(radius, self._slack())
        return self._inside(sine, slack), self._inside(cosine, slack)

    def _inside(self, near: Decimal, slack: Decimal) -> Real:
        low = self.down.subtract(near, slack)
        high = self.up.add(near, slack)
        return max(low, ONE.copy_negate()), min(high, ONE)

    def arctangent(self, a: Real) -> Real:
        low, high = a
        self.spend(2 * _series_cost(self.digits))
        up = self.up
        width = up.subtract(high, low)
        near = series.arctangent(low, self.digits + GUARD)
        if width:
            # the slope is 1/(1 + x^2), at most that of the end nearer to zero
            nearest = self.magnitude(a)[0]
            slope = self.down.add(ONE, self.down.multiply(nearest, nearest))
            width = up.divide(width, slope)
        return self._around(near, self._slack(), width)

    def pi(self) -> Real:
        near = series.pi(self.digits + GUARD)
        return self.down.next_minus(self.down.plus(near)), self.up.next_plus(self.up.plus(near))

    def _slack(self) -> Decimal:
        """What a function may be off by where its error does not shrink with the value."""
        return Decimal((0, (1,), -self.digits - 3))

    def _around(self, near: Decimal, slack: Decimal, above: Decimal) -> Real:
        """The interval from `near`, off by `slack` and 1,000 of its last units, up by `above`."""
        error = Decimal((0, (1,), near.adjusted() - self.digits - GUARD + 4))
        if slack:
            error = self.up.add(error, slack)
        low = self.down.subtract(near, error)
        high = self.up.add(near, error)
        return low, self.up.add(high, above) if above else high

    def product_cost(self) -> int:
        return 1 + self.digits * self.digits // 100_000


def _series_cost(digits: int) -> int:
    return 6 + digits // 6 + digits * digits // 1800


def _power(context: Context, base: Decimal, exponent: int) -> Decimal:
    """base ** exponent by squaring, every product rounded the context's way; base >= 0."""
    result = base
    for digit in bin(exponent)[3:]:
        result = context.multiply(result, result)
        if digit == "1":
            result = context.multiply(result, base)
    return result
