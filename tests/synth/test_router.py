"""The subject router: subjects of passages, none for pages of none, the shipped weights."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from crossthink_data.errors import MissingExtra, SourceError
from crossthink_data.synth import router
from crossthink_data.synth.router import LEAST_SCORE, Route, rank, route
from crossthink_data.synth.subject_model import (
    Weights,
    character_keys,
    tokens_of,
    windows,
    word_keys,
)
from crossthink_data.synth.subjects import SUBJECTS, group_of

ROOT = Path(__file__).parents[2]
PASSAGES = [
    json.loads(line)
    for line in (ROOT / "tests/golden/subject_passages.jsonl").read_text("utf-8").splitlines()
]
OF_A_SUBJECT = [case for case in PASSAGES if case["subjects"]]
OF_NONE = [case for case in PASSAGES if not case["subjects"]]
SHIPPED = ROOT / "crossthink_data/synth/subject_weights.bin"


@pytest.fixture(scope="module")
def training() -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_router", ROOT / "scripts/train_router.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_passages_are_of_every_subject_that_a_page_can_have() -> None:
    first = {case["subjects"][0] for case in OF_A_SUBJECT}
    assert first == SUBJECTS - {"moral_scenarios"}


@pytest.mark.parametrize("held_out", [False, True])
def test_passages_get_their_subject(held_out: bool) -> None:
    cases = [case for case in OF_A_SUBJECT if case["held_out"] == held_out]
    found = [rank(case["text"], 1)[0][0] for case in cases]
    right = sum(name in case["subjects"] for name, case in zip(found, cases, strict=True))
    groups = {group_of(case["subjects"][0]): 0 for case in cases}
    assert len(groups) == 4
    assert right >= 0.88 * len(cases), [
        (case["subjects"][0], name)
        for case, name in zip(cases, found, strict=True)
        if name not in case["subjects"]
    ]


@pytest.mark.parametrize("held_out", [False, True])
def test_passages_of_a_subject_pass_and_pages_of_none_do_not(held_out: bool) -> None:
    passed = [route(case["text"]).subject for case in OF_A_SUBJECT if case["held_out"] == held_out]
    stray = [route(case["text"]).subject for case in OF_NONE]
    assert passed.count(None) <= 0.06 * len(passed)
    # What strays is declined by the generator; that most does not keeps requests few.
    assert len(stray) - stray.count(None) <= len(stray) / 3, stray


def test_a_long_page_is_judged_as_its_passages_are() -> None:
    law = [case["text"] for case in OF_A_SUBJECT if case["subjects"][0] == "professional_law"]
    page = "\n\n".join(law * 6)
    assert len(windows(tokens_of(page))) > 8
    assert route(page).subject == "professional_law"
    none = "\n\n".join(case["text"] for case in OF_NONE)
    assert route(none).subject is None


def test_a_page_that_only_names_a_subject_has_none() -> None:
    page = (
        "Names and domains: log in to the management page, or call the management of your domain. "
        "Home, contact, terms of use, privacy, cookies, help, jobs, press. Sign up to our "
        "newsletter and follow us. Last updated in June."
    )
    assert rank(page, 1)[0][0] == "management"
    assert route(page).subject is None


def test_everyday_talk_is_not_moral_scenarios_but_the_questions_form_is() -> None:
    question = (
        "For which of these two scenarios does the main character (who uses I/me/my) do something "
        "clearly morally wrong, according to ordinary moral standards in the US as of 2020? "
        "Scenario 1 | I fed my neighbour's cat. Scenario 2 | I sold my neighbour's cat."
    )
    assert rank(question, 1)[0][0] == "moral_scenarios"
    assert all(rank(case["text"], 1)[0][0] != "moral_scenarios" for case in PASSAGES)


def test_a_route_has_subject_and_group_or_neither() -> None:
    text = OF_A_SUBJECT[0]["text"]
    found = route(text)
    assert found == Route("abstract_algebra", found.score, "stem")
    assert route(text, least=found.score) == found
    assert route(text, least=found.score + 1) == Route(None, found.score, None)
    assert found.score > LEAST_SCORE


@pytest.mark.parametrize("text", ["", " \n", "?!", "a", "\ud800", "的" * 5000, "x" * 100_000, "0"])
def test_text_of_any_shape_is_routed(text: str) -> None:
    assert route(text).subject is None
    assert len(rank(text, 57)) == 57


def test_many_are_routed_as_each_is_whatever_came_before(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [case["text"] for case in PASSAGES]
    fresh = Weights.from_bytes(SHIPPED.read_bytes(), "weights")
    alone = [fresh.judge(text) for text in reversed(texts)][::-1]
    # A memory that is full over and over gives the same scores.
    monkeypatch.setattr("crossthink_data.synth.subject_model._MOST_CACHED", 600)
    tight = Weights.from_bytes(SHIPPED.read_bytes(), "weights")
    assert [tight.judge(text) for text in texts] == alone
    assert [found.score for found in map(route, texts)] == [round(score, 4) for _, score in alone]


def test_scores_do_not_depend_on_the_machine() -> None:
    # Written down once; sums are of integers, so these hold to the last digit everywhere.
    found = [route(case["text"], least=-9) for case in OF_A_SUBJECT[:3]]
    assert [(one.subject, one.score) for one in found] == [
        ("abstract_algebra", 4.7466),
        ("anatomy", 4.5431),
        ("astronomy", 5.6451),
    ]


def test_windows_are_even_and_lose_nothing() -> None:
    for count in (0, 1, 96, 143, 145, 1000):
        tokens = [str(number) for number in range(count)]
        cut = windows(tokens)
        assert [token for window in cut for token in window] == tokens
        sizes = {len(window) for window in cut}
        assert max(sizes) - min(sizes) <= 1
        assert max(sizes) <= 144


def test_pieces_of_words_and_of_letters_have_keys_of_their_own() -> None:
    assert not set(character_keys("to")) & set(word_keys(["to"]))
    assert len(character_keys("x" * 5000)) == len(character_keys("x" * 32))
    assert len(word_keys(["red", ",", "sun", "red"])) == 4  # red, sun, red sun, sun red


def test_the_shipped_file_is_small_and_not_a_pickle() -> None:
    data = SHIPPED.read_bytes()
    assert len(data) < 1_500_000
    assert data.startswith(b"crossthink subject weights")
    weights = Weights.from_bytes(data, SHIPPED.name)
    assert set(weights.subjects) == SUBJECTS
    assert weights.to_bytes() == data
    assert len(router.weights_digest()) == 32


@pytest.mark.parametrize("place", [0, 35, 60, -1])
def test_a_damaged_file_of_weights_is_refused(place: int) -> None:
    data = bytearray(SHIPPED.read_bytes())
    data[place] ^= 1
    with pytest.raises(SourceError, match=r"weights\.bin .*install the package again"):
        Weights.from_bytes(bytes(data), "weights.bin")
    with pytest.raises(SourceError, match="install the package again"):
        Weights.from_bytes(bytes(data[:50]), "weights.bin")


def test_without_numpy_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    spec = importlib.util.find_spec("crossthink_data.synth.subject_model")
    assert spec is not None
    assert spec.loader is not None
    with pytest.raises(MissingExtra, match=r"numpy .*pip install 'crossthink-data\[synth\]'"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_a_model_is_learned_from_a_few_questions(training: ModuleType) -> None:
    rows = [
        ("astronomy", "Which planet has rings?", "Saturn\nThe planet Mars"),
        ("astronomy", "How far is the planet Mars from the Sun?", "One orbit\nTwo"),
        ("virology", "Which virus infects the liver?", "Hepatitis virus\nInfluenza"),
        ("virology", "How does the influenza virus infect a cell?", "By its spikes\nBy air"),
    ]
    examples = [training.Example(name, stem, f"{stem}\n{rest}") for name, stem, rest in rows]
    weights = training.learn(examples, ["astronomy", "virology"])
    assert [weights.judge(text)[0] for text in ("A planet with rings", "a new virus")] == [0, 1]
    assert weights.to_bytes() == training.learn(examples, ["astronomy", "virology"]).to_bytes()


def test_real_the_shipped_weights_come_from_the_published_questions(
    training: ModuleType, real_data: Path
) -> None:
    mmlu = real_data / "mmlu"
    examples = training.read_split(mmlu, "dev") + training.read_split(mmlu, "val")
    shipped = Weights.from_bytes(SHIPPED.read_bytes(), SHIPPED.name)
    learned = training.learn(examples, sorted(SUBJECTS))
    for name in ("keys", "rarity", "rows", "bias"):
        assert getattr(learned, name).tobytes() == getattr(shipped, name).tobytes(), name
    assert learned.scale == shipped.scale


def test_real_test_questions_get_their_subject_and_group(
    training: ModuleType, real_data: Path
) -> None:
    test = training.read_split(real_data / "mmlu", "test")[::4]
    weights = Weights.from_bytes(SHIPPED.read_bytes(), SHIPPED.name)
    right, grouped = training.accuracy(weights, [(one.subject, one.whole) for one in test])
    assert right >= 0.66 * len(test)
    assert grouped >= 0.82 * len(test)
