"""Question rows: stable ids, and a ground floor that needs no third party."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossthink_data.errors import (
    CrossthinkError,
    LedgerError,
    MissingExtra,
    RecipeError,
    RecordError,
    SourceError,
    did_you_mean,
)
from crossthink_data.records import (
    QUESTION_COLUMNS,
    REJECT_COLUMNS,
    Question,
    question_id,
    stable_hash,
)

ROW: dict[str, Any] = {
    "source": "mmlu_train",
    "domain": "gpr",
    "question_type": "mcq",
    "answer_kind": "mcq",
    "question": "Which planet is called the red one? 火星",
    "options": ("Venus", "Mars"),
    "answer": "Mars",
    "answer_label": "B",
    "subject": "astronomy",
    "provenance": '{"row": 1}',
}
IDENTITY = ("source", "question_type", "question", "options", "answer")


def made(**changed: Any) -> Question:
    return Question(**(ROW | changed))


def test_ids_are_the_same_in_every_version() -> None:
    assert made().id == "b4bff68745370964"
    assert question_id("math", "open", "Find x.", None, "5") == "a9d5cf923613a758"
    assert question_id("math", "open", None, [None, ""], None) == "878565e0a1073d1c"


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "syn_qa"},
        {"question_type": "open"},
        {"question": "Which planet is called the red one?"},
        {"options": ("Mars", "Venus")},
        {"options": None},
        {"options": ()},
        {"answer": "mars"},
        {"answer": None},
        {"answer": ""},
    ],
)
def test_each_field_of_the_identity_changes_the_id(changed: dict[str, Any]) -> None:
    assert made(**changed).id != made().id


@pytest.mark.parametrize(
    "changed",
    [
        {"domain": "mr"},
        {"answer_kind": "short_open"},
        {"answer_label": None},
        {"subject": None},
        {"provenance": "{}"},
    ],
)
def test_no_other_field_changes_the_id(changed: dict[str, Any]) -> None:
    assert made(**changed).id == made().id


def test_every_field_of_a_question_is_either_in_the_id_or_tested_not_to_be() -> None:
    others = {"domain", "answer_kind", "answer_label", "subject", "provenance"}
    assert set(Question.__dataclass_fields__) == {*IDENTITY, *others}


texts = st.text(alphabet=st.sampled_from('ab",[]\\\n'), max_size=4)
identities = st.tuples(
    texts, texts, st.none() | texts, st.none() | st.lists(st.none() | texts), st.none() | texts
)


@given(identities, identities)
def test_ids_keep_the_fields_apart(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert (question_id(*one) == question_id(*other)) == (one == other)


def test_an_id_is_16_hex_digits_even_when_it_starts_with_zeros() -> None:
    ids = [stable_hash(str(number)) for number in range(2000)]
    assert {len(one) for one in ids} == {16}
    assert any(one.startswith("00") for one in ids)
    assert all(set(one) <= set("0123456789abcdef") for one in ids)


def test_rejects_are_question_rows_with_step_reason_and_detail() -> None:
    assert REJECT_COLUMNS == (*QUESTION_COLUMNS, "step", "reason", "detail")


def test_the_ground_floor_imports_no_third_party() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "import crossthink_data.records, crossthink_data.errors\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(new - set(sys.stdlib_module_names)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["crossthink_data"]


@pytest.mark.parametrize("kind", [RecipeError, SourceError, LedgerError, RecordError, MissingExtra])
def test_every_error_is_in_one_tree(kind: type[Exception]) -> None:
    assert issubclass(kind, CrossthinkError)


def test_a_missing_extra_is_an_import_error_that_ends_with_the_install_line() -> None:
    error = MissingExtra("datasets", "hub", "fetch from the hub")
    assert isinstance(error, ImportError)
    assert str(error).endswith("pip install 'crossthink-data[hub]'")


def test_a_record_error_keeps_its_reason() -> None:
    error = RecordError("question_missing", "row 7")
    assert (error.reason, error.detail) == ("question_missing", "row 7")
    assert str(error) == "question_missing: row 7"


def test_did_you_mean_names_the_closest_or_all() -> None:
    assert did_you_mean("wieght", ["weight", "source"]) == "did you mean weight?"
    assert did_you_mean("zzz", ["weight", "source"]) == "known are: source, weight"
