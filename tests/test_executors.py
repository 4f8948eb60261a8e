"""Ranks in processes, on Ray and on Slurm: each done once, or missed loudly and by name."""

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rank_work import Drain, Heed, Note, Stumble, Wait

from crossthink_data.documents import DocumentSettings, clean_documents
from crossthink_data.errors import BackendError, MissingExtra, RecipeError, RunStopped, SourceError
from crossthink_data.executors import Executor, SlurmOptions, run_ranks

LOCAL = Executor(tasks=3)


def noted(folder: Path) -> list[str]:
    return sorted(file.read_text() for file in folder.glob("*.txt"))


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_each_local_rank_is_run_once(tmp_path: Path) -> None:
    run_ranks(Note(tmp_path), world=3, executor=LOCAL, folder=tmp_path / "ranks")
    assert noted(tmp_path) == ["0 of 3", "1 of 3", "2 of 3"]


def test_a_single_rank_runs_in_this_process(tmp_path: Path) -> None:
    ran: list[int] = []
    run_ranks(lambda rank, world: ran.append(os.getpid()), world=1, executor=LOCAL, folder=tmp_path)
    assert ran == [os.getpid()]


def test_a_killed_rank_is_named_and_the_others_finish(tmp_path: Path) -> None:
    work = Stumble(tmp_path, 1, "killed")
    with pytest.raises(BackendError, match=r"1 of 3 ranks .* rank 1: .* SIGKILL"):
        run_ranks(work, world=3, executor=LOCAL, folder=tmp_path / "ranks")
    assert noted(tmp_path) == ["0 of 3", "2 of 3"]


def test_a_rank_that_ends_without_a_word_is_missed_though_its_exit_code_is_0(
    tmp_path: Path,
) -> None:
    work = Stumble(tmp_path, 0, "silent")
    with pytest.raises(BackendError, match="rank 0: the process ended with exit code 0"):
        run_ranks(work, world=2, executor=LOCAL, folder=tmp_path / "ranks")


def test_an_error_of_a_rank_is_raised_here_with_the_rank(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"rank 1: pages\.warc is not to be had"):
        run_ranks(Stumble(tmp_path, 1, "source"), world=2, executor=LOCAL, folder=tmp_path / "a")
    with pytest.raises(BackendError, match="rank 0: ZeroDivisionError: a bug of the rank"):
        run_ranks(Stumble(tmp_path, 0, "bug"), world=2, executor=LOCAL, folder=tmp_path / "b")
    [account] = (tmp_path / "b").glob("*/rank-00000.json")
    assert "rank_work.py" in account.read_text(), "the traceback is kept"


def test_ranks_that_say_the_same_are_told_together_and_what_to_do_once(tmp_path: Path) -> None:
    work = Stumble(tmp_path, None, "backend")
    with pytest.raises(BackendError, match=r"3 of 3 ranks .* ranks 0, 1, 2: no s") as told:
        run_ranks(work, world=3, executor=LOCAL, folder=tmp_path / "ranks")
    assert str(told.value).count("run the same command again") == 1


def test_what_an_earlier_run_left_does_not_pass_for_a_result(tmp_path: Path) -> None:
    run_ranks(Note(tmp_path), world=2, executor=LOCAL, folder=tmp_path / "ranks")
    with pytest.raises(BackendError, match="rank 1"):
        run_ranks(
            Stumble(tmp_path, 1, "killed"), world=2, executor=LOCAL, folder=tmp_path / "ranks"
        )


PARENT = """
import sys; sys.path.insert(0, {tests!r})
from pathlib import Path
from rank_work import Drain, Wait
from crossthink_data.executors import Executor, run_ranks
if __name__ == "__main__":
    folder = Path({folder!r})
    run_ranks({work}(folder), world=2, executor=Executor(tasks=2), folder=folder / "ranks")
"""


