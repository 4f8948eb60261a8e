"""Building sums, products and powers, with exact rationals folded as they come."""

from fractions import Fraction
from math import ceil, comb, factorial, floor, isqrt

from crossthink_data.rewards.lexer import NotUnderstood
from crossthink_data.rewards.nodes import (
    Bracketed,
    Call,
    Constant,
    Matrix,
    Node,
    Number,
    Power,
    Product,
    Quantity,
    Rational,
    Sum,
    Symbol,
)

__all__ = ["call", "negative", "power", "product", "quotient", "radians", "total"]

MOST_BITS = 25_000
"""Largest integer that is written out; greater powers stay powers."""

_MOST_FACTORIAL = 2500
_HALF = Fraction(1, 2)


def plain(value: Rational) -> Rational:
    """An integer as an int, any other rational as it is."""
    if type(value) is Fraction and value.denominator == 1:
        return value.numerator
    return value


def total(terms: list[Node]) -> Node:
    """The sum of terms; rational ones are added up."""
    if len(terms) == 1:
        return terms[0]
    units = {term.unit for term in terms if type(term) is Quantity}
    if units:
        return _total_of_quantities(terms, units)
    rational: Rational = 0
    others: list[Node] = []
    for term in terms:
        if type(term) is Number:
            rational += term.value
        else:
            others.append(term)
    if not others:
        return Number(plain(rational))
    if rational:
        others.append(Number(plain(rational)))
    return others[0] if len(others) == 1 else Sum(others)


def _total_of_quantities(terms: list[Node], units: set[str]) -> Node:
    if len(units) > 1 or not all(type(term) is Quantity for term in terms):
        raise NotUnderstood
    values = [term.value for term in terms if type(term) is Quantity]
    return Quantity(total(values), units.pop())


def product(factors: list[Node]) -> Node:
    """The product of factors; rational ones are multiplied out."""
    if len(factors) == 1:
        return factors[0]
    rational: Rational = 1
    others: list[Node] = []
    vectors: list[Matrix | Bracketed] = []
    unit = ""
    for factor in factors:
        if type(factor) is Quantity:
            if unit:
                raise NotUnderstood
            unit, factor = factor.unit, factor.value
        if type(factor) is Number:
            rational *= factor.value
        elif type(factor) is Product:
            others.extend(factor.factors)
        elif isinstance(factor, Matrix | Bracketed):
            vectors.append(factor)
        else:
            others.append(factor)
    rational = plain(rational)
    if vectors:
        return _scaled(vectors, [Number(rational), *others])
    if not rational and all(_has_value(other) for other in others):
        others = []
    if not others or rational != 1:
        others.insert(0, Number(rational))
    node = others[0] if len(others) == 1 else Product(others)
    return Quantity(node, unit) if unit else node


def _has_value(node: Node) -> bool:
    """Whether nothing in the node can lack a value, as the logarithm of zero does."""
    if type(node) is Sum:
        return all(map(_has_value, node.terms))
    if type(node) is Power:
        return _has_value(node.base) and type(node.exponent) is Number
    return type(node) is Symbol or (type(node) is Constant and node.name != "infinity")


def _scaled(vectors: list[Matrix | Bracketed], scalars: list[Node]) -> Node:
    """A vector or matrix by a scalar, entry by entry; products of several stay as they are."""
    if len(vectors) > 1:
        return Product([*scalars, *vectors])
    vector = vectors[0]
    if type(vector) is Matrix:
        return Matrix([[product([*scalars, entry]) for entry in row] for row in vector.rows])
    assert type(vector) is Bracketed
    if vector.left == "{":
        raise NotUnderstood
    return Bracketed(vector.left, vector.right, [product([*scalars, x]) for x in vector.items])


def negative(node: Node) -> Node:
    """Minus `node`."""
    if type(node) is Number:
        return Number(-node.value)
    return product([Number(-1), node])


def quotient(numerator: Node, denominator: Node) -> Node:
    """`numerator` by `denominator`; NotUnderstood for a division by the number zero."""
    if type(denominator) is Number:
        if not denominator.value:
            raise NotUnderstood
        if type(numerator) is Number:
            return Number(plain(Fraction(numerator.value, denominator.value)))
        return product([Number(plain(Fraction(1, denominator.value))), numerator])
    return product([numerator, power(denominator, Number(-1))])


def power(base: Node, exponent: Node) -> Node:
    """`base ** exponent`, written out where both are rational and the result is one of size."""
    if type(base) is Quantity:
        raise NotUnderstood
    if type(exponent) is Quantity:
        raise NotUnderstood
    if type(exponent) is Number:
        if exponent.value == 1:
            return base
        if type(base) is Number:
            folded = _rational_power(base.value, exponent.value)
            if folded is not None:
                return Number(folded)
        elif type(base) is Power and type(exponent.value) is int:
            inner = base.exponent
            if type(inner) is Number:
                return power(base.base, Number(plain(inner.value * exponent.value)))
    return Power(base, exponent)


def _rational_power(base: Rational, exponent: Rational) -> Rational | None:
    if isinstance(exponent, Fraction):
        return _root(base) if exponent == _HALF and base >= 0 else None
    if not base and exponent <= 0:
        raise NotUnderstood
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if base not in (0, 1, -1) and bits * abs(exponent) > MOST_BITS:
        return None
    if base in (1, -1):
        return base if exponent % 2 else 1
    return plain(Fraction(Fraction(base) ** exponent))


def _root(value: Rational) -> Rational | None:
    """The square root where it is rational."""
    above, below = isqrt(value.numerator), isqrt(value.denominator)
    if above * above == value.numerator and below * below == value.denominator:
        return plain(Fraction(above, below))
    return None


def radians(node: Node) -> Node:
    """An angle as functions take it: degrees are turned into radians."""
    if type(node) is Quantity:
        if node.unit != "°":
            raise NotUnderstood
        return product([Number(Fraction(1, 180)), node.value, Constant("pi")])
    return node


def call(name: str, arguments: list[Node]) -> Node:
    """A function of its arguments, worked out where all are rational and the result is exact."""
    if len(arguments) != 2 if name == "binom" else not arguments:
        raise NotUnderstood
    values = [argument.value for argument in arguments if type(argument) is Number]
    if len(values) != len(arguments):
        return Call(name, arguments)
    folded = _folded(name, values)
    return Call(name, arguments) if folded is None else Number(folded)


def _folded(name: str, values: list[Rational]) -> Rational | None:
    first = values[0]
    if name == "abs":
        return -first if first < 0 else first
    if name == "floor":
        return floor(first)
    if name == "ceil":
        return ceil(first)
    if name in ("max", "min"):
        return max(values, key=Fraction) if name == "max" else min(values, key=Fraction)
    if name == "factorial" and type(first) is int and 0 <= first <= _MOST_FACTORIAL:
        return factorial(first)
    if name == "binom" and type(first) is int and type(values[1]) is int:
        few = 0 <= values[1] <= first <= _MOST_FACTORIAL
        return comb(first, values[1]) if few or 0 <= values[1] < 20 <= first < 10**12 else None
    return None
