"""The folder of a run is one run's at a time, and is gone when nothing came to be in it."""

import shutil
from pathlib import Path

import pytest

from crossthink_data.errors import RecipeError, SourceError
from crossthink_data.generate.lock import RankLock
from crossthink_data.steps.synth.folder import LOCK, locked


def test_a_folder_that_the_run_made_is_gone_when_nothing_came_of_it(tmp_path: Path) -> None:
    with pytest.raises(RecipeError), locked(tmp_path / "x.journal"):
        raise RecipeError("inputs that cannot be meant")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_there_or_holds_anything_stays(tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    with locked(theirs):
        pass
    with locked(ours):
        (ours / "rank=00000.jsonl").write_text("{}\n")
    with locked(ours):
        pass
    assert theirs.is_dir()
    assert (ours / "rank=00000.jsonl").read_text() == "{}\n"


def test_tidying_up_does_not_hide_the_error_of_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "x.journal"

    def removed_and_failed() -> None:
        shutil.rmtree(folder)
        raise RecipeError("the real one")

    with pytest.raises(RecipeError, match="the real one"), locked(folder):
        removed_and_failed()
    with locked(folder):
        assert folder.is_dir()


def test_two_runs_on_one_folder_are_refused_by_name(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "x.journal"),
        pytest.raises(SourceError, match=rf"process \d+ on .* \({LOCK} is locked\)"),
        locked(tmp_path / "x.journal"),
    ):
        raise AssertionError("a second run came in")


def test_a_folder_removed_by_its_run_in_this_moment_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "x.journal"
    removed = []

    def slow(path: Path) -> RankLock:
        if not removed:
            removed.append(path)
            shutil.rmtree(folder)
        return RankLock(path)

    monkeypatch.setattr("crossthink_data.steps.synth.folder.RankLock", slow)
    with locked(folder):
        assert (folder / LOCK).is_file()
    assert not folder.exists()
