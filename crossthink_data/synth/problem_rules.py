r"""What a mathematics problem must be before anyone is paid to solve it.

Rules over the text alone, in the order of `PROBLEM_RULES`; the first to fire names the reason. They
look for forms of words, and let a problem pass where they cannot tell: what gets through them, the
vote has still to agree on. Of the 7,700 problems of MATH without a picture they refuse some 3 in
100, most of them because they are shorter than a problem with a person in it can be.
"""

import re
from collections.abc import Callable

from crossthink_data.synth.broken_text import where_broken

__all__ = ["PROBLEM_RULES", "bare_problem", "has_title", "why_no_problem"]

_SHORTEST, _LONGEST = 40, 2_500  # characters; one short sentence, and a long page
_DETAIL = 300


# What stands around a problem.
_TITLE = re.compile(
    r"(?i)[#*_>`\s]*(?:math(?:ematics|s)?\s+)?(?:problem|question)(?:\s+(?:statement|text))?"
    r"[*_`\s]*[:：][*_`]*\s*"
)
_WRAPPING = re.compile(r"(\*\*|__|[\"“])(.+)(\*\*|__|[\"”])", re.DOTALL)

# Where sentences end, and what in them asks nothing.
_ASIDE = re.compile(r"\([^()]*\)|\"[^\"]*\"|“[^”]*”|``[^']*''")
_INSIDE_FORMULA = re.compile(r"([.,;:?])(\$\$?|\\\]|\\\))(?=\s|[A-Z]|$)")
_BEHIND_DISPLAY = re.compile(r"(\\\]|\\end\{[a-z]+\*?\})[.,]?\s*(?=[A-Z])")
_SENTENCE_END = re.compile(r"(?<=\?)\s*|(?<=[.:;])\s+|(?<=[A-Za-z]!)\s+|\n+")
_START = r"(?:^|[.!?:;]\s+|\n\s*)[*_#>\s]*"
_IMPERATIVE = r"(?:^|[.!?;:]\s+|\n\s*|\b(?:and|then|also|please)\s+(?:briefly\s+)?)"

# How a quantity is asked for.
_WH = (
    r"(?:how\s+(?:many|much|long|far|fast|often|old|tall|high|wide|deep|large|big|heavy|soon)"
    r"|what)"
)
_DO = (
    r"(?:find|determine|compute|calculate|evaluate|solve|simplify|factori[sz]e|expand|estimate"
    r"|work\s+out)"
)
_VERB = (
    rf"(?:{_DO}|express|write|give|enter|state|list|count|convert|round|name|rank|order|predict"
    r"|differentiate|integrate|factor|rationali[sz]e|rewrite|add|subtract|multiply|divide)"
)
_AGAIN = r"(?:find|determine|compute|calculate|work\s+out)"
_COMMAND = re.compile(
    r"(?:(?:now|then|next|finally|also|please|hence)\s*,?\s+)?"
    r"(?:find|determine|compute|calculate|evaluate|solve|estimate|work\s+out)\b",
    re.IGNORECASE,
)
_ASKING = re.compile(rf"\?|\b(?:{_WH}|{_DO})\b", re.IGNORECASE)
_ASKS = re.compile(
    rf"\?|{_START}(?:\w+ly\s+|please\s+|then\s+|now\s+)?{_VERB}\b|"
    rf"\b(?:{_WH}|{_DO}|enter)\b|(?:,|\band|\bthen|\bmust|\bto)\s+(?:express|count|convert)\b|"
    r"\b(?:is|are|was|were|be)\s*:?\s*$",
    re.IGNORECASE,
)
_ASKS_QUANTITY = re.compile(
    rf"\b(?:{_WH}|{_VERB}|which|where|when|who|how|percent(?:age)?|ratio|probability|chance)\b|"
    r"\b(?:is|are|was|were|be)\s*[:?]?\s*$|[=<>≤≥]",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"\d|\$|\\[a-z]|=|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|"
    r"\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|half|third|"
    r"quarter|twice|double|triple|percent|squared?|cubed?|primes?|integers?|numbers?|ways|"
    r"probability|ratio|area|volume|perimeter|angles?|triangles?|diagonals?|digits?|letters)\b",
    re.IGNORECASE,
)

