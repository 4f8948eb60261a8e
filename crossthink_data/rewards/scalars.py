"""Whether two expressions have the same value, for every value of their variables."""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from hashlib import blake2b
from math import floor

from crossthink_data.rewards.enclosure import (
    Allowance,
    OverBudget,
    Undefined,
    approximate,
    compare_values,
    enclose,
)
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
    Relation,
    Sequence,
    Sum,
    Symbol,
)
from crossthink_data.rewards.residues import KNOWN, Residue, height, residue
from crossthink_data.rewards.verdict import RIGHT

__all__ = [
    "BOUND",
    "OPAQUE",
    "ParsedGold",
    "is_infinite",
    "renamed",
    "restates",
    "same_value",
    "symbols_of",
    "walk",
    "with_symbol",
]

OPAQUE = "acc:unevaluated"
"""What `same_value` says of expressions that differ in form and have no value to compare."""


class Work:
    """What the judging of one answer shares: fingerprints of the gold, and the steps allowed."""

    __slots__ = ("allowance", "fingerprints", "gold", "own", "seen")

    def __init__(self, gold: "ParsedGold | None" = None) -> None:
        self.gold = gold  # kept, so that its nodes live
        self.fingerprints = {} if gold is None else gold.fingerprints
        self.own = _NO_NODES if gold is None else gold.own
        self.seen: dict[int, tuple[Node, Residue]] = {}
        self.allowance = Allowance(_STEPS_OF_ONE_ANSWER)

    def fingerprint(self, node: Node) -> Residue:
        """The residue of a node, worked out once. NotUnderstood for what has none."""
        key = id(node)
        known = self.fingerprints.get(key)
        if known is not None:
            return known
        if key in self.own:
            known = self.fingerprints[key] = residue(node)
            return known
        kept = self.seen.get(key)
        if kept is None:
            kept = self.seen[key] = (node, residue(node))  # with the node, so that it lives
        return kept[1]


class ParsedGold:
    """A gold as a tree, with the fingerprints of its nodes, worked out when first asked for."""

    __slots__ = ("fingerprints", "node", "own")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.fingerprints: dict[int, Residue] = {}
        # Nodes that are made for one comparison die, and others take their ids.
        self.own = frozenset(map(id, walk(node)))


BOUND = "·"
"""The name of a variable that is bound: that of a set `{x | condition}`."""

_TRIALS = ((1, 3), (4, 30), (-3, -1), (Fraction(1, 10), Fraction(9, 10)))
_BELOW_ZERO = 2  # the trial whose range lies there
_WIDE = (-50, 50)
_ENOUGH = 3
_STEPS = 9973
_STEPS_OF_ONE_ANSWER = 50_000
_NO_NODES: frozenset[int] = frozenset()
_COUNTING = frozenset(("factorial", "binom"))
_STEPPED = frozenset(("floor", "ceil", "mod"))  # constant for a while, and jump at whole numbers
_BENT = frozenset(("max", "min", "abs"))  # straight for a while
_BRANCHED = frozenset(("ln", "log", "arcsin", "arccos", "arctanh", "arcsec", "arccsc", "arccosh"))
_CHANGING = _STEPPED | _BENT | {"arcsin", "arccos", "arctan", "arccot", "arcsec", "arccsc"}
_FARTHEST = 10**12
_MOST_LANDMARKS = 3
_HALF = Fraction(1, 2)
_MOST_HEIGHT = 110
_FEW_DIGITS = 15
_WAVES = frozenset(("sin", "cos", "tan"))
_WHOLE_LETTERS = frozenset("kmn")
_WHOLE_POINTS = (*range(1, 13), 20, 33, 50)
_STEPPED_TRIALS = 12
_BENT_TRIALS = 2


def same_value(gold: Node, answer: Node, work: Work) -> str:
    """RIGHT when two scalars are equal, else `acc:not_equal` or why it could not be told.

    Rationals are compared exactly, then fingerprints; where those prove nothing, enclosures of the
    values at random points decide.
    """
    if type(gold) is Number and type(answer) is Number:
        return RIGHT if gold.value == answer.value else "acc:not_equal"
    try:
        known, other = work.fingerprint(gold), work.fingerprint(answer)
    except NotUnderstood:
        return "acc:not_understood"
    if known.value == other.value and _proves(gold, known, answer, other):
        return RIGHT
    if known.value != other.value and known.conclusive and other.conclusive:
        return "acc:not_equal"
    if known.opaque or other.opaque:
        return OPAQUE
    return _numerically(gold, answer, work.allowance)


def _proves(gold: Node, known: Residue, answer: Node, other: Residue) -> bool:
    """Whether equal fingerprints prove that two expressions have the same value.

    Not where multiples of the prime may be in them, and not where the answer may have no value:
    infinity less infinity, zero times the logarithm of zero.
    """
    if known.large or other.large:
        return False
    sums = any(type(inner) is Sum for node in (gold, answer) for inner in walk(node))
    if sums and max(height(gold), height(answer)) > _MOST_HEIGHT:
        return False
    sure = known.conclusive and other.conclusive and not other.opaque
    return sure or _has_value(answer)


