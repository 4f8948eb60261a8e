r"""A scripted model for Syn-QA: reads its prompt as a model would, and answers by rule.

It keeps nothing between calls: the reply is decided by the messages and the schema alone, so it
plays a server in whole-run tests and when replies are recorded. Its questions are sentences of the
passage with one word left out, and the other options are words from elsewhere in it. By a hash of
the passage it declines some, breaks a rule in some, and answers some wrongly: `FAULTS` and the
reasons for which each is rejected.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from crossthink_data.exchange import Message

__all__ = ["FAULTS", "respond"]

FAULTS: dict[str, str] = {
    "declines": "declined",
    "no_json": "no_json",
    "odd_subject": "bad_schema",
    "three_options": "wrong_number_of_options",
    "same_options": "repeated_options",
    "other_answer": "gold_not_in_options",
    "all_above": "all_or_none_of_the_above",
    "passage": "not_stand_alone",
    "tells": "gold_in_question",
    "long_gold": "told_by_length",
    "own_quote": "quote_not_in_passage",
    "wrong_key": "votes_disagree",
    "torn": "no_majority",
    "mumbles": "unreadable_votes",
}
"""What is wrong with a question, and the reason for which a choice question with it is rejected."""

_FAULTY_IN_A_HUNDRED = 45
_TEXT = re.compile(r"\nTEXT\n(.*)\nEND OF TEXT\n", re.DOTALL)
_SENTENCE = re.compile(r"[A-Z][^.!?\n]{40,240}[.!?]")
_WORD = re.compile(r"[A-Za-z]{5,}")
_ASKED = re.compile(r"^Question: (.*)$", re.MULTILINE)
_OPTION = re.compile(r"^\(([A-J])\) (.*)$", re.MULTILINE)
_BLANK = "____"
_MUTTERED = "I cannot tell"


def respond(
    messages: Sequence[Message | Mapping[str, str]], schema: str | None, seed: int = 0
) -> str:
    """The reply to a prompt of Syn-QA: JSON where a schema is given, else a vote in a box.

    `seed` is the sampling seed: what a torn model votes for hangs on it, and nothing else.
    """
    last = messages[-1]
    prompt = last.content if isinstance(last, Message) else last["content"]
    found = _TEXT.search(prompt)
    passage = found[1] if found else ""
    if schema is not None:
        return _written(passage, json.loads(schema))
    return _vote(prompt, passage, seed)


def _number(*parts: str) -> int:
    return int(hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:8], 16)


def _fault(passage: str) -> str:
    """The fault of this passage's question, "" for none."""
    if _number("faulty", passage) % 100 >= _FAULTY_IN_A_HUNDRED:
        return ""
    return list(FAULTS)[_number("fault", passage) % len(FAULTS)]


def _cloze(passage: str, count: int) -> tuple[str, str, list[str]] | None:
    """A sentence of the passage, the word left out of it, and other words of the passage."""
    sentences = [text for text in _SENTENCE.findall(passage) if len(_WORD.findall(text)) > 3]
    if not sentences:
        return None
    sentence = sentences[_number("sentence", passage) % len(sentences)]
    once = [word for word in _WORD.findall(sentence) if len(re.findall(word, sentence)) == 1]
    others = {word.lower() for word in _WORD.findall(passage) if word not in sentence}
    if not once or len(others) < count:
        return None
    right = max(once, key=lambda word: (len(word), word))
    near = sorted(others - {right.lower()}, key=lambda word: (abs(len(word) - len(right)), word))
    return sentence, right, near[: count - 1]


def _written(passage: str, schema: dict[str, dict[str, dict[str, object]]]) -> str:
    described = schema["properties"]
    has_options = "options" in described
    count = described["options"]["maxItems"] if has_options else 4
    subjects = described["subject"]["enum"]
    assert isinstance(count, int)
    assert isinstance(subjects, list)
    fault = _fault(passage)
    cloze = _cloze(passage, count)
    if fault == "no_json":
        return "I am sorry, but I would rather talk about something else."
    if cloze is None or fault == "declines":
        fields = {"reasoning": "Nothing here could be asked in an exam.", "subject": "none"}
        blank = {"question": "", "options": [], "answer": "", "quote": ""}
        return json.dumps(fields | {name: blank[name] for name in blank if name in described})
    sentence, right, wrong = cloze
    options = [right, *wrong]
    question = f"Which word completes the statement: {sentence.replace(right, _BLANK)[:-1]}?"
    fields = {
        "reasoning": f"The text says it in so many words: {right}.",
        "subject": subjects[_number("subject", passage) % (len(subjects) - 1)],
        "question": question,
        "options": options,
        "answer": right,
        "quote": sentence,
    }
    changed = fields | _broken(fault, question, right, options)
    return _dressed(json.dumps({name: changed[name] for name in described}), passage)


def _broken(fault: str, question: str, right: str, options: list[str]) -> dict[str, object]:
    """The fields that a fault changes."""
    wrong = options[1:]
    long = f"{right}, as everybody who has ever looked into it will know"
    changes: dict[str, dict[str, object]] = {
        "odd_subject": {"subject": "cookery"},
        "three_options": {"options": options[:-1]},
        "same_options": {"options": [*options[:-1], right.upper()]},
        "other_answer": {"answer": "something else entirely"},
        "all_above": {"options": [*options[:-1], "All of the above"]},
        "passage": {"question": f"According to the passage, {question[0].lower()}{question[1:]}"},
        "tells": {"question": f"{question[:-1]}, as the word {right} does?"},
        "long_gold": {"options": [long, *wrong], "answer": long},
        "own_quote": {"quote": "This is what the text might as well have said."},
        "wrong_key": {"answer": wrong[0]},
    }
    return changes.get(fault, {})


def _dressed(reply: str, passage: str) -> str:
    """The JSON bare, thought about, or in a fence: servers differ."""
    dress = _number("dress", passage) % 4
    if dress == 1:
        return f"<think>\nWhat could be asked?\n</think>\n\n{reply}"
    return f"Here it is:\n```json\n{reply}\n```" if dress == 2 else reply


def _vote(prompt: str, passage: str, seed: int) -> str:
    asked = _ASKED.search(prompt)
    options = _OPTION.findall(prompt)
    stem = asked[1] if asked else ""
    fault = _fault(passage) if passage else ""
    if fault == "mumbles":
        return rf"It is hard to say. \boxed{{{_MUTTERED}}}"
    known = _known(stem, passage)
    if not options:
        return rf"It follows. \boxed{{{known or 'water'}}}"
    named = [letter for letter, text in options if known and text.split(",")[0] == known]
    if fault == "torn":
        named = [options[(_number("torn", stem) + seed) % len(options)][0]]
    elif not named:
        named = [options[_number("guess", stem) % len(options)][0]]
    return rf"It follows. \boxed{{{named[0]}}}"


def _known(stem: str, passage: str) -> str:
    """The word that the passage has in the place of the blank; "" where it does not say."""
    if _BLANK not in stem:
        return ""
    before, _, behind = stem.partition(": ")[2].partition(_BLANK)
    found = re.search(
        f"{re.escape(before[-40:])}(\\w+){re.escape(behind[:5].rstrip('?'))}", passage
    )
    return found[1] if found else ""
