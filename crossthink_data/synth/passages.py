"""Passages of bounded length, cut where a reader would: at paragraph ends, else at sentence ends.

Every pass is linear. A passage is a piece of the document as it stands, so that its place can be
told in two numbers.
"""

import re
from dataclasses import dataclass

__all__ = ["LONGEST", "SHORTEST", "Passage", "passages"]

LONGEST = 3000
SHORTEST = 400

_BLANK_LINES = re.compile(r"\n[ \t\r\f\v]*\n\s*")
_SENTENCE = re.compile(r"[.!?][\"'”’)\]]*(?=\s)|[。！？]|\n")
# What ends with a full stop and no sentence.
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-Z]|Mrs?|Ms|Dr|Prof|St|Sr|Jr|vs|cf|etc|ca|approx|No|Nos|Vol|pp?|Fig|Eq|Sec|Ch|Inc|Co|Ltd"
    r"|al|Gen|Col|Gov|Sen|Rep|Rev|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)|\b[a-z]\.[a-z])\.$"
)
_SENTENCE_END = re.compile(r"[.!?:;。！？][\"'”’)\]]*$")
_FOOTER = re.compile(
    r"©|\(c\) ?\d{4}|\b(?:all rights reserved|privacy policy|terms of (?:use|service)|cookies?"
    r"|subscribe|sign (?:up|in)|log ?in|share (?:this|on)|follow us|(?:read|learn) more|newsletter"
    r"|leave a (?:comment|reply)|powered by|posted (?:by|on|in)|contact us|back to top)\b",
    re.IGNORECASE,
)
_MOST_OF_A_HEADING = 100
_MOST_HEADINGS = 2
_LEAST_OF_PROSE = 80


@dataclass(frozen=True, slots=True)
class Passage:
    """`text` is `document[start:end]`; the places are in characters."""

    text: str
    start: int
    end: int


_Span = tuple[int, int]


def passages(text: str, *, longest: int = LONGEST, shortest: int = SHORTEST) -> tuple[Passage, ...]:
    """The passages of a document in order; they do not overlap, and each has its bounded length.

    A heading goes with what follows it. Menus, share buttons and notices at the head and foot of
    a page are in no passage where there is prose between them. What would be shorter than
    `shortest` is joined with its neighbour and the two are cut anew near their middle; a document
    that is shorter as a whole has no passage. ValueError unless 0 < 2 * shortest <= longest.

    >>> text = "Water boils. " * 3 + "\\n\\n" + "Iron melts. " * 3
    >>> [passage.text[:5] for passage in passages(text, longest=50, shortest=10)]
    ['Water', 'Iron ']
    """
    if not 0 < 2 * shortest <= longest:
        raise ValueError(f"shortest is {shortest} and longest {longest}; it is at most half of it")
    pieces = [
        part
        for span in _without_furniture(text, _paragraphs(text))
        for part in _cut(text, span, longest)
    ]
    groups: list[list[_Span]] = []
    for piece in pieces:
        if groups and piece[1] - groups[-1][0][0] <= longest:
            groups[-1].append(piece)
            continue
        groups.append([*_headings_of(text, groups, piece, longest), piece])
    spans = _evened(groups, longest, shortest)
    return tuple(Passage(text[start:end], start, end) for start, end in spans)


def _headings_of(text: str, groups: list[list[_Span]], piece: _Span, longest: int) -> list[_Span]:
    """The headings at the end of the last group, taken out of it, that belong to this piece."""
    if not groups:
        return []
    group = groups[-1]
    at = len(group)
    while at > max(1, len(group) - _MOST_HEADINGS) and _is_heading(text, group[at - 1]):
        at -= 1
    if at == len(group) or piece[1] - group[at][0] > longest:
        return []
    carried = group[at:]
    del group[at:]
    return carried


def _paragraphs(text: str) -> list[_Span]:
    """Where each paragraph stands, without the white space around it."""
    spans: list[_Span] = []
    start = 0
    for gap in _BLANK_LINES.finditer(text):
        spans.append((start, gap.start()))
        start = gap.end()
    spans.append((start, len(text)))
    return [span for span in (_stripped(text, *span) for span in spans) if span[0] < span[1]]


