"""Operations on known values: exact rationals, real intervals, and boxes in the complex plane.

Every operation holds the true value in what it gives back. Exact stays exact as long as it is
small; a box is used only where a value is off the real line.
"""

from collections.abc import Callable
from fractions import Fraction
from math import comb, factorial, isqrt, log2

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

__all__ = [
    "FUNCTIONS",
    "IMAGINARY_UNIT",
    "Box",
    "Known",
    "Operation",
    "exponential",
    "power",
    "product",
    "total",
]

_MOST_EXACT_BITS = 64_000
_MOST_FACTORIAL = 5_000
_POINT_ONE: Real = (ONE, ONE)


class Box:
    """A complex number: an interval for each part."""

    __slots__ = ("imaginary", "real")

    def __init__(self, real: Real, imaginary: Real) -> None:
        self.real = real
        self.imaginary = imaginary


Known = int | Fraction | Real | Box
Operation = Callable[[Arithmetic, list[Known]], Known]

IMAGINARY_UNIT = Box(NOTHING, _POINT_ONE)


def _kept(ar: Arithmetic, value: int | Fraction) -> Known:
    """The exact value itself while it is small, else an interval around it."""
    size = bits(value)
    if size <= 2000:
        return value
    ar.spend(size * size >> 18)
    return value if size <= _MOST_EXACT_BITS else ar.lift(value)


