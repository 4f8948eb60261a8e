r"""R_format: one think block at the start, and a final answer in a box behind it (paper section 2).

Only `find` and `rfind` walk over the completion, which may be megabytes of anything; a regular
expression pairs braces inside a box, and behind a box that never closes. Every character is read a
bounded number of times.
"""

import re
from collections.abc import Collection
from typing import Literal, NamedTuple

__all__ = ["THINK_MODES", "Think", "closing_brace", "final_box", "read_boxes", "read_completion"]

Think = Literal["required", "prefilled", "ignored"]
THINK_MODES: tuple[Think, ...] = ("required", "prefilled", "ignored")

_OPEN, _CLOSE, _BOX = "<think>", "</think>", "\\boxed"
_TAGS = (_OPEN, _CLOSE)
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_SPACE = re.compile(r"\s*")
_SPACE_THEN_BRACE = re.compile(r"\s+\{")
_MOST_BOXES = 64
_MOST_JUMPS = 16


class Reading(NamedTuple):
    """`reason` is empty when the format is right; `answers` are then the boxes, in order."""

    reason: str
    answers: list[str]


def read_completion(completion: str, think: Think = "required") -> Reading:
    r"""The boxed answers of a completion, or the reason why its format is wrong.

    With `required` there must be one `<think>...</think>` at the start, closed, not nested and not
    reopened, and with `prefilled` its opening tag must be missing. Boxes inside the block never
    count. With `ignored` tags are not asked for, and the last box is the answer.

    >>> read_completion(r"<think>2 + 2</think> It is \boxed{4}.")
    Reading(reason='', answers=['4'])
    >>> read_completion(r"\boxed{4}").reason
    'format:no_think'
    """
    if think == "ignored":
        answer = final_box(completion)
        return Reading("", [answer]) if answer is not None else Reading("format:no_box", [])
    start = 0
    if think == "required":
        if not completion.startswith(_OPEN):
            start = len(completion) - len(completion.lstrip())
            if not completion.startswith(_OPEN, start):
                return Reading(_no_opening(completion), [])
        start += len(_OPEN)
    close = _next_tag(completion, start)
    if close < 0 or not completion.startswith(_CLOSE, close):
        return Reading(_no_closing(completion, close), [])
    behind = close + len(_CLOSE)
    again = _next_tag(completion, behind)
    if again >= 0:
        opens = completion.startswith(_OPEN, again)
        return Reading("format:second_think" if opens else "format:second_think_end", [])
    return read_boxes(completion, behind)


def _next_tag(text: str, start: int) -> int:
    """Position of the first think tag from `start` on, -1 without.

    Looking for `<` alone is three times as fast as looking for two tags, and few texts have many.
    """
    at = text.find("<", start)
    for _ in range(_MOST_JUMPS):
        if at < 0 or text.startswith(_TAGS, at):
            return at
        at = text.find("<", at + 1)
    if at < 0:
        return -1
    found = [tag for tag in (text.find(_OPEN, at), text.find(_CLOSE, at)) if tag >= 0]
    return min(found, default=-1)


def _no_opening(completion: str) -> str:
    return "format:text_before_think" if _OPEN in completion else "format:no_think"


def _no_closing(completion: str, next_tag: int) -> str:
    if next_tag >= 0 and completion.find(_CLOSE, next_tag) >= 0:
        return "format:nested_think"
    return "format:unclosed_think"


def read_boxes(text: str, start: int = 0) -> Reading:
    """The contents of the boxes from `start` on, blank ones left out; the reason if there are none.

    A box inside a box is one answer. An unclosed box spoils the format: the answer was cut off.
    """
    answers: list[str] = []
    blank = False
    at = text.find(_BOX, start)
    while at >= 0:
        brace = _opening_brace(text, at + len(_BOX))
        if brace < 0:
            at = text.find(_BOX, at + len(_BOX))
            continue
        end = closing_brace(text, brace)
        if end < 0:
            return Reading("format:unclosed_box", [])
        content = _content(text, brace, end)
        if content:
            answers.append(content)
        else:
            blank = True
        if len(answers) > _MOST_BOXES:
            return Reading("format:too_many_boxes", [])
        at = text.find(_BOX, end)
    if answers:
        return Reading("", answers)
    return Reading("format:empty_box" if blank else "format:no_box", [])


