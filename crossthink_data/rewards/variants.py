"""Other ways to say the same: dates, plurals, Roman numerals, spellings, initials in brackets."""

import re
from functools import lru_cache
from itertools import pairwise

from crossthink_data.rewards.numerals import ordinal
from crossthink_data.rewards.text import plain_tokens
from crossthink_data.rewards.text_tables import GREEK_NAMES
from crossthink_data.rewards.units import unit_key
from crossthink_data.rewards.word_tables import KNOWN_WORDS, ROMAN

__all__ = ["OPTIONAL", "relaxed", "same_title", "variants"]

_MONTH_NAMES = """
january february march april may june july august september october november december
"""
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), 1)}
_MONTHS.update({name[:3]: number for name, number in list(_MONTHS.items())})
_MONTHS["sept"] = 9
_NAME = r"(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?:,? ?(?:of |in )?(?P<year>\d{3,4})\b(?![-–/]\d))"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\b"
_WEEKDAY = r"(?:\b(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?"
_DATES = (
    re.compile(rf"{_WEEKDAY}\b{_NAME} (?:the )?{_DAY}{_YEAR}?", re.IGNORECASE),
    re.compile(rf"{_WEEKDAY}\b(?:the )?{_DAY} ?(?:of )?\b{_NAME}{_YEAR}?", re.IGNORECASE),
    re.compile(rf"\b{_NAME}(?P<day>){_YEAR}", re.IGNORECASE),
    re.compile(r"\b(?P<year>\d{4})[-/](?P<month>\d{1,2})[-/](?P<day>\d{1,2})\b"),
    re.compile(r"\b(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})\b"),
)
_NUMERIC_DATE = re.compile(r"\d[-/]\d")
_MONTH_WORD = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)


def _canonical_dates(plain: str) -> str:
    """`plain` with its dates as one word: `July 4, 1776` and `1776-07-04` are `date1776m7d4`."""
    for pattern in _DATES:
        plain = pattern.sub(_date, plain)
    return plain


def _date(found: re.Match[str]) -> str:
    month = found["month"].casefold()
    number = _MONTHS.get(month) or int(month)
    day = int(found["day"]) if found["day"] else 0
    if not 1 <= number <= 12 and day <= 12:
        number, day = day, number
    if not 1 <= number <= 12 or day > 31:
        return found[0]
    return f" date{found['year'] or ''}m{number}d{day or ''} "


_OUR = re.compile(
    r"(?<=behavi)our|(?<=neighb)our|(?<=flav)our|(?<=harb)our"
    r"|(?<=fav|lab|tum|vap|vig|hon|hum|rum|sav|col|arm)our"
)
_LATINATE = re.compile(
    r"(?<=sul)ph|(?<=[hn])ae(?=m|st)|ae(?=mia)|(?<=p)ae(?=d)|(?<=gyn)ae|^oe(?=str|soph|dem)"
    r"|(?<=f)oe(?=t)|(?<=rrh)oe|(?<=arch)ae|(?<=pal)ae|^ae(?=sth)"
)
_ISE = re.compile(r"(?<=[iy])s(?=(?:e|es|ed|ing|er|ers|ation|ations)$)")
_TITLES = frozenset(("dr", "mr", "mrs", "ms", "prof", "professor", "sir"))
OPTIONAL = _TITLES | {"it", "they", "from"}
"""First words that may be left out: titles, pronouns for what is asked about, a range's `from`."""
_FUNCTIONS = frozenset(("sin", "cos", "tan", "log", "exp"))
_NOT_NUMBERED = _FUNCTIONS | {"and", "but", "nor", "than", "that"}
_COUNTRY = re.compile(r"\bUSA?\b|\b[Uu]\. ?[Ss]\b")
_SINGLE_ROMAN = {"i": "1", "v": "5"}
_NAMES = re.compile(r"(?<=[^.:;] )[A-Z][a-z]+s\b")
_MOST_KNOWN = 8192


