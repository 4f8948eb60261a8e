"""Votes: read as the reward reads answers, counted against all that were asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.exchange import Completion, Refusal
from crossthink_data.synth.ballots import (
    Ballot,
    check_vote,
    count_ballot,
    vote_of,
    why_not_confirmed,
)

METALS = ("iron", "zinc", "copper", "tin")


def said(text: str, finish_reason: str = "stop") -> Completion:
    return Completion(key="k", text=text, finish_reason=finish_reason)


@pytest.mark.parametrize(
    ("text", "vote"),
    [
        (r"So \boxed{B}.", "B"),
        (r"\boxed{A} no, wait: \boxed{C}", "C"),
        (r"<think>\boxed{A}</think> It is \boxed{(D) tin}", "(D) tin"),
        ("It rusts. The answer is (B).", "B"),
        ("**Answer: C**", "C"),
        ("The answer is option d", "D"),
        ("Zinc melts first.\n\n**B**", "B"),
        ("It rusts.\n(B)", "B"),
        ("<think>A?</think>B", "B"),
        ("The correct answer is B: zinc", "B"),
        ("Therefore, the answer is **(B) zinc**.", "B"),
        ("The answer is B because zinc melts first.", "B"),
        ("The correct option is B.", "B"),
        ("So B is correct.", "B"),
        ("Zinc it is.\n**Answer:** (B) zinc", "B"),
        ("The correct answer is:\n\n**B. zinc**", "B"),
        ("### Answer\nB", "B"),
        ("The answer is (B)!", "B"),
        ("<answer>B</answer>", "B"),
        (r"So \boxed B", "B"),
        ("so boxed{B}", "B"),
        ("The answer is not B.", None),
        ("The answer is A or B.", None),
        ("The answer is A, B and C.", None),
        ("The answer is A good guess at best.", None),
        ("Is B correct? I cannot tell.", None),
        ("(A) iron\n(B) zinc\n(C) copper\n(D) tin", None),
        ("Options A and B are out.", None),
        ("Option A is wrong.", None),
        ("Option C: copper melts later.", None),
        ("Option B is right.", "B"),
        ("<think>The answer is B", None),
        ("An answer is a reply. A", None),
        ("The answer is between A and B, I think", None),
        (r"\boxed{}", None),
        ("", None),
    ],
)
def test_a_vote_is_what_is_boxed_or_told_at_the_end(text: str, vote: str | None) -> None:
    assert vote_of(said(text)) == vote
    assert check_vote(said(text)) == ("" if vote else "no_boxed_answer")


def test_a_reply_that_was_cut_off_is_no_vote() -> None:
    assert vote_of(said(r"\boxed{B}", "length")) is None
    assert check_vote(said(r"\boxed{B}", "length")) == "truncated"


def test_votes_for_options_are_letters() -> None:
    replies = [
        said(r"\boxed{B}"),
        said(r"\boxed{Zinc}"),
        said(r"\boxed{\text{(C) copper}}"),
        said(r"\boxed{lead}"),
        Refusal(key="k", reason="no_boxed_answer"),
    ]
    ballot = count_ballot(replies, "B", METALS)
    assert ballot == Ballot(("B", "B", "C", None, None), right=2)
    assert ballot.as_json() == {"votes": ["B", "B", "C", None, None], "right": 2, "rate": 0.4}


def test_open_votes_are_compared_as_the_reward_compares() -> None:
    replies = [
        said(r"\boxed{\text{Carbon dioxide.}}"),
        said(r"\boxed{carbon dioxide}"),
        said(r"\boxed{Oxygen}"),
        said(r"\boxed{the oxygen}"),
        said(rf"\boxed{{{'so ' * 100}}}"),
    ]
    ballot = count_ballot(replies, "carbon dioxide", ())
    assert ballot == Ballot(("carbon dioxide", "carbon dioxide", "Oxygen", "Oxygen", None), 2)


@pytest.mark.parametrize(
    ("votes", "right", "reason"),
    [
        ("BBB", 3, ""),
        ("BBA", 2, ""),
        ("BB ", 2, ""),
        ("BA", 1, "no_majority"),
        ("BAC", 1, "no_majority"),
        ("AAB", 1, "votes_disagree"),
        ("AAA", 0, "votes_disagree"),
        ("BAC ", 1, "no_majority"),
        ("B  ", 1, "unreadable_votes"),
        ("A  ", 0, "unreadable_votes"),
        ("BB  ", 2, "unreadable_votes"),
        (" ", 0, "unreadable_votes"),
        ("B", 1, ""),
    ],
)
def test_a_majority_of_all_votes_must_say_the_key(votes: str, right: int, reason: str) -> None:
    ballot = Ballot(tuple(vote.strip() or None for vote in votes), right)
    assert why_not_confirmed(ballot)[0] == reason


@given(st.lists(st.sampled_from(["A", "B", None]), min_size=1, max_size=9))
def test_the_order_of_votes_makes_no_difference(votes: list[str | None]) -> None:
    mixed = sorted(votes, key=str)
    right = votes.count("B")
    assert why_not_confirmed(Ballot(tuple(votes), right)) == why_not_confirmed(
        Ballot(tuple(mixed), right)
    )
