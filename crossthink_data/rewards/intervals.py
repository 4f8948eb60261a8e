"""Real intervals with decimal ends: arithmetic and elementary functions that never lose the value.

Ends are rounded outwards by contexts of this module, never by the caller's. The elementary
functions are computed to some digits more than asked for and widened by what that leaves open.
(`Context.exp` and `Context.ln` are correctly rounded, but 10 times slower at 300 digits.)
"""

import math
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Underflow,
)
from fractions import Fraction

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

_MOST_EXPONENT = 1_000_000
_MOST_TURN = 1_500
_GUARD = 12
_LIBRARY_DIGITS = 70
_BITS_PER_DIGIT = 3.3220


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


def _context(digits: int, rounding: str) -> Context:
    return Context(
        prec=digits,
        rounding=rounding,
        Emin=-_MOST_EXPONENT,
        Emax=_MOST_EXPONENT,
        capitals=1,
        clamp=0,
        flags=[],
        traps=[InvalidOperation, DivisionByZero, Overflow, Underflow],
    )


class _Contexts:
    """The contexts of one number of digits; shared, since only their flags ever change."""

    __slots__ = ("down", "near", "up")

    def __init__(self, digits: int) -> None:
        self.down = _context(digits, ROUND_FLOOR)
        self.up = _context(digits, ROUND_CEILING)
        self.near = _context(digits, ROUND_HALF_EVEN)


_contexts: dict[int, _Contexts] = {}
_constants: dict[tuple[str, int], Decimal] = {}
_MOST_CACHED = 400


def _contexts_of(digits: int) -> _Contexts:
    found = _contexts.get(digits)
    if found is None:
        if len(_contexts) >= _MOST_CACHED:
            _contexts.clear()
        found = _contexts[digits] = _Contexts(digits)
    return found


