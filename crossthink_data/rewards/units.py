"""Units under one key, however they are spelled. Nothing is converted: 1 km is not 1000 m."""

import re

from crossthink_data.rewards.unit_tables import PHRASES, SYMBOLS, WORDS

__all__ = ["UNIT_LIMIT", "same_unit", "unit_key"]

UNIT_LIMIT = 80
"""Characters up to which a text may be a unit."""

_TIDY = str.maketrans(
    {
        "µ": "μ",
        "Ω": "Ω",
        "⋅": "·",
        "•": "·",
        "∙": "·",
        "−": "-",
        "–": "-",
        "‐": "-",
        "‑": "-",
        "{": None,
        "}": None,
        "$": None,
        "\\": None,
        "~": " ",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "º": "°",
        "²": "^2",
        "³": "^3",
        "¹": "1",
        "⁰": "0",
        "⁴": "^4",
        "⁵": "^5",
        "⁶": "^6",
        "⁻": "^-",
    }
)
_PIECE = re.compile(
    r"(?P<name>°(?:\s*[A-Za-z](?![A-Za-z]))?|[^\W\d_°]+\$?\.?|[$£€¥₹%¢‰'])"
    r"(?:\s*\^\s*\(?\s*(?P<power>[+-]?\s*\d)\s*\)?|(?P<bare>-?[1-4])(?!\d))?"
    r"|(?P<per>/)|(?P<gap>[\s·*×.-]+|[()\[\]])"
)
_POWER_BEFORE = {"square": 2, "sq": 2, "sq.": 2, "cubic": 3, "cu": 3, "cu.": 3}
_POWER_BEHIND = {"squared": 2, "cubed": 3}
_DEGREES = frozenset(("degree", "degrees", "deg", "deg."))
_TEMPERATURES = {"c": "°C", "f": "°F", "k": "K", "r": "°R"}
_SCALES = frozenset(("°C", "°F", "K", "°R"))
_MOST_KNOWN = 4096
_known: dict[str, str] = {}


def unit_key(text: str) -> str | None:
    """The key of a spelled unit, the same for all its spellings; None when it is no known unit.

    Case matters where it tells units apart (mW, MW) and is forgiven where it does not (Mev).

    >>> unit_key("square centimeters"), unit_key("cm^{2}"), unit_key("m s^{-1}"), unit_key("m/s")
    ('cm^2', 'cm^2', 'm·s^-1', 'm·s^-1')
    >>> unit_key("degrees Celsius"), unit_key("US dollars"), unit_key("apple pie") is None
    ('°C', '$', True)
    """
    if len(text) > UNIT_LIMIT:
        return None
    key = _known.get(text)
    if key is None:
        key = _read(text) or ""
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[text] = key
    return key or None


def same_unit(one: str, other: str) -> bool:
    """Whether two keys may mean one unit: a bare C or F behind a number is often a temperature.

    >>> same_unit("°C", "C"), same_unit("°C", "°F")
    (True, False)
    """
    return one == other or frozenset((one, other)) in _MISTAKABLE


_MISTAKEN = (
    *(("°C", "C"), ("°F", "F"), ("°", "°C"), ("°", "°F"), ("lb", "£"), ("lbf", "lb")),
    *(("t", "tonne"), ("m·s^-1", "ms^-1"), ("m·s^-2", "ms^-2")),
)
_MISTAKABLE = frozenset(frozenset(pair) for pair in _MISTAKEN)


def _read(text: str) -> str | None:
    text = " ".join(text.split())
    if text in ("$", "\\$"):
        return "$"
    text = " ".join(text.replace("^\\circ", "°").replace("\\circ", "°").translate(_TIDY).split())
    text = text.replace("^°", "°").replace("^^", "^")
    key = _name(text)
    if key is not None:
        return key
    phrase = PHRASES.get(text.rstrip(".").casefold())
    if phrase:
        return phrase if "/" not in phrase else _compound(phrase)
    return _compound(text)


def _name(name: str) -> str | None:
    """The key of one name without a power."""
    key = SYMBOLS.get(name)
    if key is not None:
        return key
    lower = name.casefold()
    key = WORDS.get(lower)
    if key is not None:
        return key
    if lower[:1] == "u" and len(name) > 1:
        key = SYMBOLS.get("μ" + name[1:])
        if key is not None:
            return key
    if name[:1] == "°" and len(name) > 1:
        return _TEMPERATURES.get(name[1:].strip().casefold())
    if name.endswith("."):
        return _name(name[:-1])
    if len(name) < 2:
        return None
    return _CASELESS.get(lower) or None


def _caseless() -> dict[str, str]:
    """Symbols by their letters alone; empty where two units differ in case only."""
    by_letters: dict[str, str] = {}
    for symbol, key in SYMBOLS.items():
        letters = symbol.casefold()
        if by_letters.setdefault(letters, key) != key:
            by_letters[letters] = ""
    return by_letters


_CASELESS = _caseless()
# Nobody writes millihertz, millielectronvolt or the like in an answer; the large unit is meant.
_CASELESS.update(dict.fromkeys(("st", "nd", "rd", "th"), ""))
_CASELESS.update({"mhz": "MHz", "mev": "MeV", "kev": "keV", "ev": "eV", "mpa": "MPa", "hz": "Hz"})


def _compound(text: str) -> str | None:
    """The key of a product of powers: names sorted, each with its exponent."""
    powers: dict[str, int] = {}
    sign = 1
    before = 0
    degrees = False
    last = ""
    at = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            return None
        at = piece.end()
        name = piece["name"]
        if name is None:
            if piece["per"]:
                sign = -1
            continue
        lower = name.casefold()
        if lower == "per":
            sign = -1
        elif lower in _POWER_BEFORE:
            before = _POWER_BEFORE[lower]
        elif lower in _POWER_BEHIND:
            if last:
                powers[last] *= _POWER_BEHIND[lower]
            elif degrees:
                powers["°"] = sign * _POWER_BEHIND[lower]
                degrees = False
            else:
                return None
        elif (name == "a" or name == "an") and last and text[at:].strip():
            sign = -1
        elif lower in _DEGREES or (name == "°" and text[at:].strip()):
            power = piece["power"] or piece["bare"]
            if power or before:
                powers["°"] = (int(power.replace(" ", "")) if power else 1) * (before or 1) * sign
                last, before = "°", 0
            else:
                degrees = True
        elif lower != "of" or not degrees:
            key = _scale(lower) if degrees else _name(name)
            if key is None:
                return None
            power = piece["power"] or piece["bare"]
            exponent = (int(power.replace(" ", "")) if power else 1) * (before or 1) * sign
            powers[key] = powers.get(key, 0) + exponent
            last, before, degrees = key, 0, False
    if degrees:
        powers["°"] = powers.get("°", 0) + sign
    return _product(powers) if powers and not before else None


def _scale(lower: str) -> str | None:
    """The temperature scale named behind `degrees`."""
    key = _TEMPERATURES.get(lower) or WORDS.get(lower)
    return key if key in _SCALES else None


def _product(powers: dict[str, int]) -> str | None:
    if powers == {"mol": 1, "L": -1}:
        return "M"
    parts = sorted((key, power) for key, power in powers.items() if power)
    return "·".join(key if power == 1 else f"{key}^{power}" for key, power in parts) or None
