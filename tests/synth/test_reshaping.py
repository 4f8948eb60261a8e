"""Replies as small models write them: what is plainly meant is taken, what is not stays refused."""

import json
import re
from typing import Any

import pytest

from crossthink_data.exchange import canonical_schema
from crossthink_data.synth.replies import Misread, read_reply
from crossthink_data.synth.reshaping import nearly_json

SCHEMA = canonical_schema(
    {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "subject": {"type": "string", "enum": ["anatomy", "us_history", "none"]},
            "quote": {"type": "string"},
            "options": {"type": "array", "items": {"type": "string"}, "maxItems": 4},
            "answer": {"type": "string"},
        },
        "required": ["reasoning", "subject", "quote", "options", "answer"],
        "additionalProperties": False,
    }
)
GOOD: dict[str, Any] = {
    "reasoning": "It says so.",
    "subject": "anatomy",
    "quote": "Bone is alive.",
    "options": ["bone", "hair", "nail", "horn"],
    "answer": "bone",
}
JSON = json.dumps(GOOD)
LETTERED = {"A": "bone", "B": "hair", "C": "nail", "D": "horn"}


def changed(**values: object) -> str:
    return json.dumps(GOOD | values)


@pytest.mark.parametrize(
    "reply",
    [
        str(GOOD),
        f"```python\n{GOOD}\n```",
        str(GOOD).replace("'bone'", '"bone"'),
        JSON[:-1],
        f"```json\n{json.dumps(GOOD, indent=1)[:-2]}\n```",
        json.dumps({"question": GOOD}),
        json.dumps({"id": 1, "result": GOOD}),
        json.dumps({key.upper(): value for key, value in GOOD.items()}),
        changed(options=LETTERED),
        changed(options={"1.": "bone", "2.": "hair", "3.": "nail", "4.": "horn"}),
        changed(options=[{"label": n, "text": t} for n, t in LETTERED.items()]),
        changed(options=[{n: t} for n, t in LETTERED.items()]),
        changed(options="A) bone\nB) hair\nC) nail\nD) horn"),
        changed(options="- bone\n- hair\n- nail\n- horn\n"),
        changed(quote=["Bone is alive."]),
        changed(subject="Anatomy"),
    ],
)
def test_another_form_of_the_same_is_the_same(reply: str) -> None:
    assert read_reply(reply, SCHEMA) == GOOD


@pytest.mark.parametrize(
    ("reply", "field", "value"),
    [
        (changed(answer=5), "answer", "5"),
        (changed(options=[2.5, 4, "6"]), "options", ["2.5", "4", "6"]),
        (changed(quote=None), "quote", ""),
        (changed(quote=["One.", "Two."]), "quote", "One. … Two."),
        (str(GOOD | {"quote": "Wolff's law"}), "quote", "Wolff's law"),
        (JSON.replace("Bone is alive.", "Wolff\\'s law"), "quote", "Wolff's law"),
        (JSON.replace("It says so.", 'It says "so".'), "reasoning", 'It says "so".'),
        (JSON.replace("hair", 'a "hair" x'), "options", ["bone", 'a "hair" x', "nail", "horn"]),
        (re.sub('"reasoning": "[^"]*", ', "", JSON), "reasoning", ""),
    ],
)  # fmt: skip
def test_a_value_in_another_form_is_read(reply: str, field: str, value: object) -> None:
    assert read_reply(reply, SCHEMA) == GOOD | {field: value}


@pytest.mark.parametrize("said", ["none", "None", None])
def test_nothing_to_ask_needs_no_other_field(said: object) -> None:
    empty = {"reasoning": "", "subject": "none", "quote": "", "options": [], "answer": ""}
    assert read_reply(json.dumps({"subject": said}), SCHEMA) == empty


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (JSON[:-4], "bad_json"),  # cut inside the answer
        (JSON[: JSON.index('"answer"')], "bad_json"),
        (changed(answer=True), "bad_schema"),
        (changed(answer={"text": "bone"}), "bad_schema"),
        (changed(options={"x": "bone", "y": "hair"}), "bad_schema"),
        (changed(options=[*GOOD["options"], "hoof"]), "bad_schema"),
        (changed(subject="biology"), "bad_schema"),
        (re.sub(', "answer": "[^"]*"', "", JSON), "bad_schema"),
        (json.dumps({"a": GOOD, "b": GOOD}), "bad_schema"),
    ],
)
def test_what_is_not_plain_stays_refused(reply: str, reason: str) -> None:
    read = read_reply(reply, SCHEMA)
    assert isinstance(read, Misread)
    assert read.reason == reason


def test_text_that_is_json_is_nearly_nothing_else() -> None:
    assert list(nearly_json(JSON)) == []


@pytest.mark.parametrize("start", ["{", '{"', "{'"])
@pytest.mark.parametrize(
    "piece", ['"a" b ', '\\"a', '"a\\" b ', "{'a': \"", "\\'", "'a' ", '"   ', "\\"]
)
def test_hostile_replies_are_looked_at_in_linear_time(start: str, piece: str) -> None:
    # A pattern that looked for the end of each string of these would take minutes.
    read_reply(start + piece * (90_000 // len(piece)), SCHEMA)
