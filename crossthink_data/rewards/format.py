r"""R_format: one think block at the start, and a final answer in a box behind it (paper section 2).

Only `find` and `rfind` walk over the completion, which may be megabytes of anything; a regular
expression reads no more than the inside of a box, to pair its braces.
"""

import re
from typing import Literal, NamedTuple

__all__ = ["THINK_MODES", "Think", "final_box", "read_boxes", "read_completion"]

Think = Literal["required", "prefilled", "ignored"]
THINK_MODES: tuple[Think, ...] = ("required", "prefilled", "ignored")

_OPEN, _CLOSE, _BOX = "<think>", "</think>", "\\boxed"
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_MOST_BOXES = 64


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
    close = completion.find(_CLOSE, start)
    if close < 0:
        return Reading("format:unclosed_think", [])
    again = completion.find(_OPEN, start)
    if again >= 0:
        return Reading("format:nested_think" if again < close else "format:second_think", [])
    behind = close + len(_CLOSE)
    if completion.find(_CLOSE, behind) >= 0:
        return Reading("format:second_think_end", [])
    return read_boxes(completion, behind)


def _no_opening(completion: str) -> str:
    return "format:text_before_think" if _OPEN in completion else "format:no_think"


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
        end = _closing_brace(text, brace)
        if end < 0:
            return Reading("format:unclosed_box", [])
        content = text[brace + 1 : end].strip()
        if content.startswith(_BOX):
            content = _unboxed(content)
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
    """The last box that closes and is not blank, behind the last think block if there is one."""
    start = completion.rfind(_CLOSE)
    start = 0 if start < 0 else start + len(_CLOSE)
    end = len(completion)
    for _ in range(_MOST_BOXES):
        at = completion.rfind(_BOX, start, end)
        if at < 0:
            return None
        reading = read_boxes(completion, _outermost(completion, start, at))
        if reading.answers:
            return reading.answers[-1]
        end = at
    return None


def _outermost(text: str, start: int, at: int) -> int:
    """Where the box begins in which the box at `at` lies: `at` itself unless it is nested."""
    outer = text.rfind(_BOX, start, at)
    if outer < 0:
        return at
    brace = _opening_brace(text, outer + len(_BOX))
    end = _closing_brace(text, brace) if brace >= 0 else -1
    return outer if end > at else at


def _opening_brace(text: str, at: int) -> int:
    """Position of the brace behind a command and white space; -1 when something else stands."""
    length = len(text)
    while at < length and text[at].isspace():
        at += 1
    return at if at < length and text[at] == "{" else -1


def _closing_brace(text: str, opening: int) -> int:
    r"""Position of the brace that closes the one at `opening`, -1 without; `\}` closes nothing."""
    end = text.find("}", opening)
    if end < 0:
        return -1
    if text.find("{", opening + 1, end) < 0 and text.find("\\", opening + 1, end) < 0:
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


def _unboxed(content: str) -> str:
    r"""The inside of `\boxed{\boxed{...}}`; anything else as it is."""
    for _ in range(_MOST_BOXES):
        if not content.startswith(_BOX):
            break
        brace = _opening_brace(content, len(_BOX))
        if brace < 0 or _closing_brace(content, brace) != len(content) - 1:
            break
        content = content[brace + 1 : -1].strip()
    return content