def started(work: type, folder: Path) -> "subprocess.Popen[bytes]":
    script = folder / "parent.py"
    tests = str(Path(__file__).parent)
    script.write_text(PARENT.format(tests=tests, folder=str(folder), work=work.__name__))
    return subprocess.Popen(
        [sys.executable, str(script)], start_new_session=True, stderr=subprocess.PIPE
    )


def test_a_terminals_interrupt_reaches_each_rank_once(tmp_path: Path) -> None:
    process = started(Drain, tmp_path)
    until(lambda: len(list(tmp_path.glob("*.ready"))) == 2)
    # Out of the group that a terminal interrupts: here two at once would be counted as one.
    assert all(int(file.read_text()) != process.pid for file in tmp_path.glob("*.ready"))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said.decode()
    assert [(tmp_path / f"{rank}.seen").read_text() for rank in (0, 1)] == ["1", "1"]


def alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def test_ranks_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    process = started(Wait, tmp_path)
    until(lambda: len(list(tmp_path.glob("*.pid"))) == 2)
    ranks = [int(file.read_text()) for file in tmp_path.glob("*.pid")]
    process.kill()
    process.communicate(timeout=30)
    until(lambda: not any(map(alive, ranks)))


def test_settings_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(RecipeError, match="tasks is 0"):
        Executor(tasks=0)


def test_a_cluster_without_its_tools_is_told_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slurm = Executor(kind="slurm", tasks=2)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackendError, match="sbatch is not on the PATH"):
        run_ranks(Note(tmp_path), world=2, executor=slurm, folder=tmp_path)
    monkeypatch.setitem(sys.modules, "datatrove", None)
    with pytest.raises(MissingExtra, match=r"datatrove .* \[synth\]|pip install"):
        run_ranks(Note(tmp_path), world=2, executor=slurm, folder=tmp_path)