def _real(ar: Arithmetic, value: Known) -> Real:
    """The interval of a value that has to be real."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, Box):
        raise Undefined
    return ar.lift(value)


def _box(ar: Arithmetic, value: Known) -> Box:
    return value if isinstance(value, Box) else Box(_real(ar, value), NOTHING)


def _flat(real: Real, imaginary: Real) -> Known:
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
            return _flat(ar.add(a.real, b.real), ar.add(a.imaginary, b.imaginary))
        return Box(ar.add(a.real, _real(ar, b)), a.imaginary)
    if isinstance(b, (tuple, Box)):
        return add(ar, b, a)
    return _kept(ar, a + b)


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
        return _flat(ar.multiply(a, b.real), ar.multiply(a, b.imaginary))
    if isinstance(a, Box):
        if isinstance(b, Box):
            return _flat(
                ar.subtract(ar.multiply(a.real, b.real), ar.multiply(a.imaginary, b.imaginary)),
                ar.add(ar.multiply(a.real, b.imaginary), ar.multiply(a.imaginary, b.real)),
            )
        return multiply(ar, _real(ar, b), a) if b else 0
    if isinstance(b, (tuple, Box)):
        return multiply(ar, b, a)
    return _kept(ar, a * b)


def reciprocal(ar: Arithmetic, a: Known) -> Known:
    """1 / a."""
    if isinstance(a, tuple):
        return ar.reciprocal(a)
    if isinstance(a, Box):
        scale = ar.reciprocal(ar.add(ar.square(a.real), ar.square(a.imaginary)))
        return _flat(ar.multiply(a.real, scale), ar.negate(ar.multiply(a.imaginary, scale)))
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
        return ar.square_root(ar.add(ar.square(a.real), ar.square(a.imaginary)))
    return a if a >= 0 else -a


def exponential(ar: Arithmetic, a: Known) -> Known:
    """e^a."""
    if isinstance(a, Box):
        sine, cosine = ar.sine_cosine(a.imaginary)
        size = ar.exponential(a.real)
        return _flat(ar.multiply(size, cosine), ar.multiply(size, sine))
    if not a:
        return 1
    return ar.exponential(_real(ar, a))


def argument(ar: Arithmetic, a: Known) -> Known:
    """The angle of a, in (-pi, pi]."""
    if not isinstance(a, Box):
        sign = _sign(a)
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
        angle = _real(ar, argument(ar, a))
        size = ar.add(ar.square(a.real), ar.square(a.imaginary))
        return _flat(ar.multiply(ar.logarithm(size), (HALF, HALF)), angle)
    sign = _sign(a)
    if sign > 0:
        return 0 if not isinstance(a, tuple) and a == 1 else ar.logarithm(_real(ar, a))
    if not sign:
        raise Undefined
    size = ar.magnitude(_real(ar, a))
    return Box(NOTHING if size == _POINT_ONE else ar.logarithm(size), ar.pi())


def _sign(a: int | Fraction | Real) -> int:
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
            return ar.square_root(a)
        below = ar.square_root((max(high.copy_negate(), ZERO), low.copy_negate()))
        above = ar.square_root((ZERO, max(high, ZERO)))
        return Box(above, below)
    if isinstance(a, Box):
        return _box_root(ar, a)
    root = _exact_root(a if a >= 0 else -a, 2)
    if root is None:
        return square_root(ar, ar.lift(a))
    return root if a >= 0 else Box(NOTHING, ar.lift(root))


def _box_root(ar: Arithmetic, a: Box) -> Known:
    real, imaginary = a.real, a.imaginary
    size = ar.square_root(ar.add(ar.square(real), ar.square(imaginary)))
    crosses = imaginary[0] <= ZERO <= imaginary[1]
    if crosses and real[1] < ZERO:
        raise Imprecise
    half: Real = (HALF, HALF)
    if crosses and real[0] <= ZERO:
        if size[0] > ZERO:
            raise Imprecise
        # zero lies within: all roots are as small as the root of the largest size
        largest = ar.square_root(size)[1]
        return Box((ZERO, largest), (largest.copy_negate(), largest))
    if ar.near.add(real[0], real[1]) > ZERO:
        part = _root_of(ar, ar.multiply(half, ar.add(size, real)))
        return _flat(part, ar.multiply(ar.multiply(half, imaginary), ar.reciprocal(part)))
    part = _root_of(ar, ar.multiply(half, ar.subtract(size, real)))
    if imaginary[1] < ZERO:
        part = ar.negate(part)
    return _flat(ar.multiply(ar.multiply(half, imaginary), ar.reciprocal(part)), part)


def _root_of(ar: Arithmetic, a: Real) -> Real:
    """The square root of what is known to be positive, whatever its interval says."""
    return ar.square_root((max(a[0], ZERO), a[1]))


def _exact_root(a: int | Fraction, index: int) -> int | Fraction | None:
    """The rational root of a >= 0 where there is one; a huge one may be missed."""
    if isinstance(a, int):
        return _whole_root(a, index)
    below = _whole_root(a.denominator, index)
    if below is None:
        return None
    above = _whole_root(a.numerator, index)
    return None if above is None else Fraction(above, below)


def _whole_root(a: int, index: int) -> int | None:
    if index == 2:
        root = isqrt(a)
        return root if root * root == a else None
    if a < 2:
        return a
    if a.bit_length() > 40 * index or a.bit_length() <= index:
        return None
    guess = round(2.0 ** (log2(a) / index))
    return next((root for root in (guess, guess - 1, guess + 1) if root**index == a), None)


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
    if size > _MOST_EXACT_BITS:
        return ar.integer_power(ar.lift(base), exponent)
    if exponent < 0:
        base, exponent = 1 / Fraction(base), -exponent
    return _kept(ar, base**exponent)


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
        root = _exact_root(base if base > 0 else -base, below)
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
    return _flat(ar.multiply(size, cosine), ar.multiply(size, sine))


def _positive_power(ar: Arithmetic, base: Real, exponent: Fraction) -> Real:
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
            if _sign(exponent.real if isinstance(exponent, Box) else exponent) <= 0:
                raise Undefined
            return 0
        if base == 1:
            return 1
    return exponential(ar, multiply(ar, exponent, logarithm(ar, base)))


def sine(ar: Arithmetic, a: Known) -> Known:
    """sin a."""
    if isinstance(a, Box):
        (first, second), (growing, even) = ar.sine_cosine(a.real), _hyperbolic(ar, a.imaginary)
        return _flat(ar.multiply(first, even), ar.multiply(second, growing))
    return ar.sine_cosine(_real(ar, a))[0] if a else 0


def cosine(ar: Arithmetic, a: Known) -> Known:
    """cos a."""
    if isinstance(a, Box):
        (first, second), (growing, even) = ar.sine_cosine(a.real), _hyperbolic(ar, a.imaginary)
        return _flat(ar.multiply(second, even), ar.negate(ar.multiply(first, growing)))
    return ar.sine_cosine(_real(ar, a))[1] if a else 1


def tangent(ar: Arithmetic, a: Known) -> Known:
    """tan a."""
    if isinstance(a, Box):
        return divide(ar, sine(ar, a), cosine(ar, a))
    if not a:
        return 0
    first, second = ar.sine_cosine(_real(ar, a))
    return ar.multiply(first, ar.reciprocal(second))


def cotangent(ar: Arithmetic, a: Known) -> Known:
    """cot a."""
    if isinstance(a, Box):
        return divide(ar, cosine(ar, a), sine(ar, a))
    if not a:
        raise Undefined
    first, second = ar.sine_cosine(_real(ar, a))
    return ar.multiply(second, ar.reciprocal(first))


def _hyperbolic(ar: Arithmetic, a: Real) -> tuple[Real, Real]:
    """sinh and cosh."""
    growing = ar.exponential(a)
    shrinking = ar.reciprocal(growing)
    half: Real = (HALF, HALF)
    return (
        ar.multiply(half, ar.subtract(growing, shrinking)),
        ar.multiply(half, ar.add(growing, shrinking)),
    )


def hyperbolic_sine(ar: Arithmetic, a: Known) -> Known:
    """sinh a."""
    if isinstance(a, Box):
        growing = exponential(ar, a)
        return _halved(ar, subtract(ar, growing, reciprocal(ar, growing)))
    return _hyperbolic(ar, _real(ar, a))[0] if a else 0


def hyperbolic_cosine(ar: Arithmetic, a: Known) -> Known:
    """cosh a."""
    if isinstance(a, Box):
        growing = exponential(ar, a)
        return _halved(ar, add(ar, growing, reciprocal(ar, growing)))
    return _hyperbolic(ar, _real(ar, a))[1] if a else 1


def hyperbolic_tangent(ar: Arithmetic, a: Known) -> Known:
    """tanh a."""
    growing = exponential(ar, add(ar, a, a))
    return divide(ar, subtract(ar, growing, 1), add(ar, growing, 1))


def _halved(ar: Arithmetic, a: Known) -> Known:
    return multiply(ar, (HALF, HALF), a)


def _times_i(ar: Arithmetic, a: Known) -> Known:
    return multiply(ar, IMAGINARY_UNIT, a)


def arc_sine(ar: Arithmetic, a: Known) -> Known:
    """The principal arcsin a."""
    if not isinstance(a, (tuple, Box)) and not a:
        return 0
    root = square_root(ar, subtract(ar, 1, multiply(ar, a, a)))
    if isinstance(a, Box) or isinstance(root, Box):
        inner = logarithm(ar, add(ar, _times_i(ar, a), root))
        return negate(ar, _times_i(ar, inner))
    half = arc_tangent(ar, divide(ar, a, add(ar, 1, root)))
    return multiply(ar, 2, half)


def arc_cosine(ar: Arithmetic, a: Known) -> Known:
    """The principal arccos a."""
    if not isinstance(a, (tuple, Box)) and a == 1:
        return 0
    return subtract(ar, _halved(ar, ar.pi()), arc_sine(ar, a))


def arc_tangent(ar: Arithmetic, a: Known) -> Known:
    """The principal arctan a."""
    if not isinstance(a, Box):
        return ar.arctangent(_real(ar, a)) if a else 0
    turned = _times_i(ar, a)
    below = logarithm(ar, subtract(ar, 1, turned))
    above = logarithm(ar, add(ar, 1, turned))
    return _halved(ar, _times_i(ar, subtract(ar, below, above)))


def arc_cotangent(ar: Arithmetic, a: Known) -> Known:
    """arccot a, between 0 and pi."""
    return subtract(ar, _halved(ar, ar.pi()), arc_tangent(ar, a))


def arc_hyperbolic_sine(ar: Arithmetic, a: Known) -> Known:
    """The principal arsinh a."""
    if not isinstance(a, Box) and a and _sign(a) < 0:
        return negate(ar, arc_hyperbolic_sine(ar, negate(ar, a)))
    return logarithm(ar, add(ar, a, square_root(ar, add(ar, multiply(ar, a, a), 1))))


def arc_hyperbolic_cosine(ar: Arithmetic, a: Known) -> Known:
    """The principal arcosh a."""
    first = square_root(ar, subtract(ar, a, 1))
    second = square_root(ar, add(ar, a, 1))
    return logarithm(ar, add(ar, a, multiply(ar, first, second)))


def arc_hyperbolic_tangent(ar: Arithmetic, a: Known) -> Known:
    """The principal artanh a."""
    above = logarithm(ar, add(ar, 1, a))
    return _halved(ar, subtract(ar, above, logarithm(ar, subtract(ar, 1, a))))


def _floor(ar: Arithmetic, a: Known) -> Known:
    if not isinstance(a, (tuple, Box)):
        return a.__floor__()
    low, high = _real(ar, a)
    if max(low.adjusted(), high.adjusted()) > ar.digits:
        raise Imprecise
    below, above = low.__floor__(), high.__floor__()
    if below != above:
        raise Imprecise
    return below


def _ceiling(ar: Arithmetic, a: Known) -> Known:
    return negate(ar, _floor(ar, negate(ar, a)))


def _remainder(ar: Arithmetic, a: Known, b: Known) -> Known:
    if not isinstance(a, (tuple, Box)) and not isinstance(b, (tuple, Box)) and b:
        return a % b
    return subtract(ar, a, multiply(ar, b, _floor(ar, divide(ar, a, b))))


def _whole(a: Known) -> int:
    """The integer that a value exactly is, Undefined for any other value."""
    if isinstance(a, Fraction) and a.denominator == 1:
        return a.numerator
    if isinstance(a, int):
        return a
    raise Undefined


def _factorial(ar: Arithmetic, a: Known) -> Known:
    number = _whole(a)
    if number < 0:
        raise Undefined
    if number > _MOST_FACTORIAL:
        raise OverBudget
    ar.spend(number * number >> 14)
    return _kept(ar, factorial(number))


def _binomial(ar: Arithmetic, a: Known, b: Known) -> Known:
    above, below = _whole(a), _whole(b)
    if below < 0:
        return 0
    if above < 0:
        mirrored = _binomial(ar, below - above - 1, below)
        return negate(ar, mirrored) if below & 1 else mirrored
    if below > above:
        return 0
    below = min(below, above - below)
    if min(below * above.bit_length(), above) > _MOST_EXACT_BITS:
        raise OverBudget
    ar.spend(below * below >> 12)
    return _kept(ar, comb(above, below))


def _largest(ar: Arithmetic, operands: list[Known]) -> Known:
    if not any(isinstance(operand, (tuple, Box)) for operand in operands):
        return max(operand for operand in operands if isinstance(operand, int | Fraction))
    intervals = [_real(ar, operand) for operand in operands]
    return max(low for low, _ in intervals), max(high for _, high in intervals)


def _smallest(ar: Arithmetic, operands: list[Known]) -> Known:
    return negate(ar, _largest(ar, [negate(ar, operand) for operand in operands]))


def _logarithm_to(ar: Arithmetic, a: Known, base: Known) -> Known:
    return divide(ar, logarithm(ar, a), logarithm(ar, base))


def _real_part(ar: Arithmetic, a: Known) -> Known:
    return a.real if isinstance(a, Box) else a


def _imaginary_part(ar: Arithmetic, a: Known) -> Known:
    return a.imaginary if isinstance(a, Box) else 0


def _conjugate(ar: Arithmetic, a: Known) -> Known:
    return Box(a.real, ar.negate(a.imaginary)) if isinstance(a, Box) else a


def _one(function: Callable[[Arithmetic, Known], Known]) -> Operation:
    def of_one(ar: Arithmetic, operands: list[Known]) -> Known:
        if len(operands) != 1:
            raise Undefined
        return function(ar, operands[0])

    return of_one


def _two(function: Callable[[Arithmetic, Known, Known], Known]) -> Operation:
    def of_two(ar: Arithmetic, operands: list[Known]) -> Known:
        if len(operands) != 2:
            raise Undefined
        return function(ar, operands[0], operands[1])

    return of_two


def _inverted(function: Callable[[Arithmetic, Known], Known]) -> Operation:
    """1 / f(a)."""
    return _one(lambda ar, a: reciprocal(ar, function(ar, a)))


def _of_inverse(function: Callable[[Arithmetic, Known], Known]) -> Operation:
    """f(1 / a)."""
    return _one(lambda ar, a: function(ar, reciprocal(ar, a)))


FUNCTIONS: dict[str, Operation] = {
    "sin": _one(sine),
    "cos": _one(cosine),
    "tan": _one(tangent),
    "cot": _one(cotangent),
    "sec": _inverted(cosine),
    "csc": _inverted(sine),
    "arcsin": _one(arc_sine),
    "arccos": _one(arc_cosine),
    "arctan": _one(arc_tangent),
    "arccot": _one(arc_cotangent),
    "arcsec": _of_inverse(arc_cosine),
    "arccsc": _of_inverse(arc_sine),
    "sinh": _one(hyperbolic_sine),
    "cosh": _one(hyperbolic_cosine),
    "tanh": _one(hyperbolic_tangent),
    "coth": _inverted(hyperbolic_tangent),
    "sech": _inverted(hyperbolic_cosine),
    "csch": _inverted(hyperbolic_sine),
    "arcsinh": _one(arc_hyperbolic_sine),
    "arccosh": _one(arc_hyperbolic_cosine),
    "arctanh": _one(arc_hyperbolic_tangent),
    "arccoth": _of_inverse(arc_hyperbolic_tangent),
    "arcsech": _of_inverse(arc_hyperbolic_cosine),
    "arccsch": _of_inverse(arc_hyperbolic_sine),
    "ln": _one(logarithm),
    "log": _two(_logarithm_to),
    "abs": _one(absolute),
    "floor": _one(_floor),
    "ceil": _one(_ceiling),
    "factorial": _one(_factorial),
    "binom": _two(_binomial),
    "max": lambda ar, operands: _largest(ar, operands),
    "min": lambda ar, operands: _smallest(ar, operands),
    "re": _one(_real_part),
    "im": _one(_imaginary_part),
    "arg": _one(argument),
    "conj": _one(_conjugate),
    "mod": _two(_remainder),
}
"""The functions a `Call` may name, but for `pm`, which has two values."""