def _has_value(answer: Node) -> bool:
    """Whether an expression with functions or infinities in it has a value, or may have one."""
    if is_infinite(answer):
        return type(answer) is Constant or _is_minus_infinity(answer)
    if symbols_of(answer):
        return True
    try:
        enclose(answer, {}, _FEW_DIGITS)
    except Undefined:
        return restates(answer) or not _is_known(answer)
    except OverBudget:
        return True
    return True


def _is_minus_infinity(node: Node) -> bool:
    if type(node) is not Product or len(node.factors) != 2:
        return False
    sign, rest = node.factors
    return type(sign) is Number and sign.value == -1 and type(rest) is Constant


def _is_known(node: Node) -> bool:
    """Whether all that is called has values; unknown functions are compared by their form."""
    return all(type(inner) is not Call or inner.name in KNOWN for inner in walk(node)) and not any(
        isinstance(inner, Bracketed | Matrix) for inner in walk(node)
    )


def _numerically(gold: Node, answer: Node, allowance: Allowance) -> str:
    if allowance.left <= 0:
        return "acc:over_budget"
    names = sorted(symbols_of(gold) | symbols_of(answer))
    if not names:
        return _REASONS[compare_values(gold, answer, {}, allowance)]
    agreed = 0
    agreed_above_zero = apart = False
    reason = "acc:not_understood"
    points = _points(gold, answer, names)
    enough = _ENOUGH if len(points) == len(_TRIALS) else len(points)
    for trial, point in enumerate(points):
        above_zero = trial != _BELOW_ZERO
        # Identities hold where both sides are real: ln x^2 = 2 ln x needs a positive x.
        if trial and approximate(gold, point, allowance) is None:
            continue
        if trial and approximate(answer, point, allowance) is None:
            apart = apart or above_zero
            continue
        outcome = compare_values(gold, answer, point, allowance)
        if outcome == "different" and not trial and _branched(gold, answer):
            ours, theirs = (approximate(node, point, allowance) for node in (gold, answer))
            if ours is None or theirs is None:
                apart = apart or ours is not None
                continue
        if outcome == "different":
            whole = _equal_when_whole(gold, answer, names, allowance)
            return RIGHT if whole else "acc:not_equal"
        if outcome == "over_budget":
            reason = "acc:over_budget"
            if len(points) > len(_TRIALS):
                return reason  # there they may differ
        if outcome == "equal":
            agreed += 1
            agreed_above_zero = agreed_above_zero or above_zero
        if agreed == enough:
            break
    return RIGHT if agreed_above_zero or (agreed and not apart) else reason


def _equal_when_whole(gold: Node, answer: Node, names: list[str], allowance: Allowance) -> bool:
    """Whether two expressions in k, m, n agree at whole numbers, as `cos(n pi)` and `(-1)^n` do.

    These letters count by custom, but only what has to do with counting is given the benefit.
    """
    if not _WHOLE_LETTERS.issuperset(names) or not (_counts(gold) or _counts(answer)):
        return False
    ours, theirs = symbols_of(gold), symbols_of(answer)
    if not (ours <= theirs or theirs <= ours):
        return False
    inner = [*walk(gold), *walk(answer)]
    if any(type(node) is Call and node.name in _COUNTING for node in inner):
        return False  # they have been compared at whole numbers
    for whole in [*map(Fraction, _WHOLE_POINTS), *_landmarks(inner, whole=True)]:
        point = {name: whole + 7 * place for place, name in enumerate(names)}
        if compare_values(gold, answer, point, allowance) != "equal":
            return False
    return True


def _branched(gold: Node, answer: Node) -> bool:
    """Whether a function is called that is real in places only, as artanh is between -1 and 1."""
    return any(
        type(inner) is Call and inner.name in _BRANCHED
        for node in (gold, answer)
        for inner in walk(node)
    )


def _counts(node: Node) -> bool:
    return any(
        (type(inner) is Call and inner.name in _COUNTING | _STEPPED | _BENT | _WAVES)
        or (type(inner) is Power and type(inner.base) is Number and inner.base.value < 0)
        for inner in walk(node)
    )


