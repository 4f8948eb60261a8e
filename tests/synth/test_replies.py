"""Replies: every wrapping is read, nothing hostile raises or takes long, and the reason is told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.exchange import Completion, canonical_schema
from crossthink_data.synth.replies import Misread, after_thinking, read_reply, reply_check

SCHEMA = canonical_schema(
    {
        "type": "object",
        "properties": {
            "reasoning": {"type": "string"},
            "answer": {"type": "string"},
            "options": {"type": "array", "items": {"type": "string"}, "maxItems": 4},
            "sure": {"type": "boolean"},
            "count": {"type": "integer"},
        },
        "required": ["answer"],
        "additionalProperties": False,
    }
)
GOOD = {"reasoning": "It is {known}.", "answer": "Oslo"}
TEXT = json.dumps(GOOD)


@pytest.mark.parametrize(
    "reply",
    [
        TEXT,
        f"\n {TEXT}\n",
        f'<think>Perhaps {{"answer": "Rome"}}?</think>{TEXT}',
        f"Perhaps.</think>\n\n{TEXT}",
        f"Here you are:\n```json\n{TEXT}\n```\nAnything else?",
        f"```\n{TEXT}\n```",
        f'```json\n{{"answer": "Rome"}}\n```\nNo, rather:\n```json\n{TEXT}\n```',
        f'A draft {{"answer": "Rome"}} and the end: {TEXT} Done. {{}}',
        rf"With $\frac{{1}}{{2}}$ and a set {{1, 2}}: {TEXT} so \boxed{{x}}",
        f'An open {{"brace and then {TEXT}'.replace('{"brace', "{ brace"),
        f'{{"note": 1, "inner": {{"answer": "Rome"}}, {TEXT[1:]}',
        TEXT[:-1] + ",\n}",
        "<reasoning>It is {known}.</reasoning>\n<answer>\nOslo\n</answer>",
        "<think>hm</think><reasoning>It is {known}.</reasoning> <answer>Oslo</answer>",
    ],
)
def test_every_wrapping_is_read(reply: str) -> None:
    assert read_reply(reply, SCHEMA) == GOOD


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "no_json"),
        ("Oslo.", "no_json"),
        (f"<think>{TEXT}", "no_json"),
        ('{"answer": "Os', "bad_json"),
        ('{"answer": NaN}', "bad_json"),
        ('{"answer": "Oslo", "answer": "Rome"}', "bad_json"),
        ('{"count": 1e999, "answer": "Oslo"}', "bad_json"),
        ('{"count": ' + "9" * 5000 + ', "answer": "Oslo"}', "bad_json"),
        ('{"count": 5}', "bad_schema"),
        ('{"answer": [5]}', "bad_schema"),
        ('{"answer": "Oslo", "options": ["a", "b", "c", "d", "e"]}', "bad_schema"),
        ("<count>5</count>", "bad_schema"),
        ('["answer"]', "no_json"),
        ('{"answer":' * 100 + "1" + "}" * 100, "reply_too_deep"),
        ('{"answer": "' + "x" * 100_000 + '"}', "reply_too_long"),
    ],
)
def test_what_cannot_be_read_has_a_reason(reply: str, reason: str) -> None:
    read = read_reply(reply, SCHEMA)
    assert isinstance(read, Misread)
    assert read.reason == reason
    assert len(read.detail) <= 301
    assert reply_check(SCHEMA)(Completion(key="k", text=reply)) == reason


def test_the_check_of_a_good_reply_is_empty() -> None:
    assert reply_check(SCHEMA)(Completion(key="k", text=TEXT)) == ""


def test_a_key_said_twice_with_one_value_is_read() -> None:
    assert read_reply('{"answer": "Oslo", "answer": "Oslo"}', SCHEMA) == {"answer": "Oslo"}


def test_a_comma_too_many_is_left_out_but_not_from_a_text() -> None:
    reply = '{"answer": "a,} b,]", "options": ["x,", "y",], }'
    assert read_reply(reply, SCHEMA) == {"answer": "a,} b,]", "options": ["x,", "y"]}


def test_a_listed_value_is_read_in_any_case_and_with_blanks() -> None:
    schema = canonical_schema({"properties": {"subject": {"enum": ["us_history", "none"]}}})
    assert read_reply('{"subject": "US History"}', schema) == {"subject": "us_history"}
    assert read_reply('{"subject": "None"}', schema) == {"subject": "none"}
    assert isinstance(read_reply('{"subject": "ushistory"}', schema), Misread)


def test_fields_the_schema_does_not_know_are_left_out() -> None:
    assert read_reply('{"answer": "Oslo", "confidence": 0.9}', SCHEMA) == {"answer": "Oslo"}


def test_tagged_blocks_take_the_type_of_their_field() -> None:
    reply = (
        "<answer>Oslo</answer><sure>Yes</sure><count>12</count>"
        "<options>\n- Oslo\n- Bergen\n3. Rome\n</options>"
    )
    assert read_reply(reply, SCHEMA) == {
        "answer": "Oslo",
        "sure": True,
        "count": 12,
        "options": ["Oslo", "Bergen", "Rome"],
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\frac{1}{2}", r"\frac{1}{2}"),
        (r"\\frac{1}{2}", r"\frac{1}{2}"),
        (r"\(x\) and \sqrt{2}", r"\(x\) and \sqrt{2}"),
        (r"\theta \times \nu \neq \beta", r"\theta \times \nu \neq \beta"),
        (r"\text{m}\right)", r"\text{m}\right)"),
        (r"one\ntwo\tthree \"four\" \u00e9", 'one\ntwo\tthree "four" é'),
        (r"line\nnext\nuse\nnot", "line\nnext\nuse\nnot"),
        (r"\user", r"\user"),
        (r"a\\nb", r"a\nb"),
        (r"\underline{x}", r"\underline{x}"),
        ("line\nbreak", "line\nbreak"),
    ],
)
def test_backslashes_mean_what_was_meant(written: str, meant: str) -> None:
    assert read_reply(f'{{"answer": "{written}"}}', SCHEMA) == {"answer": meant}


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("<think>a</think> b", " b"),
        ("a</think>b</think>c", "c"),
        ("plain", "plain"),
        ("<think>never ends", ""),
    ],
)
def test_thinking_is_left_behind(text: str, rest: str) -> None:
    assert after_thinking(text) == rest


JUNK = {
    "braces": "{" * 300_000,
    "objects without end": '{"a":' * 200_000,
    "objects nested": '{"a":' * 200_000 + "1" + "}" * 200_000,
    "objects": '{"a":1}' * 150_000,
    "lists": '{"a":' + "[" * 300_000,
    "escaped quotes": '{"' + '\\"' * 300_000,
    "backslashes": '{"answer": "' + "\\" * 300_001,
    "quotes": '{"a"' + '"' * 300_000,
    "fences": "```json\n{" * 100_000,
    "tags": "<answer>" * 100_000 + "</answer",
    "closing tags": "</answer>" * 100_000,
    "thinking": "<think></think>" * 70_000,
    "blanks in braces": ("{" + " " * 1000) * 1000,
    "blanks": " " * 300_000 + "x",
}


@pytest.mark.parametrize("name", JUNK)
def test_megabytes_of_junk_are_read_in_linear_time(name: str) -> None:
    # No clock: a quadratic pass over a megabyte would not come back within the hour.
    assert isinstance(read_reply(JUNK[name], SCHEMA), Misread)


@given(st.text(alphabet='{}[]"\\:,<>/ answer`\n1', max_size=200))
def test_nothing_raises(text: str) -> None:
    read = read_reply(text, SCHEMA)
    assert isinstance(read, Misread) or isinstance(read["answer"], str)


@given(st.dictionaries(st.just("answer"), st.text(), min_size=1))
def test_what_json_writes_is_read_back(fields: dict[str, str]) -> None:
    # A backslash before a command of LaTeX is always doubled by a writer, so nothing is changed.
    for ensure_ascii in (True, False):
        text = json.dumps(fields, ensure_ascii=ensure_ascii)
        if not any(mark in fields["answer"] for mark in "\n\t\r\b\f"):
            assert read_reply(text, SCHEMA) == fields