_SOLUTION = re.compile(
    r"\\boxed|\\fbox|^\s*####|"
    rf"{_START}(?:(?:step[- ]by[- ]step|full|worked|model|sample|final|correct|expected)\s+)?"
    r"(?:solution|answer|answer\s+key|answer\s+and\s+explanation)[*_]*\s*[:：=]|"
    r"\b(?:so|thus|hence|therefore),?\s+the\s+(?:final\s+|correct\s+)?(?:answer|result)\s+is\b|"
    r"\bthe\s+(?:final|correct|right)\s+answer\s+is\s+[*$\\\s]*\d|"
    r"[(\[]\s*(?:the\s+)?(?:final\s+|correct\s+)?(?:answer|solution|ans\.?)\s*[:：=]|"
    r"\?[*_\s]*\n\s*[*_]*(?:A|Ans|Key)\.?[*_]*\s*[:：=]|"
    rf"{_START}let(?:'|’)?s\s+(?:solve|compute|calculate|work\s+(?:it|this)\s+out|break)\b|"
    rf"{_START}to\s+solve\s+(?:this|the)\s+(?:problem|question)\b",
    re.MULTILINE | re.IGNORECASE,
)

_CHOICE = re.compile(
    r"\bwhich\s+(?:one\s+)?of\s+(?:the\s+following|these\s+options)\b|"
    r"\b(?:choose|select|pick)\s+(?:the\s+)?(?:correct|right|best)\s+(?:answer|option)\b",
    re.IGNORECASE,
)
# Marks of parts, options or conditions: the first, the second and the third of each kind.
_MARKS = tuple(
    tuple(re.compile(form.format(mark), re.MULTILINE) for mark in marks)
    for form, marks in (
        (r"(?:^|\s)[*_]*\(?{}[).][*_]*\s", "ABC"),
        (r"(?:^|[\s;,.:?])[*_]*\(?{}\)[*_]*\s", "abc"),
        (r"(?:^|[\s;,.:?])[*_]*\({}\)[*_]*\s", ("i", "ii", "iii")),
        (r"(?:^|[\s;,.:?])[*_]*\({}\)[*_]*\s", "123"),
        (r"^\s*[*_]*{}[).]\s", "123"),
        (r"(?i)^\s*[*_#]*part\s+{}\b", ("(?:a|1|one)", "(?:b|2|two)", "(?:c|3|three)")),
    )
)
_PART_ASKS = re.compile(rf"\?|(?:^|[.;:)\]]\s*)[\s*_]*(?:{_WH}|{_DO})\b", re.IGNORECASE)
_TWO_ASKED = re.compile(
    rf"\b{_WH}\b[^?.!]*(?:,|\band\b|\bas\s+well\s+as\b)\s*(?:also\s+|then\s+|by\s+)?"
    rf"(?:{_WH}|{_AGAIN})\b[^.!]*\?"
    rf"|{_START}{_DO}\b[^?.!]*\b(?:and|then)\s+(?:also\s+|then\s+)?{_AGAIN}\b",
    re.IGNORECASE,
)
# "... can be written as m/n in lowest terms. What is m + n?" asks for one number.
_PARTS_OF_FORM = re.compile(
    r"\bin\s+(?:the|simplest|this)\s+(?:simplified\s+|reduced\s+|radical\s+)*form\b|"
    r"\brelatively\s+prime\b|\blowest\s+terms\b|\b(?:written|expressed)\s+as\b",
    re.IGNORECASE,
)

# "show that" and "draw" stand in stories too: they ask only where they open a sentence.
_PROOF = re.compile(
    rf"{_IMPERATIVE}(?:prove|disprove)\b|,\s+(?:prove|disprove)\s+that\b|"
    r"(?:^|[.!?;:]\s+|\n\s*|\band\s+)(?:show|verify|demonstrate)\s+that\b|"
    r"\bgive\s+a\s+(?:\w+\s+)?proof\b",
    re.IGNORECASE,
)
_DRAWING = re.compile(
    rf"{_IMPERATIVE}(?:draw|sketch|plot|graph|construct|shade)\s+(?:\w+\s+){{0,4}}?"
    r"(?:graph|diagram|figure|picture|curve|chart|parabola|function|histogram|plot|line|region|"
    r"triangle|circle|net|tree|plan|map)s?\b|"
    rf"{_IMPERATIVE}(?:sketch|graph|plot)\s+\$",
    re.IGNORECASE,
)
_EXPLANATION = re.compile(
    rf"{_IMPERATIVE}(?:explain|justify|describe|discuss|argue|comment\s+on)\b|"
    rf"{_IMPERATIVE}show\s+(?:all\s+)?(?:your|the|each)\s+(?:work|steps?|working|reasoning)\b|"
    rf",\s+(?:explain|justify)(?:ing)?\s+(?:your|why|how)\b|"
    r"\b(?:what\s+do\s+you\s+think|in\s+your\s+(?:own\s+)?(?:opinion|words))\b|"
    rf"{_IMPERATIVE}why\b[^.!?]*\?|\bgive\s+(?:a\s+|your\s+)?reasons?\b",
    re.IGNORECASE,
)

