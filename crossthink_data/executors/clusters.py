"""datatrove's executors: a rank of a local pipeline, all ranks on Ray, all ranks on Slurm."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, cast

from datatrove.executor.base import PipelineExecutor
from datatrove.executor.local import LocalPipelineExecutor
from datatrove.executor.ray import RankWorker
from datatrove.executor.slurm import SlurmPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.utils.stats import PipelineStats
from loguru import logger

from crossthink_data.errors import BackendError, MissingExtra
from crossthink_data.executors.interrupts import asks_by_file
from crossthink_data.executors.outcomes import Work

if TYPE_CHECKING:
    from crossthink_data.executors import Executor, SlurmOptions

_SQUEUE_PAUSES = (1.0, 5.0, 15.0, 30.0, 60.0)
"""Seconds between tries: the controller of a busy cluster is often out of reach for a moment."""

__all__ = ["LocalRank", "WorkStep", "check_completed", "run"]


class WorkStep(PipelineStep):
    """A pipeline of one step that calls a function of (rank, world) and passes no documents on."""

    type = "WORK"
    name = "rank"

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work

    def run(self, data: object = None, rank: int = 0, world_size: int = 1) -> Iterator[object]:
        """Nothing to iterate over; the work is done when the first document is asked for."""
        self.work(rank, world_size)
        yield from ()


class _OneRank(LocalPipelineExecutor):
    """datatrove's local executor for the one rank that a process of ours is for.

    Its own `run` starts a pool, which hangs for ever when one of its workers is killed.
    """

    def run_rank(self, rank: int) -> None:
        self._run_for_rank(rank, local_rank=1)


class _RankActor(RankWorker):
    """datatrove's Ray actor, with the rank in the actor's own process.

    Its own `run_for_rank` starts a pool in the actor, and the actor waits for ever for a pool whose
    worker was killed. An actor that is killed itself is missed by Ray and started again.
    """

    def run_for_rank(
        self, executor_ref: object, ranks: list[int], node_ips: list[str], node_idx: int
    ) -> PipelineStats:
        """Run the ranks, of which there is one."""
        assert isinstance(executor_ref, PipelineExecutor)
        for rank in ranks:
            executor_ref._run_for_rank(rank, 1)
        return PipelineStats()


class LocalRank:
    """Runs one rank of a pipeline by datatrove's local executor; picklable."""

    def __init__(self, steps: Sequence[PipelineStep], folder: Path) -> None:
        self.steps = list(steps)
        self.folder = folder

    def __call__(self, rank: int, world: int) -> None:
        """Run the rank; its log is below the folder, its errors are raised."""
        executor = _OneRank(self.steps, tasks=world, workers=1, logging_dir=str(self.folder))
        with _quiet(self.folder / f"stderr-{rank:05d}.log"):
            executor.run_rank(rank)


@contextmanager
def _quiet(log: Path) -> Iterator[None]:
    # datatrove writes to stderr whatever the level; the terminal is the caller's.
    with log.open("w", encoding="utf-8") as stream, redirect_stderr(stream):
        logger.remove()
        logger.add(stream, colorize=False)
        try:
            yield
        finally:
            logger.remove()


def check_completed(steps: Sequence[PipelineStep], world: int, folder: Path) -> None:
    """Nothing, when each rank has its completion mark; otherwise BackendError.

    Ray's executor returns normally after ranks were ended by the memory monitor.
    """
    executor = LocalPipelineExecutor(list(steps), tasks=world, logging_dir=str(folder))
    missing = executor.get_incomplete_ranks(skip_completed=True)
    if missing:
        named = ", ".join(str(rank) for rank in missing[:20])
        raise BackendError(
            f"{len(missing)} of {world} ranks did not finish: {named}; what they wrote is kept; "
            f"their logs are in {folder / 'logs'}; run the same command again to go on"
        )


def run(
    steps: Sequence[PipelineStep],
    world: int,
    executor: "Executor",
    folder: Path,
    stop: Path | None = None,
) -> None:
    """Run all ranks on Ray or Slurm and wait for them; whether each is done is checked after.

    The first interrupt makes the file `stop`, which the ranks look at, the second one ends them.
    """
    if executor.kind == "ray":
        _run_on_ray(steps, world, executor, folder, stop)
    else:
        _run_on_slurm(steps, world, executor.slurm, folder, stop)


def _run_on_ray(
    steps: Sequence[PipelineStep],
    world: int,
    executor: "Executor",
    folder: Path,
    stop: Path | None,
) -> None:
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("ray", "ray", "--executor ray") from error
    from datatrove.executor.ray import RayPipelineExecutor

    ours = not ray.is_initialized()
    if ours:
        with _deaf_to_hangups():
            ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        _check_fits(ray.cluster_resources(), executor)
        with _quiet(folder / "ray.log"), _ranks_that_end(), asks_by_file(stop):
            RayPipelineExecutor(
                list(steps),
                tasks=world,
                workers=min(world, executor.tasks),
                logging_dir=str(folder.resolve()),
                mem_per_cpu_gb=executor.memory_gb,
            ).run()
    finally:
        if ours:
            ray.shutdown()


