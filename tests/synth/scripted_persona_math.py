"""A model without state for Persona-MATH: writes arithmetic about a persona, and solves it.

Everything follows from a hash of what is asked (and of the sampling seed, where the caller has
one), so equal requests get equal replies in any order and from any process. Most problems are sound
and most solutions right; some are not, in each of the ways that the rules look for.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

_PERSONA = re.compile(r"^The person it comes from: (.*)$", re.MULTILINE)
_PROBLEM = re.compile(r"Solve this problem\.\n\n(.*?)\n\nWork step by step", re.DOTALL)
_SUM = re.compile(r"packs (\d+) boxes of (\d+) cards and gives (\d+) of the cards")

_FAULTS = (
    "{story} Prove that the number is not negative.",
    "{story} How many cards are left? How many boxes would they fill?",
    "{story} Is the number of cards that are left an even number?",
    "{story} How many cards are left? Explain your reasoning.",
    "{story} How many cards are left?\n\nSolution: multiply first, then subtract.",
    "{story} In the figure, how many cards are left?",
    "Tell us about your day.",
)


def is_persona_math(messages: Sequence[Mapping[str, str]]) -> bool:
    """Whether these messages are of the prompts of Persona-MATH."""
    text = messages[-1]["content"]
    return bool(_PERSONA.search(text) or _PROBLEM.search(text))


def respond(
    messages: Sequence[Mapping[str, str]], schema: Mapping[str, object] | None, seed: int = 0
) -> str:
    """The reply to chat messages; JSON where a schema is given or a problem is asked for."""
    text = messages[-1]["content"]
    persona = _PERSONA.search(text)
    if persona is not None:
        return _written(persona[1], _draw(text), schema is not None)
    problem = _PROBLEM.search(text)
    assert problem is not None, text
    return _solved(problem[1], seed)


def _draw(*parts: object) -> int:
    return int(hashlib.sha256(repr(parts).encode()).hexdigest()[:12], 16)


def _written(persona: str, draw: int, as_json: bool) -> str:
    boxes, cards, given = 3 + draw % 40, 12 + draw // 40 % 60, 5 + draw // 2400 % 30
    who = persona.rstrip(".")
    story = (
        f"Here is someone: {who}. This person packs {boxes} boxes of {cards} cards and gives "
        f"{given} of the cards to a friend."
    )
    kind = draw // 72_000 % 20
    if kind == 0:
        return "I would rather write a poem about it"
    if kind < 5:
        problem = _FAULTS[draw // 1_440_000 % len(_FAULTS)].format(story=story)
    else:
        problem = f"{story} How many cards are left?"
    title = ("", "Math problem: ", "**Math Problem:** ")[draw // 7 % 3]
    return json.dumps({"problem": title + problem}) if as_json else f"Math problem: {problem}"


def _solved(problem: str, seed: int) -> str:
    found = _SUM.search(problem)
    if found is None:
        return "Nothing is given, so \\boxed{\\text{not solvable}}."
    boxes, cards, given = map(int, found.groups())
    right = boxes * cards - given
    work = f"There are ${boxes} \\cdot {cards} = {boxes * cards}$ cards, less {given}. "
    temper, luck = _draw(problem) % 16, _draw(problem, seed) % 100
    if temper == 0:
        return work + "So the number of cards that are left is"  # as if it were cut off
    if temper == 1:
        return work + "\\boxed{\\text{a great many}}"
    if temper == 2:
        return work + "\\boxed{\\text{not solvable}}"
    if temper == 3:
        return work + f"\\boxed{{{right + luck % 5}}}"
    if temper == 4 and luck < 55:
        return work + "It would take too long to say."
    if luck < 12:
        return work + f"\\boxed{{{right + 1}}}"
    if luck < 16:
        return work + f"The answer is {right}."
    spellings = (f"{right}", f"{right}", f"{right}.0", f"{right}\\text{{ cards}}", f"{2 * right}/2")
    return work + f"\\boxed{{{spellings[luck % 5]}}}"
