"""Near duplicates: what a slow and plain search finds, whatever the order, and bounded work."""

import itertools
import random
import re

import pytest

from crossthink_data.synth.near import near_duplicates

STORY = (
    "A harbour pilot guides 14 ships a day into the port of Trieste and rests for 20 minutes "
    "after each of them. When the north wind blows the harbour is closed for 3 hours and the ships "
    "have to wait outside. How many minutes of rest does the pilot have on an ordinary day?"
)


def changed(text: str, *places: int) -> str:
    words = text.split()
    for place in places:
        words[place] = f"{chr(97 + place % 26)}word"
    return " ".join(words)


def near(*texts: str, threshold: float = 0.8) -> dict[str, str]:
    pairs = [(str(number), text) for number, text in enumerate(texts)]
    return near_duplicates(pairs, threshold)


def test_same_words_in_another_dress_are_one_question() -> None:
    assert near(STORY, STORY.upper(), STORY.replace(" ", "\n "), STORY.replace(".", " ;")) == {
        "1": "0", "2": "0", "3": "0",
    }  # fmt: skip
    assert near(r"Solve $\left(x+1\right)^2=9$ for x", "Solve (x + 1)^2 = 9 for $x$.") == {"1": "0"}


def test_one_word_is_a_near_duplicate_and_words_apart_are_not() -> None:
    assert near(STORY, changed(STORY, 24)) == {"1": "0"}
    assert near(STORY, changed(STORY, 24, 25)) == {"1": "0"}
    assert near(STORY, changed(STORY, 14, 24, 34)) == {}
    assert near(STORY, changed(STORY, 14, 24, 34), threshold=0.6) == {"1": "0"}


@pytest.mark.parametrize(
    "other",
    [STORY.replace("14", "15"), STORY.replace("20", "20.5"), STORY.replace("3 hours", "hours")],
)
def test_other_numbers_are_another_problem(other: str) -> None:
    assert near(STORY, other) == {}
    assert near_duplicates([("a", STORY), ("b", STORY.replace("14", "15"))], figures="ignored") == {
        "b": "a"
    }


def test_other_signs_are_another_problem() -> None:
    frame = "The engineer of the water works writes down {} for the level x of the lake. Find x."
    assert near(frame.format("$x + 3 = 10$"), frame.format("$x - 3 = 10$")) == {}
    assert near(frame.format("$1,000 = x$"), frame.format("$1000 = x$")) == {"1": "0"}


def test_text_that_goes_is_near_the_one_that_stays() -> None:
    # Each is near the next, the first not near the last: a chain would take them all.
    steps = list(
        itertools.accumulate(range(8, 44, 6), lambda text, at: changed(text, at), initial=STORY)
    )
    dropped = near(*steps)
    assert dropped
    assert all(int(gone) > int(kept) for gone, kept in dropped.items())
    assert not set(dropped) & set(dropped.values())
    for gone, kept in dropped.items():
        assert jaccard(steps[int(gone)], steps[int(kept)]) >= 0.8


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def jaccard(one: str, other: str) -> float:
    ours, theirs = shingles(one), shingles(other)
    return len(ours & theirs) / len(ours | theirs)


def made_up(count: int, seed: int) -> list[tuple[str, str]]:
    """Texts of which a third were made of another by changing words; ids in no order."""
    draw = random.Random(seed)
    words = ["".join(draw.choices("abcdefghij", k=6)) for _ in range(400)]
    texts = [" ".join(draw.choices(words, k=draw.randint(20, 50))) for _ in range(count)]
    for at in range(0, count, 3):
        parts = texts[draw.randrange(count)].split()
        for _ in range(draw.randint(1, 3)):
            parts[draw.randrange(len(parts))] = draw.choice(words)
        texts[at] = " ".join(parts)
    return [(f"{draw.getrandbits(64):016x}", text) for text in texts]


def slowly(texts: list[tuple[str, str]], threshold: float) -> dict[str, str]:
    kept: list[tuple[str, str]] = []
    gone: dict[str, str] = {}
    for key, text in sorted(texts):
        first = next((k for k, known in kept if jaccard(text, known) >= threshold), None)
        if first is None:
            kept.append((key, text))
        else:
            gone[key] = first
    return gone


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.9])
def test_finds_what_comparing_all_with_all_finds(threshold: float) -> None:
    texts = made_up(300, seed=4)
    expected = slowly(texts, threshold)
    assert near_duplicates(texts, threshold) == expected
    assert expected


def test_order_makes_no_difference() -> None:
    texts = made_up(300, seed=5)
    expected = near_duplicates(texts)
    assert expected
    for seed in range(5):
        shuffled = texts.copy()
        random.Random(seed).shuffle(shuffled)
        assert near_duplicates(shuffled) == expected
    assert near_duplicates(texts + texts) == expected


def test_short_and_empty_texts() -> None:
    assert near("", " ", "?!", "Why?", "why", "2", "2", "3") == {"4": "3", "6": "5"}
    assert near_duplicates([]) == {}


def test_scripts_without_blanks_are_compared_too() -> None:
    text = "一个港口领航员每天引导十四艘船进入港口，每艘船之后休息二十分钟，他一天休息多少分钟？"
    assert near(text, text.replace("一天", "每天")) == {"1": "0"}
    assert near(text, text.replace("港口", "车站").replace("分钟", "小时")) == {}


def test_lone_surrogates_are_read() -> None:
    assert near(STORY + " \ud800x", STORY + " \ud800 x") == {"1": "0"}
    assert near_duplicates([("a", STORY + "\udfff"), ("b", "\udfff" + STORY)]) == {"b": "a"}


def test_texts_of_one_pattern_stay_and_their_copies_go() -> None:
    """So many are much alike that a text is not compared with all of them."""
    draw = random.Random(6)
    words = STORY.split()
    texts = []
    for number in range(1_500):
        words[14], words[24], words[34] = ("".join(draw.choices("abcdefghij", k=7)) for _ in "123")
        texts.append((f"{number:04d}", " ".join(words)))
    assert near_duplicates(texts) == {}
    again = [(f"x{key}", text.upper()) for key, text in texts]
    assert near_duplicates(texts + again) == {f"x{key}": key for key, _ in texts}


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold is 0"):
        near_duplicates([], 0.4)
    with pytest.raises(ValueError, match="threshold is nan"):
        near_duplicates([], float("nan"))
    with pytest.raises(ValueError, match="two texts"):
        near_duplicates([("a", "x"), ("a", "y")])
