"""show: the prompt as the model will see it, the gold, and why a row was rejected."""

from pathlib import Path
from typing import Any

import pytest

from crossthink_data.errors import CrossthinkError
from crossthink_data.steps import run as running
from crossthink_data.steps import show


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("show") / "q"
    running.run(running.RunSettings(recipe="quickstart", out=out))
    return out


def texts(path: Path, **settings: Any) -> list[str]:
    return [row.text for row in show.run(show.ShowSettings(path=path, **settings))]


def test_training_rows_show_message_and_gold(quickstart: Path) -> None:
    (text,) = texts(quickstart / "blend.parquet", source="syn_qa", limit=1)
    assert "[user]" in text
    assert "\n(A) " in text
    assert "Think step by step inside <think> </think>" in text
    assert "gold: (" in text


def test_question_rows_are_rendered_as_a_model_would_see_them(quickstart: Path) -> None:
    (text,) = texts(quickstart / "filtered.parquet", source="math", limit=1)
    assert r"\boxed{}" in text
    assert "provenance: {" in text


def test_rejects_show_the_reason(quickstart: Path) -> None:
    path = quickstart / "filtered.rejects.parquet"
    shown = texts(path, reason="label_out_of_range")
    assert len(shown) == 3
    assert all("rejected by filter: label_out_of_range:" in text for text in shown)


def test_rows_can_be_passed_over(quickstart: Path) -> None:
    path = quickstart / "filtered.parquet"
    assert texts(path, first=2, limit=1) == texts(path, limit=3)[2:]


def test_a_file_of_other_rows_is_refused(tmp_path: Path, quickstart: Path) -> None:
    with pytest.raises(CrossthinkError, match="no such file"):
        texts(tmp_path / "nothing.parquet")
    with pytest.raises(CrossthinkError, match="not a whole parquet file"):
        texts(quickstart / "run.json")
    with pytest.raises(CrossthinkError, match="have no reason"):
        texts(quickstart / "filtered.parquet", reason="answer_missing")