SLURM = {
    "sbatch": """
script="${@: -1}"
last=$(sed -n 's/^#SBATCH --array=0-\\([0-9]*\\).*/\\1/p' "$script")
grep -q -- '--partition' "$script" && exit 3
for task in $(seq 0 "${last:--1}"); do
    [ "$task" = "$SKIPPED" ] && continue
    export SLURM_ARRAY_TASK_ID=$task SLURM_NODELIST=here
    cp "$script" "$LOG.$$.sh"
    setsid bash "$LOG.$$.sh" >> "$LOG" 2>&1 &
    echo $! >> "$LOG.pids"
    [ "$QUEUED" ] || wait
done
echo Submitted batch job 77
""",
    "srun": 'shift 3; exec "$@"',
    "squeue": """
# Out of reach the first time, as the controller of a busy cluster is.
if [ ! -e "$0.asked" ]; then touch "$0.asked"; echo 'Socket timed out' >&2; exit 1; fi
for pid in $(cat "$LOG.pids"); do
    kill -0 $pid 2> /dev/null && { echo "  77  running"; exit 0; }
done
echo 'slurm_load_jobs error: Invalid job id specified' >&2
exit 1
""",
    "scancel": 'for pid in $(cat "$LOG.pids"); do kill -- -$pid; done',
    "scontrol": "echo here",
}


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Executor:
    """A Slurm that runs jobs as they are handed in, and with QUEUED set, after that."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, body in SLURM.items():
        (tools / name).write_text(f"#!/bin/bash\n{body}\n")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("LOG", str(tmp_path / "jobs.log"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    (tmp_path / "jobs.log.pids").touch()
    options = SlurmOptions(environment="export STARTED=1", poll_seconds=0.05)
    return Executor(kind="slurm", tasks=2, slurm=options)


def test_slurm_runs_each_rank(slurm: Executor, tmp_path: Path) -> None:
    run_ranks(Note(tmp_path), world=2, executor=slurm, folder=tmp_path / "ranks")
    assert noted(tmp_path) == ["0 of 2", "1 of 2"]


def test_a_rank_that_slurm_never_ran_is_missed(
    slurm: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKIPPED", "1")
    with pytest.raises(BackendError, match=r"1 of 2 ranks .* rank 1: it never said"):
        run_ranks(Note(tmp_path), world=2, executor=slurm, folder=tmp_path / "ranks")
    assert noted(tmp_path) == ["0 of 2"]


@contextmanager
def interrupted(
    when: Callable[[], bool], *, further: Callable[[], bool] | None = None
) -> Iterator[None]:
    """Interrupts this process as soon as `when()` holds, and once more when `further()` does."""

    def interrupt() -> None:
        for holds in (when, further):
            if holds is not None:
                until(holds)
                os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    yield
    thread.join()


def test_the_first_interrupt_asks_the_ranks_of_a_cluster_to_end_and_waits_for_them(
    slurm: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUEUED", "1")
    stop, ranks = tmp_path / "stop", tmp_path / "ranks"
    with (
        interrupted(lambda: len(list(tmp_path.glob("*.ready"))) == 2),
        pytest.raises(RunStopped, match="the rank was stopped"),
    ):
        run_ranks(Heed(tmp_path), world=2, executor=slurm, folder=ranks, stop=stop)
    assert len(list(tmp_path.glob("*.seen"))) == 2


def test_the_second_interrupt_ends_the_ranks_of_a_cluster(
    slurm: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUEUED", "1")
    stop, ranks = tmp_path / "stop", tmp_path / "ranks"
    with (
        interrupted(lambda: len(list(tmp_path.glob("*.pid"))) == 2, further=stop.exists),
        pytest.raises(KeyboardInterrupt),
    ):
        run_ranks(Wait(tmp_path), world=2, executor=slurm, folder=ranks, stop=stop)
    until(lambda: not any(alive(int(file.read_text())) for file in tmp_path.glob("*.pid")))


@pytest.fixture(scope="module")
def ray() -> Iterator[Executor]:
    """A real Ray on two CPUs of this machine."""
    import ray

    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        runtime_env={"env_vars": {"PYTHONPATH": str(Path(__file__).parent)}},
    )
    yield Executor(kind="ray", tasks=2, memory_gb=0.2)
    ray.shutdown()


def test_ray_runs_each_rank_and_a_failed_one_is_missed(ray: Executor, tmp_path: Path) -> None:
    run_ranks(Note(tmp_path), world=2, executor=ray, folder=tmp_path / "ranks")
    assert noted(tmp_path) == ["0 of 2", "1 of 2"]
    with pytest.raises(SourceError, match=r"1 of 2 ranks .* rank 1: pages\.warc"):
        run_ranks(Stumble(tmp_path, 1, "source"), world=2, executor=ray, folder=tmp_path / "ranks")


def test_documents_are_the_same_through_ray(ray: Executor, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        text = f"Lake number {number} is fed by the river that runs through the valley. " * 3
        (tmp_path / f"{number}.txt").write_text(text)
    settings = DocumentSettings(min_words=10, quality=False)
    here = clean_documents([tmp_path], settings, tmp_path / ".here")
    there = clean_documents([tmp_path], settings, tmp_path / ".there", executor=ray)
    assert len(there) == 3
    assert there.kept.read_bytes() == here.kept.read_bytes()


def test_the_second_interrupt_ends_the_ranks_of_ray_at_once(ray: Executor, tmp_path: Path) -> None:
    stop, ranks = tmp_path / "stop", tmp_path / "ranks"
    with (
        interrupted(lambda: len(list(tmp_path.glob("*.pid"))) == 2, further=stop.exists),
        pytest.raises(KeyboardInterrupt),
    ):
        run_ranks(Wait(tmp_path), world=2, executor=ray, folder=ranks, stop=stop)
    until(lambda: not any(alive(int(file.read_text())) for file in tmp_path.glob("*.pid")))


def test_a_rank_that_ray_cannot_start_is_missed(
    ray: Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # datatrove's use of Ray warns; made an error, that stands for any error of a start.
    monkeypatch.setattr("warnings.filterwarnings", lambda *given: None)
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        with pytest.raises(BackendError, match="2 of 2 ranks"):
            run_ranks(Note(tmp_path), world=2, executor=ray, folder=tmp_path / "ranks")