class Arithmetic:
    """Interval arithmetic at one number of digits, which counts what it costs.

    Costs are about microseconds, but counted, never timed: the same expression always meets the
    same end.
    """

    __slots__ = ("digits", "down", "left", "near", "up")

    def __init__(self, digits: int, budget: int) -> None:
        contexts = _contexts_of(digits)
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
            self.spend(size * size >> 19)
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

    def hull(self, a: Real, b: Real) -> Real:
        return min(a[0], b[0]), max(a[1], b[1])

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

    def square_root(self, a: Real) -> Real:
        """The root of an interval that holds no negative number."""
        self.spend(2 + self.digits // 16 + self.digits * self.digits // 8000)
        low, high = a
        down, up = self.down, self.up
        return (
            down.next_minus(_root(low, down)) if low > ZERO else ZERO,
            up.next_plus(_root(high, up)) if high else ZERO,
        )

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
        if digits <= _LIBRARY_DIGITS:
            near = self.near.exp(x)
            return self.down.next_minus(near), self.up.next_plus(near)
        return self._around(_exponential(x, digits + _GUARD), ZERO, ZERO)

    def logarithm(self, a: Real) -> Real:
        """ln of an interval of positive numbers."""
        low, high = a
        self.spend(2 * _series_cost(self.digits))
        near = _logarithm(low, self.digits + _GUARD)
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
        middle = _contexts_of(digits + turn + 2 * _GUARD).near
        x = middle.multiply(HALF, middle.add(low, high)) or ZERO
        sine, cosine = _sine_cosine(x, digits + _GUARD)
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
        near = _arctangent(low, self.digits + _GUARD)
        if width:
            # the slope is 1/(1 + x^2), at most that of the end nearer to zero
            nearest = self.magnitude(a)[0]
            slope = self.down.add(ONE, self.down.multiply(nearest, nearest))
            width = up.divide(width, slope)
        return self._around(near, self._slack(), width)

    def pi(self) -> Real:
        near = _pi(self.digits + _GUARD)
        return self.down.next_minus(self.down.plus(near)), self.up.next_plus(self.up.plus(near))

    def _slack(self) -> Decimal:
        """What a function may be off by where its error does not shrink with the value."""
        return Decimal((0, (1,), -self.digits - 3))

    def _around(self, near: Decimal, slack: Decimal, above: Decimal) -> Real:
        """The interval from `near`, off by `slack` and 1,000 of its last units, up by `above`."""
        error = Decimal((0, (1,), near.adjusted() - self.digits - _GUARD + 4))
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


def _root(x: Decimal, context: Context) -> Decimal:
    """The square root, off by less than one unit in the last of the context's places."""
    if context.prec <= _LIBRARY_DIGITS:
        return context.sqrt(x)
    # twice as many digits before the point, and an even exponent left behind
    shift = 2 * context.prec + 4 - x.adjusted()
    shift += shift & 1
    root = Decimal(math.isqrt(int(_contexts_of(2 * context.prec + 8).down.scaleb(x, shift))))
    return context.scaleb(context.plus(root), -shift // 2)


def _odd_series(x: int, places: int, sign: int) -> tuple[int, int]:
    """sin and cos (sign -1) or sinh and cosh (sign 1) of x, in units of 2**-places, |x| < 1.2.

    The argument is divided by a power of 3 and the result tripled back, sin 3y = 3 sin y -
    4 sin^3 y: each step triples the error, for which the caller's places have room.
    """
    thirds = _thirds(places)
    y = x // 3**thirds
    square = sign * (y * y >> places)
    term = total = y
    count = 2
    while term and term != -1:
        term = (term * square >> places) // (count * (count + 1))
        total += term
        count += 2
    for _ in range(thirds):
        cube = (total * total >> places) * total >> places
        total = 3 * total + sign * 4 * cube
    one = 1 << places
    return total, math.isqrt((one << places) + sign * total * total)


def _thirds(places: int) -> int:
    return 1 + math.isqrt(places) // 4


def _places(digits: int) -> int:
    """Binary places that hold `digits` decimal ones after all tripling and summing."""
    places = int(digits * _BITS_PER_DIGIT) + 24
    return places + 2 * _thirds(places)


def _exponential(x: Decimal, digits: int) -> Decimal:
    """e**x, off by less than 100 units in the last of `digits` places."""
    if digits <= _LIBRARY_DIGITS:
        return _contexts_of(digits).near.exp(x)
    context = _contexts_of(digits + _GUARD).near
    log_ten = _log_ten(digits + _GUARD)
    tens = int(context.to_integral_value(context.divide(x, log_ten)))
    rest = context.subtract(x, context.multiply(log_ten, Decimal(tens)))
    places = _places(digits)
    unit = Decimal(1 << places)
    sine, cosine = _odd_series(int(context.multiply(rest, unit)), places, 1)
    return context.scaleb(context.divide(Decimal(sine + cosine), unit), tens)


def _logarithm(x: Decimal, digits: int) -> Decimal:
    """ln x for x > 0, off by less than 100 units of the place `digits` of max(1, |ln x|)."""
    if digits < 16:
        tens = x.adjusted()
        mantissa = float(x.scaleb(-tens, _contexts_of(17).near))
        return Decimal.from_float(math.log(mantissa) + tens * _LOG_TEN)
    context = _contexts_of(digits + 8).near
    guess = _logarithm(x, digits // 3 if digits > 48 else 15)
    power = _exponential(guess, digits + 8)
    z = context.divide(context.subtract(x, power), context.add(x, power))
    return context.add(guess, context.multiply(TWO, _arc_series(z, context, 1)))


_LOG_TEN = math.log(10)


def _arc_series(z: Decimal, context: Context, sign: int) -> Decimal:
    """artanh z (sign 1) or arctan z (sign -1) for small z."""
    square = context.multiply(z, z)
    if sign < 0:
        square = square.copy_negate()
    total = term = z
    least = -context.prec
    count = 3
    while term and (part := context.multiply(term, square)).adjusted() > least:
        term = part
        total = context.add(total, context.divide(term, Decimal(count)))
        count += 2
    return total


def _arctangent(x: Decimal, digits: int) -> Decimal:
    """arctan x, off by less than 100 units of the place `digits`."""
    if digits < 16:
        return Decimal.from_float(math.atan(float(x)))
    context = _contexts_of(digits + 8).near
    guess = _arctangent(x, digits // 3 if digits > 48 else 15)
    sine, cosine = _sine_cosine(guess, digits + 8)
    rest = context.subtract(context.multiply(x, cosine), sine)
    z = context.divide(rest, context.add(cosine, context.multiply(x, sine)))
    return context.add(guess, _arc_series(z, context, -1))


def _sine_cosine(x: Decimal, digits: int) -> tuple[Decimal, Decimal]:
    """sin x and cos x, off by less than 100 units of the place `digits`."""
    context = _contexts_of(digits + max(x.adjusted(), 0) + 8).near
    places = _places(digits)
    unit = Decimal(1 << places)
    quarter = context.multiply(HALF, _pi(context.prec))
    turns = int(context.to_integral_value(context.divide(x, quarter)))
    rest = context.subtract(x, context.multiply(quarter, Decimal(turns))) if turns else x
    sine, cosine = _odd_series(int(context.multiply(rest, unit)), places, -1)
    short = _contexts_of(digits + 4).near
    first = short.divide(Decimal(sine), unit)
    second = short.divide(Decimal(cosine), unit)
    if turns & 1:
        first, second = second, first.copy_negate()
    if turns & 2:
        first, second = first.copy_negate(), second.copy_negate()
    return first, second


def _constant(name: str, digits: int) -> Decimal:
    rounded = digits + 63 & ~63
    found = _constants.get((name, rounded))
    if found is None:
        places = int(rounded * _BITS_PER_DIGIT) + 64
        scaled = _pi_scaled(places) if name == "pi" else _log_ten_scaled(places)
        context = _contexts_of(rounded + 4).near
        found = context.divide(Decimal(scaled), Decimal(1 << places))
        if len(_constants) >= _MOST_CACHED:
            _constants.clear()
        _constants[name, rounded] = found
    return found


def _pi(digits: int) -> Decimal:
    """pi, right to at least `digits` places."""
    return _constant("pi", digits)


def _log_ten(digits: int) -> Decimal:
    """ln 10, right to at least `digits` places."""
    return _constant("ln 10", digits)


def _pi_scaled(places: int) -> int:
    """pi in units of 2**-places, by the brothers Chudnovsky; off by far less than 2**40 units."""
    one = 1 << places
    term = first = one
    second = 0
    count = 1
    while term:
        term *= -24 * (6 * count - 5) * (2 * count - 1) * (6 * count - 1)
        term //= count**3 * 640320**3
        if term == -1:
            break
        first += term
        second += count * term
        count += 1
    root = math.isqrt(10005 * one << places)
    return 426880 * root * one // (13591409 * first + 545140134 * second)


def _log_ten_scaled(places: int) -> int:
    """ln 10 = 46 artanh 1/31 + 34 artanh 1/49 + 20 artanh 1/161 in units of 2**-places."""
    total = 0
    for weight, divisor in ((46, 31), (34, 49), (20, 161)):
        term = (1 << places) // divisor
        count = 1
        while term:
            total += weight * term // count
            term //= divisor * divisor
            count += 2
    return total
