"""What the reward makes of one completion, and what every answer kind provides."""

from dataclasses import dataclass
from typing import Protocol

__all__ = ["RIGHT", "Judge", "Verdict"]

RIGHT = ""
"""The reason of a right answer: there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """R = R_acc AND R_format for one completion (paper section 2).

    `score` is 1.0 or 0.0. `correct` is R_acc: the final box is right, whatever the tags.
    `formatted` is R_format. `answer` is the content of the final box, None without one. `reason` is
    empty for a score of 1.0, otherwise `format:...` or `acc:...`, format first where both fail.
    """

    score: float
    correct: bool
    formatted: bool
    answer: str | None
    reason: str


class Judge(Protocol):
    """A gold that was compiled once and judges many answers."""

    def judge(self, answer: str) -> str:
        """`RIGHT` (the empty string) when `answer` means the gold, else a reason `acc:...`."""
        ...