def relaxed(tokens: tuple[str, ...], plain: str) -> tuple[str, ...]:
    """The tokens without plurals, titles, Roman numerals and British spellings.

    >>> relaxed(("world", "war", "ii"), "World War II"), relaxed(("prime", "numbers"), "")
    (('world', 'war', '2'), ('prime', 'number'))
    """
    if len(tokens) > 1 and tokens[0] in _TITLES:
        tokens = tokens[1:]
    found = [KNOWN_WORDS.get(token) or _relaxed_word(token) for token in tokens]
    if tokens and tokens[0] in ROMAN and tokens[0].upper() in plain:
        found[0] = ROMAN[tokens[0]]
    if "us" in found and _COUNTRY.search(plain) is not None:
        found = ["usa" if token == "us" else token for token in found]
    marked = False
    for index in range(1, len(found)):
        before = found[index - 1]
        token = found[index]
        if token == "x" and before[-1].isdigit():
            found[index] = "×"
        elif before[-1].isdigit() and tokens[index - 1][-1].isdigit() and token != "century":
            found[index] = _unit(tokens[index], token)
            marked = marked or (index > 2 and found[index][0] == "#")
        elif token == tokens[index] == "century":
            found[index - 1] = ordinal(before) if before.isdigit() else before
        elif token in ROMAN:
            found[index] = ROMAN[token]
        elif token in _SINGLE_ROMAN and len(before) > 2 and before not in _NOT_NUMBERED:
            found[index] = _SINGLE_ROMAN[token]
    if marked:
        _join_parts(found, tokens)
    if "s" in plain:
        for name in _NAMES.findall(plain):
            lower = name.lower()
            if lower in tokens:
                found[tokens.index(lower)] = lower
    return tuple(found)


_PARTS = {"#h": "#min", "#min": "#s", "#d": "#h", "#week": "#d", "#month": "#d", "#year": "#month"}
_PARTS.update(
    {"#ft": "#in", "#lb": "#oz", "#stone": "#lb", "#m": "#cm", "#kg": "#g", "#$": "#cent"}
)


def _join_parts(found: list[str], tokens: tuple[str, ...]) -> None:
    """Leaves out the `and` between the parts of an amount: `3 h and 20 min`, `5 h 30 m`."""
    for index in range(len(found) - 1, 2, -1):
        at = index - 3 if found[index - 2] == "and" else index - 2
        part = _PARTS.get(found[at])
        if part is None or not found[index - 1].isdecimal():
            continue
        if found[at] == "#h" and tokens[index] == "m":
            found[index] = part
        if found[index] == part and at < index - 2:
            del found[index - 2]


