"""Numbers written as words, ordinals and digits, brought to one spelling."""

__all__ = ["MAGNITUDES", "NUMBER_WORDS", "ORDINAL_WORDS", "merge_numerals", "ordinal"]

_UNITS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_TENS = """
twenty thirty forty fifty sixty seventy eighty ninety
"""
NUMBER_WORDS: dict[str, int] = {word: value for value, word in enumerate(_UNITS.split())}
"""Spelled number below one hundred, one word -> its value."""
NUMBER_WORDS.update((word, 10 * value) for value, word in enumerate(_TENS.split(), 2))
NUMBER_WORDS["fourty"] = 40

MAGNITUDES: dict[str, int] = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "quadrillion": 10**15,
}
"""Word that multiplies the number before it -> by how much."""

_ORDINALS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
"""
ORDINAL_WORDS: dict[str, int] = {word: value for value, word in enumerate(_ORDINALS.split(), 1)}
"""Spelled ordinal, one word -> its value."""
ORDINAL_WORDS.update(
    (word[:-1] + "ieth", 10 * value) for value, word in enumerate(_TENS.split(), 2)
)
ORDINAL_WORDS["hundredth"] = 100
ORDINAL_WORDS["thousandth"] = 1000

_PARTS = {"half": 2, "quarter": 4, "halves": 2, "quarters": 4, "fourths": 4}
_PARTS.update((word + "s", value) for word, value in ORDINAL_WORDS.items() if value > 2)
_PARTS_OF_ONE = {word: value for word, value in ORDINAL_WORDS.items() if value > 2}
_PARTS_OF_ONE.update(half=2, quarter=4)
_SPELLED = frozenset((*NUMBER_WORDS, *ORDINAL_WORDS, *MAGNITUDES, *_PARTS, "per", "percent", "&"))
_LONGEST_NUMBER = 60


def merge_numerals(found: list[str]) -> list[str]:
    """The tokens with every number in digits: `twenty`, `one` are `21`, `nineteenth` is `19th`.

    >>> merge_numerals(["five", "million", "dollars"]), merge_numerals(["two", "thirds"])
    (['5000000', 'dollars'], ['2', '/', '3'])
    """
    if _SPELLED.isdisjoint(found) and "".join(found).isalpha():
        return found
    merged: list[str] = []
    index = 0
    while index < len(found):
        token = found[index]
        if token in _SPELLED:
            index = _spelled(found, index, merged)
        else:
            index += 1
            if token[-1].isdecimal() and (token[0].isdecimal() or token[0] in "-."):
                token = _digits(token)
                by = MAGNITUDES.get(found[index]) if index < len(found) else None
                if by is not None and len(token) < _LONGEST_NUMBER:
                    token = _scaled(token, by)
                    index += 1
            merged.append(token)
    return merged


def _digits(token: str) -> str:
    """A number without separators, leading or trailing zeros: `1,050.50` is `1050.5`."""
    if not token[-1].isdigit() or token.count(".") > 1:
        return token
    sign = "-" if token[0] == "-" else ""
    whole, _, part = token.lstrip("- ").replace(",", "").partition(".")
    part = part.rstrip("0")
    whole = whole.lstrip("0") or "0"
    if not part:
        return sign + whole if whole != "0" else whole
    return f"{sign}{whole}.{part}"


def _scaled(token: str, by: int) -> str:
    """A number times a magnitude, in digits; a dozen is never taken of a decimal."""
    whole, _, part = token.partition(".")
    if not part:
        return str(int(token) * by)
    zeros = len(str(by)) - 1
    part, rest = part[:zeros].ljust(zeros, "0"), part[zeros:]
    return _digits(f"{whole}{part}.{rest}" if rest else whole + part)


def _spelled(found: list[str], index: int, merged: list[str]) -> int:
    """Reads one spelled number from `index`, adds what it means, returns where reading goes on."""
    token = found[index]
    following = found[index + 1] if index + 1 < len(found) else ""
    if token == "percent":
        merged.append("%")
        return index + 1
    if token == "per":
        merged.append("%" if following == "cent" else token)
        return index + 1 + (following == "cent")
    if token == "&":
        merged.append("and")
        return index + 1
    value, ends, behind = _cardinal(found, index)
    if behind == index:
        if token == "half" and not following:
            merged.extend(("1", "/", "2"))
        else:
            by = MAGNITUDES.get(token)
            if token == "quarter" and len(found) == 1:
                merged.extend(("1", "/", "4"))
            else:
                merged.append(token if by is None else str(by))
        return index + 1
    if ends:
        merged.append(ordinal(str(value)))
        return behind
    part = found[behind] if behind < len(found) else ""
    below = _PARTS_OF_ONE.get(part) if value == 1 else _PARTS.get(part)
    if below is not None:
        merged.extend((str(value), "/", str(below)))
        return behind + 1
    merged.append(str(value))
    if part == "and":
        at = behind + 1 + (found[behind + 1 : behind + 2] == ["one"])
        if found[at : at + 1] in (["half"], ["quarter"]):
            merged.extend(("1", "/", str(_PARTS_OF_ONE[found[at]])))
            return at + 1
    return behind


def _cardinal(found: list[str], start: int) -> tuple[int, bool, int]:
    """Value, whether its last word is an ordinal, and where it ends (`start`: there is none)."""
    total = current = 0
    index = start
    last = 0
    end = min(len(found), start + _LONGEST_NUMBER)
    while index < end:
        word = found[index]
        value = NUMBER_WORDS.get(word)
        last_word = ORDINAL_WORDS.get(word)
        if value is not None and _joins(last, value):
            current += value
            last = value
        elif last_word is not None and last_word < 100 and _joins(last, last_word):
            return total + current + last_word, True, index + 1
        elif word in MAGNITUDES and index > start and last:
            total, current = _multiplied(total, current, MAGNITUDES[word])
            last = 1000
        elif (
            word == "and" and last == 1000 and index + 1 < end and found[index + 1] in NUMBER_WORDS
        ):
            pass
        else:
            break
        index += 1
    return total + current, False, index


def _joins(last: int, value: int) -> bool:
    """Whether a number word goes on after `last`: any at first, units after tens, all after 100."""
    return not last or last == 1000 or (20 <= last < 100 and 0 < value < 10)


def _multiplied(total: int, current: int, by: int) -> tuple[int, int]:
    if by in (12, 100):
        return total, current * by
    return total + current * by, 0


def ordinal(number: str) -> str:
    """The ordinal of a number in digits.

    >>> ordinal("21"), ordinal("112")
    ('21st', '112th')
    """
    if number[-2:] in ("11", "12", "13"):
        return f"{number}th"
    return number + {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th")
