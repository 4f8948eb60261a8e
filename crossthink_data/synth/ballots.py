r"""Votes on a question whose key is known: does the model, with the passage before it, agree?

A vote is what a reply has in its box; a letter or option text of a choice question, read as the
reward reads it, or a short answer, compared with the key as the reward compares it.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from crossthink_data.exchange import Completion, Refusal, Reply
from crossthink_data.records import LABELS
from crossthink_data.rewards import compile_gold
from crossthink_data.rewards.format import final_box
from crossthink_data.synth.checks import named_option
from crossthink_data.synth.replies import after_thinking

__all__ = ["Ballot", "check_vote", "count_ballot", "vote_of", "why_failed", "why_not_confirmed"]

_LONGEST_VOTE = 200
# What the end of a reply without a box says: "The answer is (B).", "**Answer:** B) zinc", "So C is
# correct.", a letter alone on the last line. A letter among others, or denied, is none of these.
_DRESS = re.compile(r"[*_`#$]+|</?answer>")
_BARE_BOX = re.compile(r"\\?\b(?:boxed|fbox)\b")
_OTHERS = r"(?!\)?\s*(?:,|/|or|and|nor|&)\s*\(?[A-J]\b)"
_TOLD = re.compile(
    r"(?:\b(?i:answer|letter)(?:\s+is)?|\b(?i:option|choice)\s+is)\s*[:=]?\s*(?:(?i:option)\s+)?"
    rf"[(\[{{]?([A-J])(?:(?=[)\].:,;!}}])|\s*$|(?=\s+(?:because|since|as)\b)){_OTHERS}"
    r"|(?:^|\b(?i:so|thus|therefore|hence|option)),?\s*\(?([A-J])\)? is (?:the )?"
    r"(?:correct|right|best)\b"
    r"|^[(\[{]?([A-J])[)\]}.]*$"
)
_AT_END = re.compile(
    r"\banswer(?:\s+is)?\s*[:=]?\s*(?:option\s+)?\(?([A-J])\)?[\s.)]*$", re.IGNORECASE
)
_TAIL = 300


_NO_VOTE = ("truncated", "no_boxed_answer")
"""Reasons of the engine that say how a reply was, and not that there was none."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """The votes in the order they were asked for, each a letter, an answer, or None unread.

    `right` of them say the key; `failed` of those unread never came: no reply was to be had.
    """

    votes: tuple[str | None, ...]
    right: int
    failed: int = 0

    @property
    def unread(self) -> int:
        """Votes that name no option, hold no answer, or never came."""
        return self.votes.count(None)

    @property
    def rate(self) -> float | None:
        """The part of the votes that came that is right, to four places; None where none came."""
        came = len(self.votes) - self.failed
        return round(self.right / came, 4) if came else None

    def as_json(self) -> dict[str, object]:
        """The ballot as provenance has it."""
        told: dict[str, object] = {"votes": list(self.votes), "right": self.right}
        return told | {"rate": self.rate} | ({"failed": self.failed} if self.failed else {})


def vote_of(completion: Completion) -> str | None:
    r"""What a reply votes for, as written; None for one that is cut off or gives no answer.

    >>> vote_of(Completion(key="", text=r"Iron rusts, so \boxed{B}."))
    'B'
    """
    if completion.finish_reason == "length":
        return None
    box = final_box(completion.text)
    if box is not None:
        return box.strip() or None
    return _told(after_thinking(completion.text)[-_TAIL:])


def _told(end: str) -> str | None:
    """The letter that the last line names as the answer; with "Answer:" above it, the last two."""
    plain = _BARE_BOX.sub(" Answer: ", _DRESS.sub(" ", end))
    lines = [line.strip() for line in plain.split("\n") if line.strip()]
    if not lines:
        return None
    last = " ".join(lines[-1].split())
    if len(lines) > 1 and re.search(r"answer(?: is)?\s*:?$", lines[-2], re.IGNORECASE):
        last = f"Answer: {last}"
    if found := _AT_END.search(last):
        return found[1].upper()
    told = list(_TOLD.finditer(last))
    return next((letter for letter in told[-1].groups() if letter), None) if told else None


def check_vote(completion: Completion) -> str:
    """The check of an ask for a vote: "", `truncated` or `no_boxed_answer`."""
    if completion.finish_reason == "length":
        return "truncated"
    return "" if vote_of(completion) is not None else "no_boxed_answer"


def count_ballot(replies: Iterable[Reply], key: str, options: tuple[str, ...]) -> Ballot:
    """The ballot on a key: a letter where there are options, else a short answer."""
    replies = tuple(replies)
    given = [vote_of(reply) if isinstance(reply, Completion) else None for reply in replies]
    failed = sum(why_failed(reply) is not None for reply in replies)
    if options:
        votes = tuple(None if vote is None else _letter(vote, options) for vote in given)
    else:
        votes = _open_votes(given, key)
    return Ballot(votes, votes.count(key), failed)


def why_failed(reply: Reply) -> Refusal | None:
    """The refusal of a vote that never came; None for one that came, whatever it says."""
    if isinstance(reply, Refusal) and reply.reason not in _NO_VOTE:
        return reply
    return None


def _letter(vote: str, options: tuple[str, ...]) -> str | None:
    place = named_option(vote, options)
    return None if place is None else LABELS[place]


def _open_votes(given: list[str | None], key: str) -> tuple[str | None, ...]:
    """Votes that mean the same are written the same: as the key, else as the first of them."""
    gold = compile_gold(key, kind="short_open")
    known: list[str] = []
    votes: list[str | None] = []
    for vote in given:
        if vote is None or len(vote) > _LONGEST_VOTE:
            votes.append(None)
        elif not gold.judge(vote):
            votes.append(key)
        else:
            same = (k for k in known if not compile_gold(k, kind="short_open").judge(vote))
            votes.append(next(same, vote))
            known.append(vote)
    return tuple(votes)


def why_not_confirmed(ballot: Ballot) -> tuple[str, str]:
    """Reason and detail where no majority says the key; "" and "" where one does.

    A majority is more than half of all the votes that were asked for, read or not.
    `unreadable_votes`: so many cannot be read that there cannot be one. `votes_disagree`: there is
    one, for something else. `no_majority`: there is none.

    >>> why_not_confirmed(Ballot(("A", "A", "B"), right=2))
    ('', '')
    >>> why_not_confirmed(Ballot(("A", "B", None), right=1))
    ('no_majority', 'A 1, B 1, unread 1')
    """
    asked = len(ballot.votes)
    if 2 * ballot.right > asked:
        return "", ""
    counts = Counter(vote for vote in ballot.votes if vote is not None)
    ranked = sorted(counts.items(), key=lambda vote: (-vote[1], vote[0]))
    told = ", ".join(f"{vote} {count}" for vote, count in ranked)
    detail = ", ".join(filter(None, (told, f"unread {ballot.unread}" if ballot.unread else "")))
    if 2 * ballot.unread >= asked:
        return "unreadable_votes", detail
    if ranked and 2 * ranked[0][1] > asked:
        return "votes_disagree", detail
    return "no_majority", detail
