"""Numbers with their units, exactly: `$5 million`, `4 atm`, `3 × 10^-5 mol/L`, `25%`, `500 BC`."""

import re
from fractions import Fraction

from crossthink_data.rewards.nodes import Rational
from crossthink_data.rewards.units import same_unit, unit_key
from crossthink_data.rewards.verdict import RIGHT

__all__ = ["Amount", "compare_amounts", "read_amount"]

_MOST_DIGITS = 400
_MOST_POWER = 400

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!,?\d)|\d{1,3}(?: \d{3})+(?!\d)|\d+)(?:\.\d*)?|\.\d+"
_AMOUNT = re.compile(
    r"(?:(?:about|approx(?:\.|imately)?|roughly|around|circa|ca?\.) ?|[≈~] ?)?"
    r"(?P<era>AD |A\.D\. |BCE? |B\.C\. )?"
    r"(?:in )?(?:the )?(?:year )?"
    r"(?P<front>(?:US|U\.S\.|AU?|CA?)? ?\$|[£€¥₹]"
    r"|(?:USD|EUR|GBP|CNY|RMB|JPY|INR)(?= ?[\d.$-]))? ?"
    r"(?P<sign>[-+]|minus |negative )? ?(?P<behind>\$)? ?"
    rf"(?P<number>{_NUMBER})"
    r"(?:[eE](?P<e>[-+]?\d+)(?!\w))?"
    r"(?:(?: ?[×xX*·] ?| )10 ?\^ ?\(?(?P<ten>[-+]?\d+)\)?)?"
    r"(?:\^\(?(?P<power>-?\d+)\)?)?"
    r"(?:(?P<mixed>[ -](?P<above>\d+))? ?/ ?(?P<below>\d+)(?![\d/.]))?"
    r"(?: ?(?P<scale>hundred|thousand|million|billion|trillion|[mb]il|mn|bn|[kmb])(?![\w/^%]))?"
    r"(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SCALES: dict[str, int] = {
    "hundred": 100,
    "thousand": 1000,
    "k": 1000,
    "million": 10**6,
    "mil": 10**6,
    "mn": 10**6,
    "m": 10**6,
    "billion": 10**9,
    "bil": 10**9,
    "bn": 10**9,
    "b": 10**9,
    "trillion": 10**12,
}
_BEFORE_CHRIST = frozenset(("bc", "b.c.", "bce", "b.c.e.", "b.c", "b.c.e"))
_OUR_ERA = frozenset(("ad", "a.d.", "ce", "c.e.", "a.d", "c.e"))
_CURRENCIES = frozenset("$£€¥₹")
_ERA = "BC"
_DECADE = re.compile(r"(?:1\d\d|20\d)0s")


class Amount:
    """A value and its unit: a key of `unit_key`, `BC` for a year, or empty without one."""

    __slots__ = ("unit", "value")

    def __init__(self, value: Rational, unit: str) -> None:
        self.value = value
        self.unit = unit


def read_amount(plain: str) -> Amount | None:
    """The amount that `plain`, unwrapped by `plain_text`, states; None when it is anything else.

    >>> read_amount("$5 million").value, read_amount("3 × 10^-5 mol/L").unit
    (5000000, 'M')
    >>> read_amount("5 to 6") is None
    True
    """
    found = _AMOUNT.match(plain)
    if found is None:
        return None
    front = found["front"] or found["behind"] or ""
    value = _value(found, front)
    if value is None:
        return None
    scale, rest = found["scale"], found["rest"].strip()
    if scale is not None and len(scale) == 1 and not front:
        rest = plain[found.start("scale") :].strip()
    unit = _unit(front.strip(), rest)
    if found["below"] and unit == "mmHg":
        return None  # a blood pressure
    if rest == "s" and not front and _DECADE.fullmatch(plain[found.start("number") :]):
        return None
    if found["era"] is not None and unit:
        return None
    if found["era"] is not None and found["era"][0] in "bB":
        return Amount(value, _ERA)
    return None if unit is None else Amount(value, unit)