_PICTURE = r"(?:figure|diagram|picture|image|illustration|drawing|photo|graph|chart|plot)"
_PICTURE_CODE = re.compile(
    rf"\[asy\]|!\[|<img\b|<svg\b|\\includegraphics|\\begin\{{tikz|\[(?:{_PICTURE})\b",
    re.IGNORECASE,
)
_WRITTEN_OUT = re.compile(
    r"\\begin\{(?:tabular|array|[a-z]?matrix)|\|[^|\n]*\|[^|\n]*\||\n[^\n]*\n[^\n]*\n"
)
_FIGURE = re.compile(
    rf"\b{_PICTURE}s?\s+(?:below|above|shown|provided|attached|opposite|to\s+the\s+(?:right|left))\b|"
    rf"\b(?:shown|depicted|illustrated|given|seen|pictured)\s+(?:below|above|in\s+the\s+{_PICTURE})\b|"
    rf"\bthe\s+(?:following|accompanying|attached|adjoining)\s+{_PICTURE}\b|"
    r"\b(?:refer\s+to|see|look\s+at|use|study)\s+(?:the\s+)?(?:figure|diagram|illustration|image)\b|"
    r"\b(?:in|from)\s+the\s+(?:figure|diagram|illustration)\b"
    r"(?!\s+(?:she|he|they|of|that|skat|paint))",
    re.IGNORECASE,
)
_TABLE = re.compile(
    r"\b(?:table|chart|data)\s+(?:below|above|shown)\b|\bfollowing\s+table\b", re.IGNORECASE
)

_PERSONA = re.compile(
    r"\bthe\s+(?:given\s+|above\s+)?persona\b|\bpersona'?s\b|"
    r"\bthe\s+(?:person|description)\s+(?:described\s+)?above\b",
    re.IGNORECASE,
)
_YES_NO = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|will|would|has|have|should|must)\b|"
    r"^(?:if|given|assuming)\b[^?]*,\s*(?:is|are|was|were|do|does|did|can|could|will|would|has)\s|"
    r"\b(?:yes\s+or\s+no|true\s+or\s+false)\b|\bor\s+not\s*\?",
    re.IGNORECASE,
)
_HAS_WH = re.compile(rf"\b(?:{_WH}|which|who|whose|where|when)\b", re.IGNORECASE)


# "Sure! Here is a problem for a nurse:", before the title or in its place.
_PREFACE = re.compile(
    r"(?i)(?:(?:sure|certainly|of\s+course|okay|ok)[!,.]*\s+)?here(?:\s+is|['’]s)\s+(?:an?|the|your|one)"
    r"\s[^.:?!\n]{0,80}\b(?:problem|question)\b[^.:?!\n]{0,80}:[*_`]*\s+"
)


def has_title(text: str) -> bool:
    """Whether the text begins with `Math problem:`, `Here is a problem:` or the like."""
    return _without_title(text) != text


def _without_title(text: str) -> str:
    for pattern in (_PREFACE, _TITLE):
        found = pattern.match(text.lstrip())
        text = text.lstrip()[found.end() :] if found else text
    return text


def bare_problem(text: str) -> str:
    """The problem without a leading `Math problem:`, in any case or bold, and marks around it all.

    >>> bare_problem("**MATH PROBLEM:** How many eggs are in 3 dozen?")
    'How many eggs are in 3 dozen?'
    """
    text = _without_title(text).strip()
    wrapped = _WRAPPING.fullmatch(text)
    if wrapped and wrapped[1] not in wrapped[2] and wrapped[3] not in wrapped[2]:
        text = wrapped[2].strip()
    return text


def _missing(text: str) -> str | None:
    return None if any(map(str.isalnum, text)) else text