def same_title(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names have one title, or one of them has none: Mr. Smith is not Mrs. Smith."""
    if one[0] not in _TITLES or other[0] not in _TITLES:
        return True
    return one[0][:4] == other[0][:4] or {one[0], other[0]} <= {"mrs", "ms"}


_SHORT_UNITS = frozenset("msghl°")


def _unit(token: str, otherwise: str) -> str:
    """The key of a unit behind a number, marked as one: the D of 3D is no day."""
    key = unit_key(token) if len(token) > 1 or token in _SHORT_UNITS else None
    return f"#{key}" if key else otherwise


@lru_cache(_MOST_KNOWN)
def _relaxed_word(token: str) -> str:
    word = _ISE.sub("z", _OUR.sub("or", _singular(token)))
    if "ae" in word or "oe" in word or "sulph" in word:
        word = _LATINATE.sub(lambda vowels: "f" if vowels[0] == "ph" else "e", word)
    return word


def _singular(token: str) -> str:
    """A regular plural without its ending; short words, -ss, -us, -is, -ics, -as and -os as is."""
    if len(token) < 4 or token[-1] != "s" or token[-2] in "sui'" or not token.isalpha():
        return token
    if token.endswith(("ics", "as", "os")) and not token.endswith(("rnas", "dnas")):
        return token
    if token.endswith("ies") and len(token) > 4:
        return token[:-3] + "y"
    if token.endswith(("xes", "ches", "shes", "sses", "zes")):
        return token[:-2]
    return token[:-1]


_BRACKET = re.compile(r"(?P<base>[^()]{2,200}?) ?\((?P<inner>[^()]{1,200})\)")
_SMALL_WORDS = frozenset(("of", "the", "and", "for", "in", "on", "a", "an", "to", "by", "with"))


def _with_acronym(plain: str) -> tuple[str, ...]:
    """The two parts of a phrase with its initials in brackets; nothing when it is no such phrase.

    >>> _with_acronym("gross domestic product (GDP)"), _with_acronym("Paris (France)")
    (('gross domestic product', 'GDP'), ())
    """
    found = _BRACKET.fullmatch(plain)
    if found is None:
        return ()
    base, inner = found["base"].strip(), found["inner"].strip()
    if _is_acronym(inner, base) or _is_acronym(base, inner):
        return base, inner
    if _shortens(inner, base) or _shortens(base, inner):
        return base, inner
    if plain_tokens(base) == plain_tokens(inner):
        return (base,)
    return ()


def _is_acronym(short: str, phrase: str) -> bool:
    letters = short.replace(".", "").casefold()
    if not 2 <= len(letters) <= 10 or " " in letters:
        return False
    words = phrase.casefold().replace("-", " ").split()
    parts = [word if word in ROMAN else word[0] for word in words]
    every = "".join(parts)
    main = "".join(
        part for part, word in zip(parts, words, strict=True) if word not in _SMALL_WORDS
    )
    return letters.removesuffix("s") in (every, main) or letters in (every, main)


def _shortens(short: str, phrase: str) -> bool:
    """Whether capitals stand for the first letters of all words, and for some within them.

    >>> _shortens("RNA", "ribonucleic acid"), _shortens("USA", "France")
    (True, False)
    """
    if not (2 <= len(short) <= 6 and short.isalnum() and sum(map(str.isupper, short)) > 1):
        return False
    letters = short.casefold()
    ends = {0}
    for word in phrase.casefold().replace("-", " ").split():
        reached = set(ends) if word in _SMALL_WORDS else set()
        name = GREEK_NAMES.get(word, word)
        for end in ends:
            at = name.find(letters[end]) if end < len(letters) else -1
            if at:
                continue
            while at >= 0:
                end += 1
                reached.add(end)
                at = name.find(letters[end], at + 1) if end < len(letters) else -1
        ends = reached
    return len(letters) in ends


_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "oe", "å": "aa"}
)

_JOINT = re.compile(
    r"(?<=[^\W\d_])(?<!\bun)(?<!\bre)-(?=[^\W\d_])|(?<=\bre)-(?=e)"
    r"|(?<=\b[A-Z])-(?=\d\d)|(?<=[A-Za-z]{2})-(?=\d)|(?<=[A-Za-z]{3} [A-Z])-(?=\d)"
)


_POINT_INSIDE = re.compile(r"(?<=[^\W\d_])\.(?=[^\W\d_])")


def _joined_hyphens(plain: str) -> str:
    """`plain` with words joined where a hyphen parts them: `photo-synthesis`, `e-mail`."""
    return _JOINT.sub("", plain)


_RELATIONS = frozenset("<>≤≥≠≈≡→⇒∈")
_OPERATORS = frozenset("=<>≤≥≠+^*/√→×")
_NEGATIONS = frozenset(("not", "no", "never", "neither", "nor", "without"))


def variants(plain: str, tokens: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """The token sequences that say what `plain`, whose tokens are given, says."""
    texts = []
    if "-" in plain:
        texts.append(_joined_hyphens(plain))
    if "." in plain:
        texts.append(_POINT_INSIDE.sub("", plain))
    if "(" in plain:
        texts.extend(_with_acronym(plain))
    if not plain.isascii():
        texts.append(plain.translate(_UMLAUTS))
    if " x " in plain:
        texts.append(plain.replace(" x ", " × "))
    if " a " in plain:
        texts.append(plain.replace(" a ", " A "))
    if _MONTH_WORD.search(plain) is not None:
        texts.append(_canonical_dates(" ".join(tokens)))
    elif _NUMERIC_DATE.search(plain) is not None:
        texts.append(_canonical_dates(plain))
    found = {tokens, relaxed(tokens, plain)}
    for other in _reworded(tokens, plain):
        found.add(other)
        found.add(relaxed(other, plain))
    if len(tokens) > 1 and tokens[0] in ("it", "they") and not plain.startswith("IT "):
        found.add(relaxed(tokens[1:], plain))
    for text in texts:
        if text != plain:
            other = plain_tokens(text)
            if not other:
                continue
            found.add(other)
            found.update(_reworded(other, text))
            found.add(relaxed(other, text))
    if not _OPERATORS.isdisjoint(tokens):
        found.add((_squeezed(tokens),))
        if tokens.count("=") == 1 and tokens[0] != "=" and _RELATIONS.isdisjoint(tokens):
            at = tokens.index("=")
            found.add((_squeezed((*tokens[at + 1 :], "=", *tokens[:at])),))
    elif 1 < len(tokens) < 5:
        found.update(_joined_pairs(tokens))
    return frozenset(found)


_RANGE_WORDS = frozenset(("to", "through", "until", "till", "--", "between"))
_ERAS = frozenset(("ad", "ce"))
_MONEY = frozenset("$€£")


_ION = re.compile(r"[A-Z][a-z]\+\d$")


def _reworded(tokens: tuple[str, ...], plain: str) -> list[tuple[str, ...]]:
    """Ranges, ratios, eras and grades that are written in other words."""
    found = ["bc" if token == "bce" else token for token in tokens]
    if not _ERAS.isdisjoint(found) and len(found) > 1:
        found = [token for token in found if token not in _ERAS] or found
    if found[0] == "from" and not _RANGE_WORDS.isdisjoint(found):
        del found[0]
    if found[0] in ("on", "in") and len(found) > 1 and found[1].startswith(("date", "1", "2")):
        del found[0]
    if "than" in found:
        found = _COMPARED.sub(_comparison, " ".join(found)).split()
    if not _RANGE_WORDS.isdisjoint(found):
        found = _range(found)
    if found[-1] in ("plus", "minus") and len(found[0]) == 1:
        sign = "+" if found[-1] == "plus" else "-"
        found = [found[0] + sign * (len(found) - 1)]
    if not _POWERS.keys().isdisjoint(found[1:]):
        found = _with_powers(found)
    if len(found) > 2 and any(map(_two_letters, pairwise(found))):
        found = _with_initials(found)
    if "war" in found or found[0][:2] == "ww":
        found = _WORLD_WAR.sub(_world_war, " ".join(found)).split()
    if "no" in found and _NUMBERED.search(plain) is not None:
        found[found.index("no")] = "number"
    if "united" in found:
        words = " ".join(found).replace("united states of america", "usa")
        found = words.replace("united states", "usa").replace("united kingdom", "uk").split()
    if "^" in found:
        found = _with_shells(found)
    if len(found) == 3 and found[1] == "+" and _ION.match(plain) is not None:
        found = [found[0] + found[2].removeprefix("1") + "+"]
    other = [tuple("to" if token == ":" else token for token in tokens)] if ":" in tokens else []
    return other if found == list(tokens) else [tuple(found), *other]


_COMPARED = re.compile(
    r"\b(?:is )?(less|fewer|smaller|lower|greater|more|larger|higher) than( or equal to)? (?=\S)"
)
_LESS = frozenset(("less", "fewer", "smaller", "lower"))


def _comparison(found: re.Match[str]) -> str:
    if found[2]:
        return "≤ " if found[1] in _LESS else "≥ "
    return "< " if found[1] in _LESS else "> "


_WORLD_WAR = re.compile(r"\b(?:(1st|2nd) world war|ww ?(ii?|1|2))(?!\S)")
_NUMBERED = re.compile(r"\b[Nn]o\. ?\d")


def _world_war(found: re.Match[str]) -> str:
    return "world war 2" if found[1] == "2nd" or found[2] in ("2", "ii") else "world war 1"


_POWERS = {"squared": "2", "cubed": "3", "square": "2"}


def _with_powers(found: list[str]) -> list[str]:
    """Powers in signs: `sigma squared`, `chi-square`; a square of anything else is a word."""
    signs = found[:1]
    for before, token in pairwise(found):
        power = _POWERS.get(token)
        if power is None or (token == "square" and before != "chi"):
            signs.append(token)
        else:
            signs += ("^", power)
    return signs


_SHELLS = frozenset("spdf")


def _takes_number(found: list[str]) -> bool:
    name = found[-2]
    if len(name) == 1:
        return name in _SHELLS and len(found) > 2 and found[-3].isdigit()
    return name.isalpha() and name not in _FUNCTIONS


def _with_shells(tokens: list[str]) -> list[str]:
    """Electrons in shells and other names without carets: `1 s ^ 2` is `1 s2`, `sp ^ 3` `sp3`."""
    found: list[str] = []
    for token in tokens:
        if len(found) > 1 and found[-1] == "^" and _takes_number(found):
            del found[-1]
            found[-1] += token
        else:
            found.append(token)
    return found if "^" in found else [token for token in found if token not in ("[", "]")]


def _two_letters(pair: tuple[str, str]) -> bool:
    return len(pair[0]) == len(pair[1]) == 1 and pair[0].isalpha() and pair[1].isalpha()


def _with_initials(found: list[str]) -> list[str]:
    """Initials before a name as one word: `h`, `g`, `wells` are `hg`, `wells`."""
    joined: list[str] = []
    start = 0
    for index, token in enumerate(found):
        if len(token) == 1 and token.isalpha():
            continue
        if 2 <= index - start <= 3 and len(token) > 2 and token.isalpha():
            joined.append("".join(found[start:index]))
        else:
            joined += found[start:index]
        joined.append(token)
        start = index + 1
    return joined + found[start:]


def _range(found: list[str]) -> list[str]:
    """A range with its unit said once: `50 % -- 60 %` is `50 -- 60 %`."""
    if found[0] == "between" and "and" in found:
        found = ["--" if token == "and" else token for token in found[1:]]
    ends = [False, False, *map(_is_end, found), False]
    found = [
        "--"
        if token in _RANGE_WORDS and ends[index + 3] and (ends[index + 1] or ends[index])
        else token
        for index, token in enumerate(found)
    ]
    if "--" not in found:
        return found
    if unit_key(found[-1]) in _MONEY and found[-1] not in _MONEY:
        found.insert(0, unit_key(found.pop()) or "")
    at = found.index("--")
    if 2 <= at < len(found) - 2:
        if found[at - 1] == found[at + 2]:
            return found[: at - 1] + found[at:]
        if found[at - 2] == found[at + 1] and found[at + 1] in _MONEY:
            return found[: at + 1] + found[at + 2 :]
    return found


def _is_end(token: str) -> bool:
    """Whether a range may end with `token`: a number, a letter, a sign, a date, a day."""
    return len(token) == 1 or not token.isalpha() or token[:3] in _MONTHS or token.endswith("day")


def _squeezed(tokens: tuple[str, ...]) -> str:
    """A formula without white space, but for that between digits."""
    return re.sub(r"(?<!\d) | (?!\d)", "", " ".join(tokens))


def _joined_pairs(tokens: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Each two neighbours as one word: `health care` is `healthcare`."""
    found = []
    for index in range(len(tokens) - 1):
        one, other = tokens[index : index + 2]
        long = len(one) > 2 and len(other) > 2
        if long and one.isalpha() and other.isalpha() and one != "now" and one not in _NEGATIONS:
            found.append((*tokens[:index], one + other, *tokens[index + 2 :]))
    return found