def _value(found: re.Match[str], front: str) -> Rational | None:
    """The exact value; None when a number is too long to be an answer."""
    number, above = found["number"], found["above"]
    if len(number) > _MOST_DIGITS or (above and len(above) > _MOST_DIGITS):
        return None
    whole, _, part = number.replace(",", "").replace(" ", "").partition(".")
    value: Rational = int(whole + part) if part else int(whole)
    tens = -len(part)
    if found["e"] or found["ten"]:
        exponent = found["e"] or found["ten"]
        if len(exponent) > 4 or abs(int(exponent)) > _MOST_POWER:
            return None
        tens += int(exponent)
    if tens:
        value = value * 10**tens if tens > 0 else _quotient(value, 10**-tens)
    if found["power"]:
        raised = _raised(value, found["power"])
        if raised is None:
            return None
        value = raised
    if found["below"]:
        divided = _divided(value, above, found["below"], found["mixed"])
        if divided is None:
            return None
        value = divided
    scale = found["scale"]
    if scale is not None and (front or len(scale) > 1):
        value *= _SCALES[scale.casefold()]
    sign = found["sign"]
    return -value if sign is not None and sign not in "+" else value


def _quotient(above: int | Fraction, below: int) -> Rational:
    value = Fraction(above, below)
    return value.numerator if value.denominator == 1 else value


def _divided(value: Rational, above: str | None, below: str, mixed: str | None) -> Rational | None:
    if len(below) > _MOST_DIGITS or not int(below):
        return None
    if mixed is None or above is None:
        return _quotient(value, int(below))
    if not isinstance(value, int):
        return None
    return value + _quotient(int(above), int(below))


def _raised(value: Rational, power: str) -> Rational | None:
    if len(power) > 4 or value == 0:
        return None
    exponent = int(power)
    if abs(exponent) > _MOST_POWER or not -(10**6) < value < 10**6:
        return None
    if exponent >= 0:
        return value**exponent
    return 1 / Fraction(value) ** -exponent


def _unit(front: str, rest: str) -> str | None:
    """Empty when there is none, None when what stands behind the number is no unit."""
    if not rest and not front:
        return ""
    if not front:
        lower = rest.casefold().replace(". ", ".")
        if lower in _BEFORE_CHRIST:
            return _ERA
        if rest[0] == "/" and len(rest) == 2 and rest != "/s":
            return None
        return "" if lower in _OUR_ERA else unit_key(rest)
    if front[0] in "AC":
        return None if rest else f"{front[0]}$"  # of Australia, of Canada
    currency = front[-1] if front[-1] in _CURRENCIES else unit_key(front)
    if not rest or currency is None:
        return currency
    if unit_key(rest) == currency:
        return currency
    if rest.startswith(("/", "per ", "a ", "an ", "each")):
        return unit_key(f"{currency} {rest}") if currency != "$" else unit_key(f"USD {rest}")
    return None


def compare_amounts(gold: Amount, answer: Amount) -> str:
    """`RIGHT` when `answer` states the gold's value in its unit, or leaves out or adds a unit.

    A share may be a percentage or a fraction. A changed unit is `acc:different_unit`.
    """
    value, stated = gold.value, answer.value
    unit, other = gold.unit, answer.unit
    if unit == other or same_unit(unit, other):
        return RIGHT if value == stated else "acc:not_equal"
    if not other and unit == "%":
        return RIGHT if stated in (value, Fraction(value) / 100) else "acc:not_equal"
    if not unit and other == "%":
        return RIGHT if Fraction(stated) / 100 == value else "acc:different_unit"
    if value != stated:
        return "acc:not_equal"
    if _ERA in (unit, other) or (unit and other):
        return "acc:different_unit"
    return RIGHT
