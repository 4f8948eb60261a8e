r"""Short open answers: golden cases, the laws of a judge, and texts made to break one."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossthink_data.rewards.amounts import read_amount
from crossthink_data.rewards.short_open import compile_short_open
from crossthink_data.rewards.variants import relaxed

GOLDEN = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "golden" / "short_open.jsonl")
    .read_text("utf-8")
    .splitlines()
]

SCRAPS = r"""
the a an not no and or of in to is it vitamin A B Paris Nile photons second third IT they Dr. the
half one twenty-one million per cent km mW MW °C % $ USD BC AD CE 5 -5 1,000 1.50 1/2 hundred
2:30 3:1 1914-1918 July 4, 1776 II XIV C++ Na+ Fe^{3+} H2O CO Co E = m c^2 < 0.05 from between
\text{x} $x$ \frac{1}{2} \alpha \sqrt{2} **bold** `code` Schrödinger naïve Δ β ² ⁺ (GDP) answer:
( ) [ ] , ; : . ! ? ' " - – — / & ~ ^ _ \ { } * # | \, ** (a) x= plus
"""
WORDS = st.sampled_from([*SCRAPS.split(), "\u00a0", "\u200b", "\x00", "\ud800"])
PHRASES = """
the a paris london supply demand not and or vitamin law of red 5 7 km it ad a, b
"""
texts = st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=30)
plain_phrases = st.lists(st.sampled_from(PHRASES.split()), min_size=1, max_size=5).map(" ".join)


def judge(gold: str, answer: str) -> str:
    return compile_short_open(gold).judge(answer)


def test_golden_cases() -> None:
    assert len(GOLDEN) > 1000
    missed = [
        case for case in GOLDEN if (judge(case["gold"], case["answer"]) == "") != case["right"]
    ]
    assert not missed


def test_golds_of_the_golden_cases_mean_themselves() -> None:
    assert not [case["gold"] for case in GOLDEN if judge(case["gold"], case["gold"])]


@pytest.mark.parametrize(
    ("gold", "answer", "reason"),
    [
        ("Paris", "London", "acc:not_equal"),
        ("Paris", "Paris or London", "acc:hedged"),
        ("Paris", "Paris, London", "acc:several_answers"),
        ("Paris", "Paris in spring", "acc:extra_text"),
        ("Paris in spring", "Paris", "acc:incomplete"),
        ("legal", "not legal", "acc:negated"),
        ("not legal", "legal", "acc:negated"),
        ("5 km", "5 kg", "acc:different_unit"),
        ("5 km", "6 km", "acc:not_equal"),
        ("CO", "Co", "acc:different_case"),
        ("Paris", "...", "acc:no_answer"),
        ("Paris", "Paris " * 1000, "acc:too_long"),
    ],
)
def test_reasons(gold: str, answer: str, reason: str) -> None:
    assert judge(gold, answer) == reason


@given(texts.filter(str.strip))
@example("½" * 40)
@example("...")
def test_a_gold_means_itself_and_white_space_around_changes_nothing(text: str) -> None:
    assert judge(text, text) == ""
    assert judge(text, f"\n {text}\t ") == ""


@given(texts.filter(str.strip), texts.filter(str.strip))
def test_verdicts_are_the_same_however_often_and_around_white_space(gold: str, answer: str) -> None:
    compiled = compile_short_open(gold)
    verdict = compiled.judge(answer)
    assert verdict == "" or verdict.startswith("acc:")
    assert compiled.judge(answer) == verdict == judge(f" {gold}\n", f"  {answer} ")


@given(plain_phrases, plain_phrases)
def test_plain_answers_are_symmetric(one: str, other: str) -> None:
    assert (judge(one, other) == "") == (judge(other, one) == "")


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_numbers_are_exact(number: int, zeros: int) -> None:
    gold = str(number)
    assert judge(gold, f"{number:,}") == ""
    assert judge(gold, f"{number}.{'0' * zeros}") == ""
    assert judge(gold, str(number + 1)) != ""
    assert judge(gold, f"{number}.{'0' * zeros}1") != ""


@given(st.permutations(["14", "-3", "2.5", "7"]))
def test_numbers_of_a_list_may_stand_in_any_order(numbers: list[str]) -> None:
    assert judge("14, -3, 2.5, 7", ", ".join(numbers)) == ""
    assert judge("14, -3, 2.5, 7", ", ".join(numbers[1:])) != ""


@given(st.permutations(["dog", "bites", "man", "today"]))
def test_words_keep_their_order(words: list[str]) -> None:
    assert (judge("dog bites man today", " ".join(words)) == "") == (
        words == ["dog", "bites", "man", "today"]
    )


@pytest.mark.parametrize(
    ("text", "value", "unit"), [("1 1/2 cups", 1.5, "cup"), ("2^-3", 0.125, "")]
)
def test_amounts(text: str, value: float, unit: str) -> None:
    amount = read_amount(text)
    assert amount is not None
    assert (amount.value, amount.unit) == (value, unit)


@pytest.mark.parametrize(
    "text", ["", "km", "5 to 6", "1/0", "9" * 500, "1e999", "2^9999", "5 wombats"]
)
def test_what_is_no_amount(text: str) -> None:
    assert read_amount(text) is None


def test_words_read_the_same_however_many_others_were_read_before() -> None:
    for number in range(20_000):
        letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        relaxed((f"word{letters}s",), "")
    assert relaxed(("news", "mice", "ii"), "") == ("news", "mouse", "2")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Mr. Smith", "Mrs. Smith", False),
        ("Mr. Smith", "Smith", True),
        ("Professor Smith", "Prof. Smith", True),
        ("Ms. Smith", "Mrs. Smith", True),
    ],
)
def test_a_title_may_be_left_out_but_not_changed(one: str, other: str, same: bool) -> None:
    assert (judge(one, other) == "") == same == (judge(other, one) == "")


HOSTILE = [
    *("a", "1", "-", "$", "\\", "{", "}", "^", "_", "*", "`", "~", " ", ".", ",", "/", "\n", "("),
    *("é", "⁺", "½", "\x00", "\ud800", "\u202e", "%", "°", "=", "√", '"', "'", "#", "中", "\u0308"),
    *("1,", "a-", "^2", "9^9^", "1 1/", "a, ", "a and ", "one hundred and ", "\\frac", "\\frac{1}"),
    *("\\text{", "\\sqrt{", "**a", "per ", "square ", "July 4, ", "$1", "x=", "1 000 ", "<sub>"),
]


@pytest.mark.parametrize("size", [2_000, 100_000, 1_000_000])
@pytest.mark.parametrize("piece", HOSTILE, ids=ascii)
def test_hostile_texts_are_judged_in_time(piece: str, size: int) -> None:
    text = piece * (size // len(piece))
    start = time.process_time()
    verdict = judge("5 km", text)
    around = judge("Paris", f"5{text}x")
    spent = time.process_time() - start
    assert verdict.startswith("acc:")
    assert around.startswith("acc:")
    assert spent < (0.5 if size == 1_000_000 else 0.2)


@pytest.mark.parametrize("piece", HOSTILE, ids=ascii)
def test_hostile_golds_mean_themselves(piece: str) -> None:
    gold = piece * (2_000 // len(piece))
    start = time.process_time()
    if gold.strip():
        assert judge(gold, gold) == ""
        assert judge(gold, f"{gold} or not") != ""
    assert time.process_time() - start < 0.2


@settings(max_examples=300)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_has_a_verdict(gold: str, answer: str) -> None:
    assert isinstance(judge(gold, answer), str)
