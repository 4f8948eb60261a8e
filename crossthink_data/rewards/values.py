"""Known values: exact rationals, real intervals, and boxes in the complex plane.

Every operation holds the true value in what it gives back. Exact stays exact as long as it is
small; a box is used only where a value is off the real line.
"""

from fractions import Fraction

from crossthink_data.rewards.intervals import (
    HALF,
    NOTHING,
    ONE,
    ZERO,
    Arithmetic,
    Imprecise,
    OverBudget,
    Real,
    Undefined,
    bits,
)
from crossthink_data.rewards.series import whole_root

__all__ = [
    "IMAGINARY_UNIT",
    "MOST_EXACT_BITS",
    "Box",
    "Known",
    "absolute",
    "add",
    "argument",
    "divide",
    "exponential",
    "flat",
    "kept",
    "logarithm",
    "multiply",
    "negate",
    "power",
    "product",
    "real_of",
    "reciprocal",
    "sign_of",
    "square_root",
    "subtract",
    "total",
]

MOST_EXACT_BITS = 64_000
_MOST_INDEX = 64
_POINT_ONE: Real = (ONE, ONE)


class Box:
    """A complex number: an interval for each part."""

    __slots__ = ("imaginary", "real")

    def __init__(self, real: Real, imaginary: Real) -> None:
        self.real = real
        self.imaginary = imaginary


Known = int | Fraction | Real | Box

IMAGINARY_UNIT = Box(NOTHING, _POINT_ONE)


def kept(ar: Arithmetic, value: int | Fraction) -> Known:
    """The exact value itself while it is small, else an interval around it."""
    size = bits(value)
    if size <= 2000:
        return value
    ar.spend(size * size >> 18)
    return value if size <= MOST_EXACT_BITS else ar.lift(value)