@contextmanager
def _deaf_to_hangups() -> Iterator[None]:
    """Processes started within it do not end with the terminal: the ranks are to drain first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


@contextmanager
def _ranks_that_end() -> Iterator[None]:
    """Within it, a rank that was killed, or that Ray could not start, ends for datatrove too.

    Its own task manager keeps the error of a start in a thread and waits for the rank for ever; of
    its own actor see `_RankActor`.
    """
    import ray
    from datatrove.executor import ray as datatrove_ray
    from datatrove.executor.ray import RayTaskManager

    class TaskManager(RayTaskManager):
        def submit_task(self, *arguments: object) -> Future[object]:
            started = cast("Future[object]", super().submit_task(*arguments))

            def pass_on(thread: Future[object]) -> None:
                error = None if thread.cancelled() else thread.exception()
                if error is not None and not started.done():
                    started.set_exception(error)

            self.pg_futures[-1].add_done_callback(pass_on)
            return started

        def clean_up(self) -> None:
            # All at once: its own way waits for one after the other.
            for group in list(self.task_to_group.values()):
                for worker in group.workers:
                    ray.kill(worker)
            super().clean_up()

    datatrove_ray.RayTaskManager = TaskManager
    datatrove_ray.RankWorker = _RankActor
    try:
        with warnings.catch_warnings():
            # Of the way datatrove names a placement group; nothing a caller can do about.
            warnings.filterwarnings("ignore", r"placement_group\w* parameter", DeprecationWarning)
            yield
    finally:
        datatrove_ray.RayTaskManager = RayTaskManager
        datatrove_ray.RankWorker = RankWorker


def _check_fits(resources: dict[str, float], executor: "Executor") -> None:
    # A placement group that fits nowhere waits for ever without a word.
    memory = resources.get("memory", 0.0) / 2**30
    if resources.get("CPU", 0.0) < 1 or memory < executor.memory_gb:
        raise BackendError(
            f"Ray has {resources.get('CPU', 0.0):g} CPUs and {memory:.1f} GB of memory, and a rank "
            f"asks for 1 CPU and {executor.memory_gb:g} GB; give the cluster more"
        )


class _Slurm(SlurmPipelineExecutor):
    def get_sbatch_args(self, max_array: int = 1) -> dict[str, object]:
        """The directives of a job, without a partition when the cluster's default is meant."""
        arguments = cast("dict[str, object]", super().get_sbatch_args(max_array))
        return {name: value for name, value in arguments.items() if name != "partition" or value}


def _run_on_slurm(
    steps: Sequence[PipelineStep],
    world: int,
    options: "SlurmOptions",
    folder: Path,
    stop: Path | None,
) -> None:
    for program in ("sbatch", "squeue", "scancel"):
        if shutil.which(program) is None:
            raise BackendError(
                f"{program} is not on the PATH, and --executor slurm starts its ranks with it; "
                "run this on a login node of the cluster, or choose --executor local or ray"
            )
    # The ranks' own Python, so that the environment of this process need not be activated.
    here = f"export PATH={Path(sys.executable).parent}:$PATH"
    executor = _Slurm(
        list(steps),
        tasks=world,
        time=options.time,
        partition=options.partition,
        cpus_per_task=options.cpus,
        mem_per_cpu_gb=options.memory_gb,
        env_command="\n".join(line for line in (here, options.environment) if line),
        job_name="crossthink-data",
        qos="",
        logging_dir=str(folder.resolve()),
    )
    with _quiet(folder / "slurm.log"), asks_by_file(stop):
        try:
            executor.run()
        except subprocess.CalledProcessError as error:
            raise BackendError(
                f"sbatch refused the job ({folder / 'launch_script.slurm'}): {error}; "
                "check partition, time and memory"
            ) from error
        _wait_for_slurm(executor, options.poll_seconds)


def _wait_for_slurm(executor: PipelineExecutor, poll_seconds: float) -> None:
    job = str(executor.job_id)
    try:
        while executor.get_incomplete_ranks(skip_completed=True) and _in_queue(job):
            time.sleep(poll_seconds)
    except KeyboardInterrupt:
        subprocess.run(["scancel", job], check=False)
        raise


def _in_queue(job: str) -> bool:
    """Whether Slurm has the job. BackendError when it cannot be asked, many times over."""
    command = ["squeue", "--noheader", "--jobs", job]
    for pause in (*_SQUEUE_PAUSES, None):
        listed = subprocess.run(
            command, check=False, capture_output=True, text=True, env=dict(os.environ)
        )
        if listed.returncode == 0:
            return bool(listed.stdout.strip())
        if "invalid job id" in listed.stderr.lower():
            return False  # Slurm forgets a job some minutes after its end
        if pause is not None:
            time.sleep(pause)
    raise BackendError(
        f"squeue fails: {listed.stderr.strip()[:200]}; job {job} may still be running: see to it "
        f"with squeue, end it with scancel {job}, then run the same command again"
    )