def final_box(completion: str) -> str | None:
    r"""The last box that closes and is not blank, None without; what is thought never counts.

    Thought is what lies before the last `</think>`, or behind a `<think>` that is not closed.

    >>> final_box(r"<think>perhaps \boxed{3}</think> It is \boxed{\frac{1}{2}}.")
    '\\frac{1}{2}'
    """
    start = completion.rfind(_CLOSE)
    start = 0 if start < 0 else start + len(_CLOSE)
    stop = completion.find(_OPEN, start)
    text = completion[start:] if stop < 0 else completion[start:stop]
    answer: str | None = None
    closings: dict[int, int] | None = None
    at = text.find(_BOX)
    while at >= 0:
        at += len(_BOX)
        brace = _opening_brace(text, at)
        if brace >= 0:
            end = closing_brace(text, brace) if closings is None else closings.get(brace, -1)
            if end >= 0:
                answer = _content(text, brace, end) or answer
                at = end
            elif closings is None:
                # Looking for the end of each of many unclosed boxes would be quadratic.
                closings = _closing_braces(text, _all_opening_braces(text, brace))
        at = text.find(_BOX, at)
    return answer


def _all_opening_braces(text: str, start: int) -> set[int]:
    """The opening brace of every box behind `start`."""
    braces = set()
    at = text.find(_BOX, start)
    while at >= 0:
        at += len(_BOX)
        braces.add(_opening_brace(text, at))
        at = text.find(_BOX, at)
    return braces - {-1}


def _opening_brace(text: str, at: int) -> int:
    """Position of the brace behind a command and white space; -1 when something else stands."""
    if text.startswith("{", at):
        return at
    spaced = _SPACE_THEN_BRACE.match(text, at)
    return spaced.end() - 1 if spaced else -1


def closing_brace(text: str, opening: int) -> int:
    r"""Position of the brace that closes the one at `opening`, -1 without; `\}` closes nothing."""
    # Counting is three times as fast as pairing, and enough where no brace is escaped.
    depth, at, end = 0, opening, text.find("}", opening)
    while end >= 0:
        depth += text.count("{", at, end) - 1
        if not depth:
            break
        at = end + 1
        end = text.find("}", at)
    if end >= 0 and text.find("\\{", opening, end) < 0 and text.find("\\}", opening, end + 1) < 0:
        return end
    depth = 0
    for brace in _BRACES.finditer(text, opening):
        if brace[0] == "{":
            depth += 1
        elif brace[0] == "}":
            depth -= 1
            if not depth:
                return brace.start()
    return -1


def _closing_braces(text: str, openings: Collection[int]) -> dict[int, int]:
    """What `closing_brace` says of each of `openings`, in one pass; those unclosed are missing."""
    closings: dict[int, int] = {}
    if openings:
        open_now: list[int] = []
        for brace in _BRACES.finditer(text, min(openings)):
            if brace[0] == "{":
                open_now.append(brace.start())
            elif brace[0] == "}" and open_now:
                opening = open_now.pop()
                if opening in openings:
                    closings[opening] = brace.start()
    return closings


def _content(text: str, opening: int, closing: int) -> str:
    r"""The answer between two braces; the inside of `\boxed{\boxed{...}}`."""
    content = text[opening + 1 : closing].strip()
    return _unboxed(content) if content.startswith(_BOX) else content


def _unboxed(content: str) -> str:
    """The content without the boxes that wrap all of it."""
    braces: list[int] = []
    at = 0
    while len(braces) < _MOST_BOXES and content.startswith(_BOX, at):
        brace = _opening_brace(content, at + len(_BOX))
        if brace < 0:
            break
        braces.append(brace)
        inside = _SPACE.match(content, brace + 1)
        at = inside.end() if inside else brace + 1
    closings = _closing_braces(content, braces)
    start, end = 0, len(content)
    for brace in braces:
        closing = closings.get(brace, -1)
        if closing < 0 or content[closing + 1 : end].strip():
            break
        start, end = brace + 1, closing
    return content[start:end].strip()