def _stripped(text: str, start: int, end: int) -> _Span:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    return start, max(start, end - (len(part) - len(part.rstrip())))


def _without_furniture(text: str, spans: list[_Span]) -> list[_Span]:
    """The paragraphs from the first of prose, with its heading, to the last of prose."""
    prose = [place for place, span in enumerate(spans) if _is_prose(text, span)]
    if not prose:
        return spans
    first, last = prose[0], prose[-1]
    while last + 1 < len(spans) and _is_sentence(text, spans[last + 1]):
        last += 1
    while first and _is_sentence(text, spans[first - 1]):
        first -= 1
    if first and _is_heading(text, spans[first - 1]):
        first -= 1
    return spans[first : last + 1]


def _is_prose(text: str, span: _Span) -> bool:
    """A paragraph with a whole sentence of some length in it that is no notice of a web site."""
    part = text[slice(*span)]
    if len(part) < _LEAST_OF_PROSE or (len(part) < 3 * _LEAST_OF_PROSE and _FOOTER.search(part)):
        return False
    lines = part.split("\n")
    sentences = [line for line in lines if _SENTENCE_END.search(line.rstrip())]
    return 2 * len(sentences) >= len(lines) or (
        bool(sentences) and len(part) >= _LEAST_OF_PROSE * len(lines) // 2
    )


def _is_sentence(text: str, span: _Span) -> bool:
    part = text[slice(*span)]
    ends = _SENTENCE_END.search(part) is not None and _FOOTER.search(part) is None
    return ends and len(part.split(maxsplit=2)) > 2


def _is_heading(text: str, span: _Span) -> bool:
    part = text[slice(*span)]
    short = len(part) <= _MOST_OF_A_HEADING and "\n" not in part
    return short and _SENTENCE_END.search(part) is None and _FOOTER.search(part) is None


def _cut(text: str, span: _Span, longest: int) -> list[_Span]:
    """A paragraph as it is, or in pieces that are short enough."""
    start, end = span
    if end - start <= longest:
        return [span]
    pieces: list[_Span] = []
    for found in (*_sentence_ends(text, start, end), end):
        while found - start > longest:
            at = text.rfind(" ", start + longest // 2, start + longest)
            at = start + longest if at < 0 else at
            pieces.append(_stripped(text, start, at))
            start = at
        pieces.append(_stripped(text, start, found))
        start = found
    return [piece for piece in pieces if piece[0] < piece[1]]


def _sentence_ends(text: str, start: int, end: int) -> list[int]:
    found = (mark.end() for mark in _SENTENCE.finditer(text, start, end))
    return [at for at in found if not _ABBREVIATED.search(text, max(start, at - 10), at)]


def _evened(groups: list[list[_Span]], longest: int, shortest: int) -> list[_Span]:
    """The groups as spans, none shorter than `shortest` where a neighbour can make it longer."""
    spans: list[list[_Span]] = []
    for group in groups:
        if spans and min(_length(group), _length(spans[-1])) < shortest:
            spans[-1:] = _two([*spans[-1], *group], longest)
        else:
            spans.append(group)
    return [(group[0][0], group[-1][1]) for group in spans if _length(group) >= shortest]


def _length(group: list[_Span]) -> int:
    return group[-1][1] - group[0][0]


def _two(pieces: list[_Span], longest: int) -> list[list[_Span]]:
    """One group if that is short enough, else the two that are nearest in length."""
    if _length(pieces) <= longest or len(pieces) == 1:
        return [pieces]
    begin, end = pieces[0][0], pieces[-1][1]
    lengths = [(pieces[at - 1][1] - begin, end - pieces[at][0]) for at in range(1, len(pieces))]
    fitting = [place for place, both in enumerate(lengths) if max(both) <= longest]
    best = 1 + min(fitting, key=lambda place: abs(lengths[place][0] - lengths[place][1]))
    return [pieces[:best], pieces[best:]]
