"""Digits of the elementary functions at one decimal point, with a bound on what they are off by.

`Context.exp` and `Context.ln` are correctly rounded, but 10 times slower at 300 digits than the
series here, which run on whole numbers of a fixed binary scale.
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
from functools import lru_cache

__all__ = [
    "GUARD",
    "LIBRARY_DIGITS",
    "arctangent",
    "contexts_of",
    "exponential",
    "logarithm",
    "pi",
    "root",
    "sine_cosine",
    "whole_root",
]

TWO = Decimal(2)
HALF = Decimal("0.5")

GUARD = 12
"""Digits that are computed beyond those asked for."""

LIBRARY_DIGITS = 70
"""Up to so many digits the decimal module is the faster one."""

_MOST_KEPT = 512
# golds are met again and again, and what they are made of more often still

_MOST_EXPONENT = 1_000_000
_BITS_PER_DIGIT = 3.3220
_LOG_TEN = math.log(10)


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


def contexts_of(digits: int) -> _Contexts:
    found = _contexts.get(digits)
    if found is None:
        if len(_contexts) >= _MOST_CACHED:
            _contexts.clear()
        found = _contexts[digits] = _Contexts(digits)
    return found


def root(x: Decimal, index: int, context: Context) -> Decimal:
    """The root of x > 0, off by less than one unit in the last of the context's places."""
    if index == 2 and context.prec <= LIBRARY_DIGITS:
        return context.sqrt(x)
    # enough digits before the point, and an exponent left behind that the index divides
    shift = index * (context.prec + 2) - x.adjusted()
    shift += -shift % index
    wide = contexts_of(index * (context.prec + 4)).down
    root = whole_root(int(wide.scaleb(x, shift)), index)
    return context.scaleb(context.plus(Decimal(root)), -shift // index)


def whole_root(x: int, index: int) -> int:
    """The largest integer whose power is at most x > 0, by Newton's method from above."""
    if index == 2:
        return math.isqrt(x)
    spare = max(x.bit_length() // index - 52, 0)
    guess = int(2.0 ** (math.log2(x >> spare * index) / index))
    root = guess + (guess >> 40) + 1 << spare
    while True:
        better = ((index - 1) * root + x // root ** (index - 1)) // index
        if better >= root:
            return root
        root = better


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


@lru_cache(maxsize=_MOST_KEPT)
def exponential(x: Decimal, digits: int) -> Decimal:
    """e**x, off by less than 100 units in the last of `digits` places."""
    if digits <= LIBRARY_DIGITS:
        return contexts_of(digits).near.exp(x)
    context = contexts_of(digits + GUARD).near
    log_ten = _log_ten(digits + GUARD)
    tens = int(context.to_integral_value(context.divide(x, log_ten)))
    rest = context.subtract(x, context.multiply(log_ten, Decimal(tens)))
    places = _places(digits)
    unit = Decimal(1 << places)
    sine, cosine = _odd_series(int(context.multiply(rest, unit)), places, 1)
    return context.scaleb(context.divide(Decimal(sine + cosine), unit), tens)


@lru_cache(maxsize=_MOST_KEPT)
def logarithm(x: Decimal, digits: int) -> Decimal:
    """ln x for x > 0, off by less than 100 units of the place `digits` of max(1, |ln x|)."""
    if digits < 16:
        tens = x.adjusted()
        mantissa = float(x.scaleb(-tens, contexts_of(17).near))
        return Decimal.from_float(math.log(mantissa) + tens * _LOG_TEN)
    context = contexts_of(digits + 8).near
    guess = logarithm(x, digits // 3 if digits > 48 else 15)
    power = exponential(guess, digits + 8)
    z = context.divide(context.subtract(x, power), context.add(x, power))
    return context.add(guess, context.multiply(TWO, _arc_series(z, context, 1)))


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


@lru_cache(maxsize=_MOST_KEPT)
def arctangent(x: Decimal, digits: int) -> Decimal:
    """arctan x, off by less than 100 units of the place `digits`."""
    if digits < 16:
        return Decimal.from_float(math.atan(float(x)))
    context = contexts_of(digits + 8).near
    guess = arctangent(x, digits // 3 if digits > 48 else 15)
    sine, cosine = sine_cosine(guess, digits + 8)
    rest = context.subtract(context.multiply(x, cosine), sine)
    z = context.divide(rest, context.add(cosine, context.multiply(x, sine)))
    return context.add(guess, _arc_series(z, context, -1))


@lru_cache(maxsize=_MOST_KEPT)
def sine_cosine(x: Decimal, digits: int) -> tuple[Decimal, Decimal]:
    """sin x and cos x, off by less than 100 units of the place `digits`."""
    context = contexts_of(digits + max(x.adjusted(), 0) + 8).near
    places = _places(digits)
    unit = Decimal(1 << places)
    quarter = context.multiply(HALF, pi(context.prec))
    turns = int(context.to_integral_value(context.divide(x, quarter)))
    rest = context.subtract(x, context.multiply(quarter, Decimal(turns))) if turns else x
    sine, cosine = _odd_series(int(context.multiply(rest, unit)), places, -1)
    short = contexts_of(digits + 4).near
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
        context = contexts_of(rounded + 4).near
        found = context.divide(Decimal(scaled), Decimal(1 << places))
        if len(_constants) >= _MOST_CACHED:
            _constants.clear()
        _constants[name, rounded] = found
    return found


def pi(digits: int) -> Decimal:
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