def _too_short(text: str) -> str | None:
    return text if len(text) < _SHORTEST else None


def _too_long(text: str) -> str | None:
    return text if len(text) > _LONGEST else None


def _found(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    def rule(text: str) -> str | None:
        found = pattern.search(text)
        return found[0].strip() if found else None

    return rule


def _marked(text: str) -> list[list[str]]:
    """For each kind of marks that runs at least from the first to the second: what each marks."""
    found = []
    for marks in _MARKS:
        starts: list[re.Match[str]] = []
        for mark in marks:
            at = mark.search(text, starts[-1].end() if starts else 0)
            if at is None:
                break
            starts.append(at)
        if len(starts) > 1:
            ends = [start.start() for start in starts[1:]] + [len(text)]
            found.append([text[m.start() : end] for m, end in zip(starts, ends, strict=True)])
    return found


def _multiple_choice(text: str) -> str | None:
    """Three marked texts or more that end the problem and ask nothing; or words for a choice."""
    for marked in _marked(text)[:2]:
        if len(marked) > 2 and not _ASKING.search("".join(marked)):
            before = text[: text.index(marked[0])]
            if _ASKING.search(before):
                return " ".join(marked).strip()
    found = _CHOICE.search(text)
    return found[0] if found else None


def _several_questions(text: str) -> str | None:
    """Parts, or more than one thing asked; what stands in quotes or brackets asks nothing."""
    for marked in _marked(text):
        if _PART_ASKS.search(marked[0]):  # conditions may be numbered too; a part asks
            return " ".join(marked).strip()
    plain = _plain(text)
    asked = [
        sentence
        for sentence in _sentences(plain)
        if sentence.endswith("?") or _COMMAND.match(sentence)
    ]
    if len(asked) > 1 + bool(_PARTS_OF_FORM.search(plain)):
        return " | ".join(asked)
    both = _TWO_ASKED.search(plain)
    return both[0].strip() if both else None


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in _SENTENCE_END.split(text)]


def _plain(text: str) -> str:
    """The text with closing punctuation outside formulas, and without quotes and brackets."""
    text = _BEHIND_DISPLAY.sub(r"\1. ", _INSIDE_FORMULA.sub(r"\2\1 ", text))
    return _ASIDE.sub(" ", text)


def _needs_figure(text: str) -> str | None:
    """A picture, or a table or chart that is spoken of and not written out."""
    found = _PICTURE_CODE.search(text)
    if not found and not _WRITTEN_OUT.search(text):
        found = _FIGURE.search(text) or _TABLE.search(text)
    return found[0].strip() if found else None


def _yes_or_no(text: str) -> str | None:
    for sentence in _sentences(_plain(text)):
        if sentence.endswith("?") and _YES_NO.search(sentence) and not _HAS_WH.search(sentence):
            return sentence
    return None


def _not_mathematics(text: str) -> str | None:
    return None if _QUANTITY.search(text) and _ASKS_QUANTITY.search(text) else text


def _asks_nothing(text: str) -> str | None:
    return None if _ASKS.search(_plain(text)) else text


PROBLEM_RULES: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("problem_missing", _missing),
    ("broken_text", where_broken),
    ("problem_too_short", _too_short),
    ("problem_too_long", _too_long),
    ("contains_solution", _found(_SOLUTION)),
    ("multiple_choice", _multiple_choice),
    ("asks_for_proof", _found(_PROOF)),
    ("asks_for_drawing", _found(_DRAWING)),
    ("asks_for_explanation", _found(_EXPLANATION)),
    ("needs_figure", _needs_figure),
    ("mentions_persona", _found(_PERSONA)),
    ("asks_nothing", _asks_nothing),
    ("several_questions", _several_questions),
    ("asks_yes_or_no", _yes_or_no),
    ("not_mathematics", _not_mathematics),
)
"""Reason and rule, in order of application; a rule gives the offending text, or None."""


def why_no_problem(text: str) -> tuple[str, str]:
    """The first reason against a problem and the offending text; two empty texts without one.

    >>> why_no_problem("A baker has 12 eggs and uses 5 of them. Prove that 7 are left.")
    ('asks_for_proof', 'Prove')
    """
    for reason, rule in PROBLEM_RULES:
        offence = rule(text)
        if offence is not None:
            return reason, offence[:_DETAIL].lstrip(".!?;: \n")
    return "", ""
