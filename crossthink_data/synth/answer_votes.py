r"""A gold by vote: answers to one question, counted by what they mean.

Two answers are one when the reward that will train on the gold takes each for the other. Spellings
are taken in order of how often they were written, then of their text; each joins the first class
whose own spelling it equals, so every answer of a class scores 1.0 against the class's spelling.
The order of the answers makes no difference.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from crossthink_data.rewards import compile_gold, explain
from crossthink_data.rewards.nodes import Node, Product, Symbol, Words
from crossthink_data.rewards.readings import read_answer

__all__ = ["NOT_SOLVABLE", "Tally", "count_votes", "is_read", "why_no_gold"]

NOT_SOLVABLE = "not solvable"
"""What the solution prompt has a model box for a problem without an answer."""

_NOT_SOLVABLE = re.compile(
    r"(?i)[\s${]*(?:\\(?:text|mathrm|textbf)\s*\{)?\s*not\s+solvable[\s.}$]*"
)
_NAME = re.compile(r"[A-Za-z]{3,}|[A-Ha-h]|(?i:no|ok)")
_DRESS = re.compile(r"\\(?:text|mathrm|textbf|mathit)\b|[${}()\s.,'-]")
_LONGEST_ANSWER = 200
_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Tally:
    """How a vote went. `asked` solutions were asked for; those without a box cast no vote.

    `votes` has every spelling and its count; `classes` what the readable ones mean: the class's
    spelling and its votes, the largest first. `unread` votes are none that the grammar reads, and
    `not_solvable` say that there is no answer; neither can win.
    """

    asked: int
    votes: tuple[tuple[str, int], ...]
    classes: tuple[tuple[str, int], ...]
    unread: int
    not_solvable: int

    @property
    def cast(self) -> int:
        """How many votes were cast."""
        return sum(count for _, count in self.votes)

    @property
    def answer(self) -> str | None:
        """The spelling of the largest class; None without one."""
        return self.classes[0][0] if self.classes else None

    @property
    def share(self) -> Fraction:
        """The largest class's part of all solutions asked for, also of those that cast no vote."""
        return Fraction(self.classes[0][1], self.asked) if self.classes else Fraction(0)

    def as_json(self) -> dict[str, object]:
        """The tally as provenance has it."""
        return {
            "asked": self.asked,
            "cast": self.cast,
            "spellings": dict(self.votes),
            "classes": dict(self.classes),
            "unread": self.unread,
            "not_solvable": self.not_solvable,
            "share": round(float(self.share), 6),
        }


def count_votes(answers: Iterable[str | None], asked: int) -> Tally:
    r"""The tally of boxed answers; None is a solution without a box.

    >>> tally = count_votes(["0.5", r"\frac12", "1/2", "0.5", "2", None], asked=6)
    >>> tally.answer, tally.share, tally.classes
    ('0.5', Fraction(2, 3), (('0.5', 4), ('2', 1)))
    """
    counts = Counter(answer.strip() for answer in answers if answer is not None)
    ordered = sorted(counts.items(), key=lambda vote: (-vote[1], vote[0]))
    classes: dict[str, int] = {}
    unread = not_solvable = 0
    for spelling, count in ordered:
        if _NOT_SOLVABLE.fullmatch(spelling):
            not_solvable += count
        elif not is_read(spelling):
            unread += count
        else:
            same = next((known for known in classes if _same(known, spelling)), spelling)
            classes[same] = classes.get(same, 0) + count
    largest = sorted(classes.items(), key=lambda vote: (-vote[1], vote[0]))
    return Tally(asked, tuple(ordered), tuple(largest), unread, not_solvable)


def _same(one: str, other: str) -> bool:
    """Whether the reward takes each for the other: it need not be symmetric."""
    return not (
        compile_gold(one, kind="math").judge(other) or compile_gold(other, kind="math").judge(one)
    )


def is_read(answer: str) -> bool:
    r"""Whether the reward's grammar reads the answer as mathematics, and not as words.

    Letters alone are words where they could be: "cat" is a product to the grammar, and "B" may be
    the letter of an option; "xy" is a product.

    >>> [is_read(text) for text in (r"\frac{1}{2}", "no solution", "5 apples", "Tuesday", "cat")]
    [True, True, True, False, False]
    """
    node, _ = read_answer(answer)
    if node is None or _has_words(node):
        return False
    factors = node.factors if type(node) is Product else [node]
    has_letter = any(type(factor) is Symbol for factor in factors)
    return not (has_letter and _NAME.fullmatch(_DRESS.sub("", answer)))


def _has_words(node: Node) -> bool:
    if type(node) is Words:
        return True
    parts = getattr(node, "items", None) or getattr(node, "sides", None) or ()
    return any(_has_words(part) for part in parts)


def why_no_gold(tally: Tally, min_share: Fraction) -> tuple[str, str]:
    """Why the vote gives no gold, as reason and detail; two empty texts when it gives one.

    In this order: `no_boxed_answer`, no vote was cast; `not_solvable`, half of the votes or more
    say so; `answer_not_read`, half or more are nothing that the reward reads; `no_majority`, no
    answer has more than half of the votes cast; `share_below_threshold`, it has less than
    `min_share` of the solutions asked for; `answer_too_long`; `gold_not_gradable`, it does not
    score 1.0 against itself.
    """
    said = "; ".join(f"{count}x {spelling}" for spelling, count in tally.votes)[:_DETAIL]
    if not tally.cast:
        return "no_boxed_answer", f"0 of {tally.asked}"
    if 2 * tally.not_solvable >= tally.cast:
        return "not_solvable", said
    if 2 * tally.unread >= tally.cast:
        return "answer_not_read", said
    if tally.answer is None or 2 * tally.classes[0][1] <= tally.cast:
        return "no_majority", said
    if tally.share < min_share:
        return "share_below_threshold", f"{float(tally.share):.3f}: {said}"
    if len(tally.answer) > _LONGEST_ANSWER:
        return "answer_too_long", tally.answer[:_DETAIL]
    completion = f"<think>...</think> \\boxed{{{tally.answer}}}"
    verdict = explain(completion, tally.answer, kind="math")
    return (
        ("gold_not_gradable", f"{verdict.reason}: {tally.answer}") if verdict.reason else ("", "")
    )