def real_of(ar: Arithmetic, value: Known) -> Real:
    """The interval of a value that has to be real."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, Box):
        raise Undefined
    return ar.lift(value)


def flat(real: Real, imaginary: Real) -> Known:
    """A box, or the interval of its real part where nothing is imaginary."""
    if imaginary[0] or imaginary[1]:
        return Box(real, imaginary)
    return real


def add(ar: Arithmetic, a: Known, b: Known) -> Known:
    """a + b."""
    if isinstance(a, tuple):
        if isinstance(b, tuple):
            return ar.down.add(a[0], b[0]), ar.up.add(a[1], b[1])
        if not isinstance(b, Box):
            return ar.add(a, ar.lift(b)) if b else a
        return Box(ar.add(a, b.real), b.imaginary)
    if isinstance(a, Box):
        if isinstance(b, Box):
            return flat(ar.add(a.real, b.real), ar.add(a.imaginary, b.imaginary))
        return Box(ar.add(a.real, real_of(ar, b)), a.imaginary)
    if isinstance(b, (tuple, Box)):
        return add(ar, b, a)
    return kept(ar, a + b)


def negate(ar: Arithmetic, a: Known) -> Known:
    """-a."""
    if isinstance(a, tuple):
        return ar.negate(a)
    if isinstance(a, Box):
        return Box(ar.negate(a.real), ar.negate(a.imaginary))
    return -a


def subtract(ar: Arithmetic, a: Known, b: Known) -> Known:
    """a - b."""
    return add(ar, a, negate(ar, b))


def multiply(ar: Arithmetic, a: Known, b: Known) -> Known:
    """a * b."""
    if isinstance(a, tuple):
        if isinstance(b, tuple):
            return ar.multiply(a, b)
        if not isinstance(b, Box):
            return ar.multiply(a, ar.lift(b)) if b else 0
        return flat(ar.multiply(a, b.real), ar.multiply(a, b.imaginary))
    if isinstance(a, Box):
        if isinstance(b, Box):
            return flat(
                ar.subtract(ar.multiply(a.real, b.real), ar.multiply(a.imaginary, b.imaginary)),
                ar.add(ar.multiply(a.real, b.imaginary), ar.multiply(a.imaginary, b.real)),
            )
        return multiply(ar, real_of(ar, b), a) if b else 0
    if isinstance(b, (tuple, Box)):
        return multiply(ar, b, a)
    return kept(ar, a * b)


def reciprocal(ar: Arithmetic, a: Known) -> Known:
    """1 / a."""
    if isinstance(a, tuple):
        return ar.reciprocal(a)
    if isinstance(a, Box):
        scale = ar.reciprocal(ar.add(ar.square(a.real), ar.square(a.imaginary)))
        return flat(ar.multiply(a.real, scale), ar.negate(ar.multiply(a.imaginary, scale)))
    if not a:
        raise Undefined
    if a == 1:
        return 1
    return Fraction(1, a) if isinstance(a, int) else 1 / a


def divide(ar: Arithmetic, a: Known, b: Known) -> Known:
    """a / b."""
    return multiply(ar, a, reciprocal(ar, b))


def total(ar: Arithmetic, terms: list[Known]) -> Known:
    """The sum; what is exact is added up exactly."""
    result = terms[0] if terms else 0
    for term in terms[1:]:
        result = add(ar, result, term)
    return result


def product(ar: Arithmetic, factors: list[Known]) -> Known:
    """The product."""
    result = factors[0] if factors else 1
    for factor in factors[1:]:
        result = multiply(ar, result, factor)
    return result


def absolute(ar: Arithmetic, a: Known) -> Known:
    """|a|."""
    if isinstance(a, tuple):
        return ar.magnitude(a)
    if isinstance(a, Box):
        return ar.root(ar.add(ar.square(a.real), ar.square(a.imaginary)), 2)
    return a if a >= 0 else -a


def exponential(ar: Arithmetic, a: Known) -> Known:
    """e^a."""
    if isinstance(a, Box):
        sine, cosine = ar.sine_cosine(a.imaginary)
        size = ar.exponential(a.real)
        return flat(ar.multiply(size, cosine), ar.multiply(size, sine))
    if not a:
        return 1
    return ar.exponential(real_of(ar, a))


def argument(ar: Arithmetic, a: Known) -> Known:
    """The angle of a, in (-pi, pi]."""
    if not isinstance(a, Box):
        sign = sign_of(a)
        if not sign:
            raise Undefined
        return 0 if sign > 0 else ar.pi()
    real, imaginary = a.real, a.imaginary
    half_pi = ar.multiply(ar.pi(), (HALF, HALF))
    if imaginary[0] > ZERO or imaginary[1] < ZERO:
        angle = ar.subtract(half_pi, ar.arctangent(ar.multiply(real, ar.reciprocal(imaginary))))
        return angle if imaginary[0] > ZERO else ar.subtract(angle, ar.pi())
    if real[0] > ZERO:
        return ar.arctangent(ar.multiply(imaginary, ar.reciprocal(real)))
    raise Imprecise


def logarithm(ar: Arithmetic, a: Known) -> Known:
    """The principal ln a."""
    if isinstance(a, Box):
        angle = real_of(ar, argument(ar, a))
        size = ar.add(ar.square(a.real), ar.square(a.imaginary))
        return flat(ar.multiply(ar.logarithm(size), (HALF, HALF)), angle)
    sign = sign_of(a)
    if sign > 0:
        return 0 if not isinstance(a, tuple) and a == 1 else ar.logarithm(real_of(ar, a))
    if not sign:
        raise Undefined
    size = ar.magnitude(real_of(ar, a))
    return Box(NOTHING if size == _POINT_ONE else ar.logarithm(size), ar.pi())


def sign_of(a: int | Fraction | Real) -> int:
    """1, 0 or -1; Imprecise where an interval does not tell."""
    if not isinstance(a, tuple):
        return (a > 0) - (a < 0)
    if a[0] > ZERO:
        return 1
    if a[1] < ZERO:
        return -1
    if a[0] == a[1]:
        return 0
    raise Imprecise


def square_root(ar: Arithmetic, a: Known) -> Known:
    """The principal square root."""
    if isinstance(a, tuple):
        low, high = a
        if low >= ZERO:
            return ar.root(a, 2)
        below = ar.root((max(high.copy_negate(), ZERO), low.copy_negate()), 2)
        above = ar.root((ZERO, max(high, ZERO)), 2)
        return Box(above, below)
    if isinstance(a, Box):
        return _box_root(ar, a)
    root = _exact_root(ar, a if a >= 0 else -a, 2)
    if root is None:
        return square_root(ar, ar.lift(a))
    return root if a >= 0 else Box(NOTHING, ar.lift(root))


def _box_root(ar: Arithmetic, a: Box) -> Known:
    real, imaginary = a.real, a.imaginary
    size = ar.root(ar.add(ar.square(real), ar.square(imaginary)), 2)
    crosses = imaginary[0] <= ZERO <= imaginary[1]
    if crosses and real[1] < ZERO:
        raise Imprecise
    half: Real = (HALF, HALF)
    if crosses and real[0] <= ZERO:
        if size[0] > ZERO:
            raise Imprecise
        # zero lies within: all roots are as small as the root of the largest size
        largest = ar.root(size, 2)[1]
        return Box((ZERO, largest), (largest.copy_negate(), largest))
    if ar.near.add(real[0], real[1]) > ZERO:
        part = _root_of(ar, ar.multiply(half, ar.add(size, real)))
        return flat(part, ar.multiply(ar.multiply(half, imaginary), ar.reciprocal(part)))
    part = _root_of(ar, ar.multiply(half, ar.subtract(size, real)))
    if imaginary[1] < ZERO:
        part = ar.negate(part)
    return flat(ar.multiply(ar.multiply(half, imaginary), ar.reciprocal(part)), part)


def _root_of(ar: Arithmetic, a: Real) -> Real:
    """The square root of what is known to be positive, whatever its interval says."""
    return ar.root((max(a[0], ZERO), a[1]), 2)


def _exact_root(ar: Arithmetic, a: int | Fraction, index: int) -> int | Fraction | None:
    """The rational root of a >= 0 where there is one; with an index over 64 it may be missed."""
    size = bits(a)
    if index > _MOST_INDEX or size < index:
        return a if a == 1 else None
    if size > 2000:
        ar.spend(size * size >> 19)
    if isinstance(a, int):
        return _whole_power_root(a, index)
    below = _whole_power_root(a.denominator, index)
    if below is None:
        return None
    above = _whole_power_root(a.numerator, index)
    return None if above is None else Fraction(above, below)


def _whole_power_root(a: int, index: int) -> int | None:
    root = whole_root(a, index) if a else 0
    return root if root**index == a else None


def power(ar: Arithmetic, operands: list[Known]) -> Known:
    """base ** exponent, with real odd roots of negative numbers."""
    base, exponent = operands
    if isinstance(exponent, (tuple, Box)):
        return _transcendental_power(ar, base, exponent)
    if isinstance(exponent, Fraction):
        if exponent.denominator == 1:
            exponent = exponent.numerator
        elif not isinstance(base, Box):
            return _rational_power(ar, base, exponent)
        else:
            root = square_root(ar, base) if exponent.denominator == 2 else None
            if root is not None:
                return power(ar, [root, exponent.numerator])
            return exponential(ar, multiply(ar, exponent, logarithm(ar, base)))
    return _whole_power(ar, base, exponent)


def _whole_power(ar: Arithmetic, base: Known, exponent: int) -> Known:
    if exponent == 1:
        return base
    if exponent == -1:
        return reciprocal(ar, base)
    if isinstance(base, Box):
        return _box_power(ar, base, exponent)
    if isinstance(base, tuple):
        return _POINT_ONE if not exponent else ar.integer_power(base, exponent)
    if not base:
        if exponent <= 0:
            raise Undefined
        return 0
    if base in (1, -1):
        return base if exponent & 1 else 1
    size = abs(exponent) * max(bits(base), 1)
    if size > MOST_EXACT_BITS:
        return ar.integer_power(ar.lift(base), exponent)
    if exponent < 0:
        base, exponent = 1 / Fraction(base), -exponent
    return kept(ar, base**exponent)


def _box_power(ar: Arithmetic, base: Box, exponent: int) -> Known:
    if exponent < 0:
        return reciprocal(ar, _box_power(ar, base, -exponent))
    if exponent.bit_length() > 256:
        raise OverBudget
    ar.spend(8 * exponent.bit_length() * ar.product_cost())
    result: Known = 1
    for digit in bin(exponent)[2:]:
        result = multiply(ar, result, result)
        if digit == "1":
            result = multiply(ar, result, base)
    return result


def _rational_power(ar: Arithmetic, base: int | Fraction | Real, exponent: Fraction) -> Known:
    """A real base to a fraction; of a negative one with an odd root, the real value."""
    above, below = exponent.numerator, exponent.denominator
    if below == 2:
        return _whole_power(ar, square_root(ar, base), above)
    if not isinstance(base, tuple):
        if not base:
            if above < 0:
                raise Undefined
            return 0
        root = _exact_root(ar, base if base > 0 else -base, below)
        if root is not None and (base > 0 or below & 1):
            return _whole_power(ar, root if base > 0 else -root, above)
        base = ar.lift(base)
    low, high = base
    if low > ZERO:
        return _positive_power(ar, base, exponent)
    if low == high == ZERO:
        return _rational_power(ar, 0, exponent)
    if high >= ZERO:
        return _power_about_zero(ar, base, exponent)
    size = _positive_power(ar, ar.negate(base), exponent)
    if below & 1:
        return ar.negate(size) if above & 1 else size
    sine, cosine = ar.sine_cosine(ar.multiply(ar.pi(), ar.lift(exponent % 2)))
    return flat(ar.multiply(size, cosine), ar.multiply(size, sine))


def _positive_power(ar: Arithmetic, base: Real, exponent: Fraction) -> Real:
    above, below = exponent.numerator, exponent.denominator
    if below <= _MOST_INDEX and abs(above) <= _MOST_INDEX:
        return ar.integer_power(ar.root(base, below), above)
    return ar.exponential(ar.multiply(ar.logarithm(base), ar.lift(exponent)))


def _power_about_zero(ar: Arithmetic, base: Real, exponent: Fraction) -> Known:
    """The power of an interval that touches zero, which may well be zero."""
    if exponent < 0:
        raise Imprecise
    below, above = (
        _positive_power(ar, (end, end), exponent)[1] if end > ZERO else ZERO
        for end in (base[0].copy_negate(), base[1])
    )
    largest = max(below, above)
    if not exponent.denominator & 1:
        disc: Real = (largest.copy_negate(), largest)
        return Box(disc, disc) if below else (ZERO, above)
    return (below.copy_negate(), above) if exponent.numerator & 1 else (ZERO, largest)


def _transcendental_power(ar: Arithmetic, base: Known, exponent: Real | Box) -> Known:
    if not isinstance(base, (tuple, Box)):
        if not base:
            if sign_of(exponent.real if isinstance(exponent, Box) else exponent) <= 0:
                raise Undefined
            return 0
        if base == 1:
            return 1
    return exponential(ar, multiply(ar, exponent, logarithm(ar, base)))
