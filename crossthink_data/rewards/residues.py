r"""Expressions evaluated at random residues modulo a large prime: a fingerprint of their value.

Rational functions are equal exactly when their values at a random point agree, but for a chance of
degree / 2**125 (Schwartz 1980, Zippel 1979). The prime is one modulo 8 and modulo every odd prime
to 97, so that i and the square roots of 2 to 97 are residues themselves, and surds need no other
arithmetic. What has identities of its own (a sine, a cube root) becomes one more random value: then
equal fingerprints still mean equal values, but different ones prove nothing.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

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
    Rational,
    Sum,
    Symbol,
)

__all__ = ["KNOWN", "PRIME", "Residue", "height", "residue"]

PRIME = 0x22B0B989F29DD0AB2F35E617E15D42F9
"""5 * 8 * (product of the odd primes to 97) + 1, a prime of 126 bits."""

_ORDER = PRIME - 1
_LARGE_BITS = 100
_LARGEST_FACTOR = 1000
KNOWN = frozenset(
    f"{arc}{name}{h}"
    for arc in ("", "arc")
    for name in ("sin", "cos", "tan", "cot", "sec", "csc")
    for h in ("", "h")
) | {"ln", "log", "abs", "floor", "ceil", "factorial", "binom", "max", "min", "re", "im", "arg"}


class Residue(NamedTuple):
    """`value` modulo PRIME. Different values prove inequality only if `conclusive`; an `opaque`
    expression has no numeric value to fall back on. With `large` numbers in it equal values prove
    nothing either: a multiple of the prime can be written down."""

    value: int
    conclusive: bool
    opaque: bool
    large: bool


def residue(node: Node) -> Residue:
    """The fingerprint of a scalar. NotUnderstood for other nodes and divisions by zero."""
    reader = _Reader()
    return Residue(reader.read(node), reader.conclusive, reader.opaque, reader.large)


def height(node: Node) -> int:
    """Bits that the largest coefficient may have when an expression is multiplied out.

    Below the bits of PRIME no coefficient is a multiple of it.
    """
    if type(node) is Number:
        return node.value.numerator.bit_length() + node.value.denominator.bit_length() - 1
    if type(node) is Sum:
        return max(map(height, node.terms)) + len(node.terms).bit_length()
    if type(node) is Product:
        return sum(map(height, node.factors))
    if type(node) is Power:
        exponent = node.exponent.value if type(node.exponent) is Number else 1
        return (height(node.base) + 1) * (abs(exponent.numerator) if exponent else 1)
    return 1


class _Reader:
    __slots__ = ("conclusive", "large", "opaque")

    def __init__(self) -> None:
        self.conclusive = True
        self.opaque = False
        self.large = False

    def read(self, node: Node) -> int:
        reader = _READERS.get(type(node))
        if reader is None:
            raise NotUnderstood
        return reader(self, node)

    def atom(self, key: str) -> int:
        """A random value for what has identities that residues do not know."""
        self.conclusive = False
        return _random(key)


def _number(reader: _Reader, node: Node) -> int:
    assert type(node) is Number
    value = node.value
    if type(value) is int:
        if value.bit_length() > _LARGE_BITS:
            reader.large = True
        return value % PRIME
    if value.numerator.bit_length() + value.denominator.bit_length() > _LARGE_BITS:
        reader.large = True
    return value.numerator * _inverse(value.denominator % PRIME) % PRIME


def _constant(reader: _Reader, node: Node) -> int:
    assert type(node) is Constant
    if node.name == "i":
        return _square_root(_ORDER)
    if node.name == "infinity":
        reader.opaque = True
    return _random(f"constant {node.name}")


def _symbol(reader: _Reader, node: Node) -> int:
    assert type(node) is Symbol
    return _random(f"symbol {node.name}")


def _sum(reader: _Reader, node: Node) -> int:
    assert type(node) is Sum
    value = 0
    for term in node.terms:
        value += reader.read(term)
    return value % PRIME


def _product(reader: _Reader, node: Node) -> int:
    assert type(node) is Product
    value = 1
    for factor in node.factors:
        value = value * reader.read(factor) % PRIME
    return value


def _power(reader: _Reader, node: Node) -> int:
    assert type(node) is Power
    exponent = node.exponent
    if type(exponent) is not Number:
        base = reader.read(node.base)
        return reader.atom(f"power {base} {reader.read(exponent)}")
    number = exponent.value
    if type(number) is int:
        if number.bit_length() > _LARGE_BITS // 2:
            reader.large = True  # Fermat: any base to the power of PRIME - 1 is 1
        base = reader.read(node.base)
        return _inverse(base) if number == -1 else _whole_power(base, number)
    if number.denominator == 2 and type(node.base) is Number:
        root = _rational_root(reader, node.base.value)
    else:
        root = reader.atom(f"root {number.denominator} {reader.read(node.base)}")
    return _whole_power(root, number.numerator)


def _whole_power(base: int, exponent: int) -> int:
    if not base:
        if exponent <= 0:
            raise NotUnderstood
        return 0
    return pow(base, exponent % _ORDER, PRIME)


def _inverse(value: int) -> int:
    if not value:
        raise NotUnderstood
    return pow(value, -1, PRIME)


def _rational_root(reader: _Reader, value: Rational) -> int:
    """The square root of a rational: of numerator times denominator, by the denominator."""
    whole = value.numerator * value.denominator
    root = 1
    if whole < 0:
        root = _square_root(_ORDER)
        whole = -whole
    if whole.bit_length() > 64:
        return root * reader.atom(f"root 2 {value.numerator}/{value.denominator}") % PRIME
    for prime, power in _factors(whole):
        root = root * pow(prime, power // 2, PRIME) % PRIME
        if power % 2:
            known = _square_root(prime)
            if not known or prime > _LARGEST_FACTOR**2:
                known = reader.atom(f"root 2 {prime}")
            root = root * known % PRIME
    return root * _inverse(value.denominator % PRIME) % PRIME


@lru_cache(maxsize=1024)
def _factors(whole: int) -> tuple[tuple[int, int], ...]:
    """Prime factors to 1,000 with their powers, and what is left as one more."""
    found: list[tuple[int, int]] = []
    factor = 2
    while factor <= _LARGEST_FACTOR and factor * factor <= whole:
        power = 0
        while not whole % factor:
            whole //= factor
            power += 1
        if power:
            found.append((factor, power))
        factor += 1 if factor == 2 else 2
    if whole > 1:
        found.append((whole, 1))
    return tuple(found)


@lru_cache(maxsize=1024)
def _square_root(value: int) -> int:
    """A square root modulo PRIME, zero where there is none (Tonelli 1891, Shanks 1973)."""
    if pow(value, _ORDER // 2, PRIME) != 1:
        return 0
    odd, twos = _ORDER, 0
    while not odd % 2:
        odd //= 2
        twos += 1
    # 101 is no residue of this prime.
    generator = pow(_NON_RESIDUE, odd, PRIME)
    root = pow(value, (odd + 1) // 2, PRIME)
    rest = pow(value, odd, PRIME)
    while rest != 1:
        power, square = 0, rest
        while square != 1:
            square = square * square % PRIME
            power += 1
        step = pow(generator, 1 << (twos - power - 1), PRIME)
        root = root * step % PRIME
        generator = step * step % PRIME
        rest = rest * generator % PRIME
        twos = power
    return root


def _call(reader: _Reader, node: Node) -> int:
    assert type(node) is Call
    if node.name not in KNOWN:
        reader.opaque = True
    arguments = " ".join(str(reader.read(argument)) for argument in node.arguments)
    return reader.atom(f"call {node.name} {arguments}")


def _collection(reader: _Reader, node: Node) -> int:
    """A vector or matrix inside an expression: known only by its entries."""
    reader.opaque = True
    if type(node) is Matrix:
        rows = [" ".join(str(reader.read(entry)) for entry in row) for row in node.rows]
        return reader.atom(f"matrix {';'.join(rows)}")
    assert type(node) is Bracketed
    items = " ".join(str(reader.read(item)) for item in node.items)
    return reader.atom(f"{node.left}{items}{node.right}")


@lru_cache(maxsize=8192)
def _random(key: str) -> int:
    digest = blake2b(key.encode("utf-8", "backslashreplace"), digest_size=32).digest()
    return int.from_bytes(digest, "big") % PRIME


_NON_RESIDUE = next(n for n in range(101, 1000) if pow(n, _ORDER // 2, PRIME) == _ORDER)

_READERS: dict[type, Callable[[_Reader, Node], int]] = {
    Number: _number,
    Constant: _constant,
    Symbol: _symbol,
    Sum: _sum,
    Product: _product,
    Power: _power,
    Call: _call,
    Matrix: _collection,
    Bracketed: _collection,
}
