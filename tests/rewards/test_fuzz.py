"""Made-up answers, golds and completions by the thousand: always a score, a reason, and the same.

`tests/benchmarks/reward_fuzz.py --examples 100000` tries many more.
"""

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from hostile_strategies import GOLDS, Question, check, check_itself, questions

from crossthink_data.rewards import explain, reward

EXAMPLES = settings(
    max_examples=1000,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@EXAMPLES
@given(questions("math"))
def test_mathematics(question: Question) -> None:
    check(question, "math")


@EXAMPLES
@given(questions("short_open"))
def test_short_open(question: Question) -> None:
    check(question, "short_open")


@EXAMPLES
@given(questions("mcq"))
def test_multiple_choice(question: Question) -> None:
    check(question, "mcq")


@pytest.mark.parametrize("kind", GOLDS)
def test_everyday_golds_are_right_against_themselves(kind: str) -> None:
    for gold in GOLDS[kind]:
        check_itself(gold, kind)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
    | st.complex_numbers() | st.decimals() | st.fractions() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)  # fmt: skip


@settings(EXAMPLES, max_examples=300)
@given(VALUES, VALUES, st.none() | st.lists(VALUES, max_size=5))
def test_values_of_any_type(completion: object, gold: object, options: list[object] | None) -> None:
    for kind in GOLDS:
        found = explain(completion, gold, kind=kind, options=options)
        assert found.score == reward(completion, gold, kind=kind, options=options)
        assert bool(found.reason) == (found.score == 0.0)
        boxed = r"<think></think>\boxed{5}"
        assert reward(boxed, gold, kind=kind, options=options) in (0.0, 1.0)
