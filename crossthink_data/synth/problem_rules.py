r"""What a mathematics problem must be before anyone is paid to solve it.

Rules over the text alone, in the order of `PROBLEM_RULES`; the first to fire names the reason. They
look for forms of words, so they are made to be sure rather than complete: what they let through,
the vote has still to agree on.
"""

import re
from collections.abc import Callable

__all__ = ["PROBLEM_RULES", "bare_problem", "has_title", "why_no_problem"]

_SHORTEST, _LONGEST = 40, 2_500  # characters; two short sentences, and a long page
_DETAIL = 300

_TITLE = re.compile(r"(?i)^\s*(?:[#*_>`\s]*)(?:math(?:ematics|s)?\s+)?(?:problem|question)\b"
                    r"(?:\s+(?:statement|text))?[*_`]*\s*[:：][*_`]*\s*")  # fmt: skip
_WRAPPING = re.compile(r"^(\*\*|__|[\"“])(.+?)(\*\*|__|[\"”])$", re.DOTALL)
_START = r"(?:^|[.!?:;]\s+|\n\s*)[*_#>\s]*"

_SOLUTION = re.compile(
    r"\\boxed|\\fbox|^\s*####|"
    rf"{_START}(?i:(?:step[- ]by[- ]step\s+|full\s+|worked\s+|model\s+|sample\s+)?solution|"
    r"(?:final|correct|expected)?\s*answer(?:\s+key)?|answer\s+and\s+explanation)[*_]*\s*[:：=]|"
    r"(?i:\b(?:so|thus|hence|therefore),?\s+the\s+(?:final\s+|correct\s+)?(?:answer|result)\s+is\b)|"
    r"(?i:\bthe\s+(?:final|correct|right)\s+answer\s+is\s+(?!to\b|wanted|an?\b|the\b|given\b|in\b))|"
    rf"{_START}(?i:let(?:'|’)?s\s+(?:solve|compute|calculate|work\s+(?:it|this)\s+out|break))|"
    rf"{_START}(?i:to\s+solve\s+(?:this|the)\s+(?:problem|question)\b)",
    re.MULTILINE,
)
_CHOICE = re.compile(
    r"(?i:\bwhich\s+(?:one\s+)?of\s+(?:the\s+following|these\s+options)\b)|"
    r"(?i:\b(?:choose|select|pick)\s+(?:the\s+)?(?:correct|right|best)\s+(?:answer|option)\b)"
)
_WH = (
    r"(?:how\s+(?:many|much|long|far|fast|often|old|tall|high|wide|deep|large|big|heavy|soon)"
    r"|what)"
)
_DO = (
    r"(?:find|determine|compute|calculate|evaluate|solve|simplify|factori[sz]e|expand|estimate"
    r"|work\s+out)"
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
_ASKING = re.compile(rf"\?|\b(?:{_WH}|{_DO})\b", re.IGNORECASE)
_AGAIN = r"(?:find|determine|compute|calculate|work\s+out)"
_TWO_ASKED = re.compile(
    rf"\b{_WH}\b[^?.!]*(?:,|\band\b|\bas\s+well\s+as\b)\s*(?:also\s+|then\s+|by\s+)?"
    rf"(?:{_WH}|{_AGAIN})\b[^.!]*\?"
    rf"|{_START}{_DO}\b[^?.!]*\b(?:and|then)\s+(?:also\s+|then\s+)?{_AGAIN}\b",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    rf"(?:^|[.!?]\s+|\n\s*)(?:(?:now|then|next|finally|also|please|hence)\s*,?\s+)?{_DO}\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\([^()]*\)|\"[^\"]*\"|“[^”]*”")

_CLAUSE = r"(?:^|[.!?;:,]\s+|\n\s*|\b(?:and|then|also|please)\s+)"
_PROOF = re.compile(
    rf"{_CLAUSE}(?:prove|disprove)\b|(?:^|[.!?;:]\s+|\n\s*|\band\s+)(?:show|verify|demonstrate)\s+that\b|"
    r"\bgive\s+a\s+(?:\w+\s+)?proof\b",
    re.IGNORECASE,
)
_DRAWING = re.compile(
    r"(?:^|[.!?;:,]\s+|\n\s*|\band\s+|\bthen\s+)(?:draw|sketch|plot|graph|construct|shade)\s+"
    r"(?:\w+\s+){0,4}?(?:graph|diagram|figure|picture|curve|chart|parabola|function|histogram|"
    r"plot|line|number\s+line|region|triangle|circle|net|tree|plan|map)s?\b|"
    r"(?:^|[.!?;:]\s+|\n\s*|\band\s+)(?:sketch|graph|plot)\s+\$",
    re.IGNORECASE,
)
_EXPLANATION = re.compile(
    r"(?:^|[.!?;:,]\s+|\n\s*|\b(?:and|then|please|also)\s+(?:briefly\s+)?)"
    r"(?:(?:explain|justify|describe|discuss|interpret|argue|comment\s+on)\b"
    r"|show\s+(?:all\s+)?(?:your|the|each)\s+(?:work|steps?|working|reasoning)\b)|"
    r"(?:^|[.!?;:,]\s+|\n\s*|\band\s+)why\b[^.!?]*\?|\bgive\s+(?:a\s+|your\s+)?reasons?\b",
    re.IGNORECASE,
)
_PICTURE = r"(?:figure|diagram|picture|image|illustration|drawing|photo|graph|chart|plot)"
_FIGURE = re.compile(
    rf"\[asy\]|!\[|<img\b|\\includegraphics|\[(?:{_PICTURE})\b|"
    rf"\b{_PICTURE}s?\s+(?:below|above|shown|provided|attached|to\s+the\s+(?:right|left)|opposite)\b|"
    rf"\b(?:shown|depicted|illustrated|given|seen|pictured)\s+(?:below|above|in\s+the\s+{_PICTURE})\b|"
    rf"\bthe\s+(?:following|accompanying|attached|adjoining)\s+{_PICTURE}\b|"
    rf"\b(?:refer\s+to|see|look\s+at|use|study)\s+(?:the\s+)?(?:figure|diagram|illustration|image)\b|"
    r"\b(?:in|from)\s+the\s+(?:figure|diagram|illustration)\b(?!\s+(?:she|he|they|of|that|skat|paint))",
    re.IGNORECASE,
)
_TABLE = re.compile(
    r"\b(?:table|chart|data)\s+(?:below|above|shown)\b|\bfollowing\s+table\b", re.IGNORECASE
)
_PERSONA = re.compile(
    r"(?i)\bthe\s+(?:given\s+|above\s+)?persona\b|\bpersona'?s\b|\bthe\s+(?:person|description)\s+"
    r"(?:described\s+)?above\b"
)
_YES_NO = re.compile(
    r"(?i)^(?:is|are|was|were|do|does|did|can|could|will|would|has|have|should|must)\b|"
    r"^if\b[^?]*,\s*(?:is|are|was|were|do|does|did|can|could|will|would|has|have|should)\s|"
    r"(?:,|\bor)\s+(?:yes\s+or\s+no|true\s+or\s+false)\b|\b(?:or\s+not)\s*\?"
)
_HAS_WH = re.compile(rf"(?i)\b(?:{_WH}|which|who|whose|where|when)\b")
_QUANTITY = re.compile(
    r"\d|\$|\\[a-z]|=|(?i:\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|"
    r"hundred|thousand|half|third|quarter|twice|double|triple|percent|squared?|prime|integers?)\b)"
)
_ASKS = re.compile(
    rf"\?|{_START}(?:\w+ly\s+|please\s+|then\s+|now\s+)?(?:{_DO}|express|write|give|state|list|count|"
    r"convert|round|name|rank|order|predict|differentiate|integrate)\b|"
    rf"(?:,|\band|\bthen|\bmust|\bto|\byou)\s+(?:{_DO}|express|count|convert)\b",
    re.IGNORECASE,
)
_ASKS_QUANTITY = re.compile(
    rf"\b(?:{_WH}|{_DO}|express|which|where|who|at\s+what|write|give|state|list|count|convert|round|name|"
    r"rank|order|predict|differentiate|integrate|percent(?:age)?|ratio|probability|chance)\b|[=<>≤≥]",
    re.IGNORECASE,
)


def has_title(text: str) -> bool:
    """Whether the text begins with `Math problem:` or the like."""
    return _TITLE.match(text) is not None


def bare_problem(text: str) -> str:
    """The problem without a leading `Math problem:`, in any case or bold, and marks around it all.

    >>> bare_problem("**MATH PROBLEM:** How many eggs are in 3 dozen?")
    'How many eggs are in 3 dozen?'
    """
    text = _TITLE.sub("", text.strip(), count=1).strip()
    wrapped = _WRAPPING.match(text)
    if wrapped and wrapped[1] not in wrapped[2] and wrapped[3] not in wrapped[2]:
        text = wrapped[2].strip()
    return text


def _missing(text: str) -> str | None:
    return None if any(map(str.isalnum, text)) else text


def _too_short(text: str) -> str | None:
    return text if len(text) < _SHORTEST else None


def _too_long(text: str) -> str | None:
    return text[:_DETAIL] if len(text) > _LONGEST else None


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
        if _ASKING.search(marked[0]):  # conditions may be numbered too; a part asks
            return " ".join(marked).strip()
    plain = _ASIDE.sub(" ", text)
    asked = [sentence for sentence in _sentences(plain) if sentence.endswith("?")]
    if len(asked) > 1:
        return " ".join(asked)
    commands = [found[0].strip(" .!?\n") for found in _IMPERATIVE.finditer(plain)]
    if len(commands) + len(asked) > 1:
        return " | ".join(commands + asked)
    both = _TWO_ASKED.search(plain)
    return both[0].strip() if both else None


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in re.findall(r"[^.!?\n]*(?:\.(?=\w)[^.!?\n]*)*[.!?\n]?", text)]


def _needs_figure(text: str) -> str | None:
    found = _FIGURE.search(text)
    if not found and "|" not in text and text.count("\n") < 2 and "&" not in text:
        found = _TABLE.search(text)
    return found[0].strip() if found else None


def _yes_or_no(text: str) -> str | None:
    for sentence in _sentences(text):
        if sentence.endswith("?") and _YES_NO.search(sentence) and not _HAS_WH.search(sentence):
            return sentence
    return None


def _not_mathematics(text: str) -> str | None:
    if _QUANTITY.search(text) and _ASKS_QUANTITY.search(text):
        return None
    return text[:_DETAIL]


def _asks_nothing(text: str) -> str | None:
    return None if _ASKS.search(text) else text[:_DETAIL]


PROBLEM_RULES: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("problem_missing", _missing),
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