def _points(gold: Node, answer: Node, names: list[str]) -> list[dict[str, Fraction]]:
    """Where two expressions are compared: in four ranges, and where their functions change.

    Steps, bends and branches lie where the numbers in the expressions put them: |x - 1000|.
    """
    inner = [*walk(gold), *walk(answer)]
    called = {node.name for node in inner if type(node) is Call}
    if called & _COUNTING:  # these have values at whole numbers only
        wholes = [*map(Fraction, (5, 6, 7, 8)), *_landmarks(inner, whole=True)]
        # In both orders: of m and n one is above the other in a binomial.
        return [
            {name: whole + 3 * place for place, name in enumerate(order)}
            for whole in wholes
            if whole >= 0
            for order in ([names, names[::-1]] if len(names) > 1 else [names])
        ]
    points = [{name: _coordinate(name, trial) for name in names} for trial in range(len(_TRIALS))]
    changes = called & _CHANGING or any(map(_is_even_root, inner))
    if not changes:
        return points
    places = _landmarks(inner, whole=False)
    if called & _STEPPED:
        places += [*map(Fraction, _WHOLE_POINTS[:3]), *_landmarks(inner, whole=True)]
    more = _STEPPED_TRIALS if called & _STEPPED else _BENT_TRIALS
    points += [
        {name: _coordinate(name, trial) for name in names}
        for trial in range(len(_TRIALS), len(_TRIALS) + more)
    ]
    return points + [{name: place + 3 * nth for nth, name in enumerate(names)} for place in places]


def _is_even_root(node: Node) -> bool:
    exponent = node.exponent if type(node) is Power else None
    return type(exponent) is Number and not exponent.value.denominator % 2


def _landmarks(nodes: list[Node], *, whole: bool) -> list[Fraction]:
    """Points beside and beyond the numbers that stand in expressions, a bounded number of them."""
    numbers = {
        abs(Fraction(node.value))
        for node in nodes
        if type(node) is Number and 0 < abs(Fraction(node.value)) < _FARTHEST
    }
    numbers |= {1 / number for number in numbers if number < 1}
    found: list[Fraction] = []
    for number in sorted(numbers, reverse=True)[:_MOST_LANDMARKS]:
        if whole:
            found += [Fraction(floor(number) + step) for step in (0, 1)]
            found.append(2 * Fraction(floor(number)) + 1)
        else:
            found += [sign * number + step for sign in (1, -1) for step in (_HALF, -_HALF)]
            found += [2 * number + _HALF, -2 * number - _HALF]
    return found


_REASONS = {
    "equal": RIGHT,
    "different": "acc:not_equal",
    "undefined": "acc:not_understood",
    "over_budget": "acc:over_budget",
}


@lru_cache(maxsize=4096)
def _coordinate(name: str, trial: int) -> Fraction:
    """A fixed, random-looking rational in the range of the trial."""
    low, high = _TRIALS[trial] if trial < len(_TRIALS) else _WIDE
    digest = blake2b(f"{trial} {name}".encode("utf-8", "backslashreplace"), digest_size=8).digest()
    step = int.from_bytes(digest, "big") % _STEPS
    return low + (Fraction(high) - low) * Fraction(step + 1, _STEPS + 1)


def walk(node: Node) -> list[Node]:
    """The node and all below it, but for the entries of matrices."""
    found = [node]
    for inner in found:
        kind = type(inner)
        if kind is Number or kind is Symbol:
            continue
        if isinstance(inner, Sum):
            found += inner.terms
        elif isinstance(inner, Product):
            found += inner.factors
        elif isinstance(inner, Power):
            found += (inner.base, inner.exponent)
        elif isinstance(inner, Call):
            found += inner.arguments
        elif isinstance(inner, Quantity):
            found.append(inner.value)
        elif isinstance(inner, Bracketed | Sequence):
            found += inner.items
        elif isinstance(inner, Relation):
            found += inner.sides
    return found


def symbols_of(node: Node) -> set[str]:
    """The names of the variables in a scalar."""
    return {inner.name for inner in walk(node) if type(inner) is Symbol}


def restates(node: Node) -> bool:
    """Whether an operator that states a problem is left in it: an integral, a sum, a gcd."""
    return any(type(inner) is Call and inner.name.startswith("\\") for inner in walk(node))


def renamed(node: Node, suffix: str) -> Node:
    """A copy with `suffix` behind the name of every variable: the same function elsewhere."""
    return _mapped(node, lambda symbol: Symbol(symbol.name + suffix))


def with_symbol(node: Node, name: str, other: Symbol) -> Node:
    """A copy with another variable in the place of the one called `name`."""
    return _mapped(node, lambda symbol: other if symbol.name == name else symbol)


def _mapped(node: Node, change: Callable[[Symbol], Node]) -> Node:
    if type(node) is Symbol:
        return change(node)
    if type(node) is Sum:
        return Sum([_mapped(term, change) for term in node.terms])
    if type(node) is Product:
        return Product([_mapped(factor, change) for factor in node.factors])
    if type(node) is Power:
        return Power(_mapped(node.base, change), _mapped(node.exponent, change))
    if type(node) is Call:
        return Call(node.name, [_mapped(argument, change) for argument in node.arguments])
    if type(node) is Relation:
        return Relation(node.operators, [_mapped(side, change) for side in node.sides])
    if type(node) is Sequence:
        return Sequence([_mapped(item, change) for item in node.items], node.parted)
    return node


def is_infinite(node: Node) -> bool:
    """Whether a scalar is infinity, of either sign."""
    return any(type(inner) is Constant and inner.name == "infinity" for inner in walk(node))
