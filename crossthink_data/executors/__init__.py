"""Work over ranks: processes here, Ray or Slurm through datatrove; a missing rank is an error.

A rank is one process that does its share of the work and needs no talk with the others.
`run_ranks` runs any picklable function of (rank, world); `run_pipeline` runs the steps of a
datatrove pipeline. Both return only when every rank is done, and name each rank that is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from crossthink_data.errors import MissingExtra, RecipeError
from crossthink_data.executors.outcomes import Work, attempt_folder, check_outcomes, noted
from crossthink_data.executors.processes import run_here

if TYPE_CHECKING:
    from datatrove.pipeline.base import PipelineStep

__all__ = ["Executor", "ExecutorKind", "SlurmOptions", "Work", "run_pipeline", "run_ranks"]

ExecutorKind = Literal["local", "ray", "slurm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlurmOptions:
    """What each rank asks of Slurm; `environment` is a line of shell to run first.

    `time` is as sbatch takes it, `memory_gb` is for each CPU; the queue is looked at every
    `poll_seconds`.
    """

    partition: str = ""
    time: str = "24:00:00"
    cpus: int = 1
    memory_gb: int = 4
    environment: str = ""
    poll_seconds: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Executor:
    """Where ranks run and how many there are: `tasks` ranks, each a process of its own.

    `memory_gb` is what a rank asks of Ray. Ray is started on this machine unless RAY_ADDRESS names
    a cluster or the caller has initialised it.
    """

    kind: ExecutorKind = "local"
    tasks: int = 1
    memory_gb: float = 1.0
    slurm: SlurmOptions = field(default_factory=SlurmOptions)

    def __post_init__(self) -> None:
        if self.tasks < 1:
            raise RecipeError(f"tasks is {self.tasks}; wanted is 1 or more ranks")
        if self.kind not in ("local", "ray", "slurm"):
            raise RecipeError(f"executor is {self.kind!r}; known are: local, ray, slurm")


def run_ranks(
    work: Work, *, world: int, executor: Executor, folder: Path, stop: Path | None = None
) -> None:
    """Nothing, when `work(rank, world)` has returned for each rank in 0 .. world - 1.

    Local ranks are spawned processes (a single one runs in this process); the first Ctrl-C, SIGTERM
    or SIGHUP is handed to each once, the second once more. Ranks of a cluster are asked to end by a
    file: `stop` is made at the first and they are waited for; the second ends them at once.

    Each call has a folder of its own below `folder`, so that what an earlier run left cannot pass
    for a result. A rank's own error of this project's tree is raised again with the rank's name,
    BackendError for any other, and for a rank that was killed or never began. KeyboardInterrupt
    when a rank stopped for it, or at that second interrupt.
    """
    attempt = attempt_folder(folder)
    task = partial(noted, work, attempt)
    if executor.kind == "local":
        exits = run_here(task, world)
        check_outcomes(attempt, world, exits)
        return
    _need_datatrove()
    from crossthink_data.executors import clusters

    clusters.run([clusters.WorkStep(task)], world, executor, attempt, stop)
    check_outcomes(attempt, world, {})


def run_pipeline(
    pipeline: Sequence["PipelineStep"], *, world: int, executor: Executor, folder: Path
) -> None:
    """Nothing, when datatrove's executor of that kind has completed each rank of the pipeline.

    Logs and statistics of the ranks are below `folder`. Errors are those of `run_ranks`.
    """
    _need_datatrove()
    from crossthink_data.executors import clusters

    attempt = attempt_folder(folder)
    steps = list(pipeline)
    if executor.kind == "local":
        task = partial(noted, clusters.LocalRank(steps, attempt), attempt)
        exits = run_here(task, world)
        check_outcomes(attempt, world, exits)
    else:
        clusters.run(steps, world, executor, attempt)
    clusters.check_completed(steps, world, attempt)


def _need_datatrove() -> None:
    if find_spec("datatrove") is None:
        raise MissingExtra("datatrove", "synth", "work over ranks")
