"""The functions a call may name: trigonometric, hyperbolic, of integers, parts of a number."""

from collections.abc import Callable
from fractions import Fraction
from math import comb, factorial

from crossthink_data.rewards.intervals import (
    HALF,
    Arithmetic,
    Imprecise,
    OverBudget,
    Real,
    Undefined,
)
from crossthink_data.rewards.values import (
    IMAGINARY_UNIT,
    MOST_EXACT_BITS,
    Box,
    Known,
    absolute,
    add,
    argument,
    divide,
    exponential,
    flat,
    kept,
    logarithm,
    multiply,
    negate,
    real_of,
    reciprocal,
    sign_of,
    square_root,
    subtract,
)

__all__ = ["FUNCTIONS", "Operation"]

Operation = Callable[[Arithmetic, list[Known]], Known]

_MOST_FACTORIAL = 5_000


def sine(ar: Arithmetic, a: Known) -> Known:
    """sin a."""
    if isinstance(a, Box):
        (first, second), (growing, even) = ar.sine_cosine(a.real), _hyperbolic(ar, a.imaginary)
        return flat(ar.multiply(first, even), ar.multiply(second, growing))
    return ar.sine_cosine(real_of(ar, a))[0] if a else 0


def cosine(ar: Arithmetic, a: Known) -> Known:
    """cos a."""
    if isinstance(a, Box):
        (first, second), (growing, even) = ar.sine_cosine(a.real), _hyperbolic(ar, a.imaginary)
        return flat(ar.multiply(second, even), ar.negate(ar.multiply(first, growing)))
    return ar.sine_cosine(real_of(ar, a))[1] if a else 1


def tangent(ar: Arithmetic, a: Known) -> Known:
    """tan a."""
    if isinstance(a, Box):
        return divide(ar, sine(ar, a), cosine(ar, a))
    if not a:
        return 0
    first, second = ar.sine_cosine(real_of(ar, a))
    return ar.multiply(first, ar.reciprocal(second))


def cotangent(ar: Arithmetic, a: Known) -> Known:
    """cot a."""
    if isinstance(a, Box):
        return divide(ar, cosine(ar, a), sine(ar, a))
    if not a:
        raise Undefined
    first, second = ar.sine_cosine(real_of(ar, a))
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
    return _hyperbolic(ar, real_of(ar, a))[0] if a else 0


def hyperbolic_cosine(ar: Arithmetic, a: Known) -> Known:
    """cosh a."""
    if isinstance(a, Box):
        growing = exponential(ar, a)
        return _halved(ar, add(ar, growing, reciprocal(ar, growing)))
    return _hyperbolic(ar, real_of(ar, a))[1] if a else 1


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
        return ar.arctangent(real_of(ar, a)) if a else 0
    turned = _times_i(ar, a)
    below = logarithm(ar, subtract(ar, 1, turned))
    above = logarithm(ar, add(ar, 1, turned))
    return _halved(ar, _times_i(ar, subtract(ar, below, above)))


def arc_cotangent(ar: Arithmetic, a: Known) -> Known:
    """arccot a, between 0 and pi."""
    return subtract(ar, _halved(ar, ar.pi()), arc_tangent(ar, a))


def arc_hyperbolic_sine(ar: Arithmetic, a: Known) -> Known:
    """The principal arsinh a."""
    if not isinstance(a, Box) and a and sign_of(a) < 0:
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
    low, high = real_of(ar, a)
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
    return kept(ar, factorial(number))


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
    if min(below * above.bit_length(), above) > MOST_EXACT_BITS:
        raise OverBudget
    ar.spend(below * below >> 12)
    return kept(ar, comb(above, below))


def _largest(ar: Arithmetic, operands: list[Known]) -> Known:
    if not any(isinstance(operand, (tuple, Box)) for operand in operands):
        return max(operand for operand in operands if isinstance(operand, int | Fraction))
    intervals = [real_of(ar, operand) for operand in operands]
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
