"""What every verb that asks a model shares: its settings, and the run of a job over ranks."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Protocol, Self

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from crossthink_data.errors import RecipeError, RunStopped, did_you_mean
from crossthink_data.exchange import Conversation
from crossthink_data.executors import Executor, SlurmOptions, run_ranks
from crossthink_data.generate.backends import (
    BackendSettings,
    backend_kinds,
    checked_address,
    open_backend,
)
from crossthink_data.generate.engine import Engine, Limits, Ran
from crossthink_data.generate.journal import Journal
from crossthink_data.generate.metrics import (
    Metrics,
    MetricsLog,
    Prices,
    Snapshot,
    serve_prometheus,
    until_gone,
)
from crossthink_data.generate.protocol import Capabilities
from crossthink_data.generate.rank_metrics import last_snapshot, merged
from crossthink_data.recipe import Seed, Settings
from crossthink_data.steps.stopping import stopping

__all__ = [
    "AskSettings",
    "Job",
    "Live",
    "LlamaSettings",
    "Price",
    "SlurmSettings",
    "VllmSettings",
    "ask_all",
    "ask_rank",
    "server_seen",
]


class Price(Settings):
    """Dollars, or any money, for a million tokens of prompts and of replies."""

    prompt: NonNegativeFloat = 0.0
    completion: NonNegativeFloat = 0.0


class VllmSettings(Settings):
    """How `vllm serve` is started: the program, what follows the model, seconds to load it."""

    command: str = "vllm"
    arguments: tuple[str, ...] = ()
    startup_seconds: PositiveFloat = 1800.0


class LlamaSettings(Settings):
    """The embedded model: tokens a reply sees, replies at once, CPU threads, layers on a GPU."""

    context: PositiveInt = 8192
    slots: PositiveInt = 4
    threads: NonNegativeInt = 0
    gpu_layers: int = -1


class SlurmSettings(Settings):
    """What each rank asks of Slurm; `environment` is a line to run first, as `source env`.

    The line stands in the job's script on disk, so it names a file of secrets, and holds none.
    """

    partition: str = ""
    time: str = "24:00:00"
    cpus: PositiveInt = 1
    memory_gb: PositiveInt = 4
    environment: str = ""


_VLLM_SECRETS = (("--api-k", "VLLM_API_KEY"), ("--hf-t", "HF_TOKEN"))
"""How flags of vLLM that take a secret begin, as its parser takes them, and what to set instead."""


UNWRITTEN = {"slurm": {"environment"}}
"""Settings that are written into no ledger and no record: a line of shell may hold a key."""


class AskSettings(Settings):
    """Which model is asked, how fast, and where its replies are kept.

    `backend` may be left out: it is `endpoint` with a `base_url`, `replay` with `recorded`, else
    `llama`. `journal` is the folder of the run, beside `out` by default. `max_in_flight` is the
    ceiling of an adaptive limit (`adaptive: false` holds it). `attempts` is the tries at one
    request, `resamples` the further draws after an unusable reply, `timeout` seconds a try.
    `failures_in_a_row` without a success stop the run. A new `epoch` asks everything again.
    `max_failed` is the share of items without a usable reply above which the exit code is 3.
    The key is read from the environment variable `key_variable`.
    """

    backend: str | None = None
    model: str = ""
    base_url: str | None = None
    recorded: Path | None = None
    transport: Literal["openai", "aiohttp"] = "openai"
    key_variable: str = "OPENAI_API_KEY"
    journal: Path | None = None
    max_in_flight: PositiveInt = 64
    adaptive: bool = True
    requests_per_minute: PositiveInt | None = None
    tokens_per_minute: PositiveInt | None = None
    attempts: PositiveInt = 8
    resamples: NonNegativeInt = 3
    timeout: PositiveFloat = 600.0
    failures_in_a_row: NonNegativeInt = 0
    max_failed: float = Field(default=0.2, ge=0, le=1)
    price: Price | None = None
    prometheus_port: PositiveInt | None = None
    epoch: NonNegativeInt = 0
    seed: Seed = 0
    executor: Literal["local", "ray", "slurm"] = "local"
    tasks: PositiveInt = 1
    vllm: VllmSettings = VllmSettings()
    llama: LlamaSettings = LlamaSettings()
    slurm: SlurmSettings = SlurmSettings()

    @model_validator(mode="after")
    def _without_secrets(self) -> Self:
        """Settings are written down, so what holds a key is refused before anything is."""
        if self.base_url is not None:
            try:
                checked_address(self.base_url)
            except RecipeError as error:
                raise ValueError(str(error)) from None
        for word in self.vllm.arguments:
            for start, variable in _VLLM_SECRETS:
                if word.replace("_", "-").startswith(start):
                    raise ValueError(
                        f"vllm.arguments hold {word.partition('=')[0]}, and settings are written "
                        f"into ledgers; leave it out and set {variable} in the environment"
                    )
        return self

    @property
    def backend_kind(self) -> str:
        """The backend that is meant. RecipeError when two settings point at different ones."""
        given = {
            kind: value
            for kind, value in (("endpoint", self.base_url), ("replay", self.recorded))
            if value is not None
        }
        kind = self.backend or next(iter(given), "llama")
        if kind not in backend_kinds():
            raise RecipeError(f"backend is {kind}; {did_you_mean(kind, backend_kinds())}")
        keys = {"endpoint": "base_url", "replay": "recorded"}
        for other in given:
            if other != kind:
                raise RecipeError(
                    f"{keys[other]} {given[other]} is for backend {other}, and backend is {kind}; "
                    "leave one of them out"
                )
        return kind

    @property
    def model_name(self) -> str:
        """The name that requests and their keys carry: of a GGUF file its own, so that it may move.

        RecipeError when there is none and the backend has no default model.
        """
        if self.backend_kind == "llama":
            from crossthink_data.generate.gguf_files import name_of

            return name_of(self.model)
        if not self.model:
            raise RecipeError(
                f"model is missing, and backend {self.backend_kind} has no default one; "
                "give the name of the model with --model"
            )
        return self.model

    def check_model(self) -> None:
        """RecipeError for a backend or model that cannot be meant, before anything is read."""
        assert self.model_name

    def limits(self) -> Limits:
        """How hard the backend may be asked, all ranks together.

        An embedded model has so many slots: what waits for one would run out of its time.
        """
        most = self.llama.slots if self.backend_kind == "llama" else self.max_in_flight
        return Limits(
            max_in_flight=min(self.max_in_flight, most),
            adaptive=self.adaptive,
            requests_per_minute=self.requests_per_minute,
            tokens_per_minute=self.tokens_per_minute,
            attempts=self.attempts,
            resamples=self.resamples,
            timeout=self.timeout,
            failures_in_a_row=self.failures_in_a_row,
        )

    def executor_of(self) -> Executor:
        """Where the ranks run."""
        return Executor(
            kind=self.executor, tasks=self.tasks, slurm=SlurmOptions(**self.slurm.model_dump())
        )

    def backend_settings(self, folder: Path, world: int) -> BackendSettings:
        """What opens the backend for one of `world` ranks; its log goes to `folder`."""
        return BackendSettings(
            kind=self.backend_kind,
            model=self.model or (self.model_name if self.backend_kind == "llama" else ""),
            base_url=self.base_url or "",
            transport=self.transport,
            recorded=self.recorded,
            key_variable=self.key_variable,
            timeout=self.timeout,
            max_in_flight=max(1, self.max_in_flight // world),
            vllm_command=self.vllm.command,
            vllm_arguments=self.vllm.arguments,
            startup_seconds=self.vllm.startup_seconds,
            log_folder=folder,
            context=self.llama.context,
            slots=self.llama.slots,
            threads=self.llama.threads,
            gpu_layers=self.llama.gpu_layers,
        )


class Job(Protocol):
    """What is to be asked; it can be sent to another process."""

    @property
    def total(self) -> int:
        """Conversations of all ranks together."""

    def conversations(self, rank: int, world: int) -> Iterable[tuple[str, Conversation]]:
        """Row ids and conversations of one rank."""

    def share(self, rank: int, world: int) -> int:
        """How many conversations the rank has."""


_SERVER = "server.json"
"""The file of a run's folder that says what its server was seen to do: model, address, features."""

_STOP = "stop"
"""The file of a run's folder that asks its ranks, wherever they are, to drain and end."""

_WATCH_SECONDS = 2.0

Live = Callable[[Snapshot], None]
"""Called about twice a second with the numbers of the run."""


def ask_all(job: Job, settings: AskSettings, folder: Path, live: Live) -> None:
    """Ask the model all that the job wants, into the journals of `folder`; what is there is kept.

    RunStopped when a person stopped it, BackendError when the model could not be asked on.
    """
    if settings.recorded is not None:
        # A rank on another node starts in a folder of its own.
        settings = settings.model_copy(update={"recorded": settings.recorded.resolve()})
    world = _ranks_that_ask(settings)
    (folder / _STOP).unlink(missing_ok=True)
    if world == 1 and settings.executor == "local":
        ask_rank(job, settings, folder, 0, 1, live)
        return
    work = _RankWork(job, settings, folder)
    executor = settings.executor_of()
    logs = [folder / _metrics_name(rank, world) for rank in range(world)]
    try:
        with _watched(logs, job.total, live):
            run_ranks(
                work, world=world, executor=executor, folder=folder / "ranks", stop=folder / _STOP
            )
    except (RunStopped, KeyboardInterrupt) as stop:
        seen = merged([last_snapshot(log) for log in logs], job.total)
        raise _stopped(seen.items_done, seen.items_open, folder) from stop


def _ranks_that_ask(settings: AskSettings) -> int:
    """How many processes ask: one where the model runs on this machine, beside or in the process.

    Each of several would start a model of its own. RecipeError for such a model on a cluster.
    """
    kind = settings.backend_kind
    if kind not in ("vllm", "llama"):
        return settings.tasks
    if settings.executor != "local":
        raise RecipeError(
            f"executor is {settings.executor} and backend is {kind}, which starts a model on each "
            "node for each rank; start servers yourself and name their address with --base-url"
        )
    return 1


@dataclass(frozen=True, slots=True)
class _RankWork:
    """`ask_rank` as another process is given it."""

    job: Job
    settings: AskSettings
    folder: Path

    def __call__(self, rank: int, world: int) -> None:
        ask_rank(self.job, self.settings, self.folder, rank, world, lambda snapshot: None)


@contextmanager
def _watched(logs: Sequence[Path], total: int, live: Live) -> Iterator[None]:
    """Tell the numbers of all ranks together, from what each writes down, while the block runs."""
    for log in logs:
        log.unlink(missing_ok=True)
    ended = threading.Event()
    live = until_gone(live)

    def watch() -> None:
        while not ended.wait(_WATCH_SECONDS):
            live(merged([last_snapshot(log) for log in logs], total))
        live(merged([last_snapshot(log) for log in logs], total))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _metrics_name(rank: int, world: int) -> str:
    return "metrics.jsonl" if world == 1 else f"metrics-rank={rank:05}.jsonl"


def ask_rank(
    job: Job, settings: AskSettings, folder: Path, rank: int, world: int, live: Live
) -> None:
    """The part of one rank, in this process."""
    with Journal(folder, rank) as journal:
        ran = asyncio.run(_asked(job, settings, journal, rank, world, live))
    if ran.drained:
        raise _stopped(ran.finished, ran.unfinished, folder)


def _stopped(finished: int, begun: int, folder: Path) -> RunStopped:
    return RunStopped(
        f"stopped: {finished:,} items are done and {begun:,} were begun; every reply that came is "
        f"kept in {folder}; run the same command again to go on"
    )


async def _asked(
    job: Job, settings: AskSettings, journal: Journal, rank: int, world: int, live: Live
) -> Ran:
    backend = open_backend(settings.backend_settings(journal.folder, world))
    price = settings.price or Price()
    engine = Engine(
        backend,
        journal,
        settings.limits().share(world),
        model=settings.model_name,
        seed=settings.seed,
        epoch=settings.epoch,
        metrics=Metrics(prices=Prices(price.prompt, price.completion)),
        log=MetricsLog(journal.folder / _metrics_name(rank, world)),
        on_tick=live,
        on_start=partial(_note_server, journal.folder, settings.model_name, rank),
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(engine)
        if settings.prometheus_port is not None:
            port = settings.prometheus_port + rank
            await stack.enter_async_context(serve_prometheus(port, engine.snapshot))
        await stack.enter_async_context(stopping(engine, journal.folder / _STOP))
        return await engine.run(
            job.conversations(rank, world),
            lambda row_id, outcome: None,
            total=job.share(rank, world),
        )


def _note_server(folder: Path, model: str, rank: int, seen: Capabilities) -> None:
    """Keep what the server was seen to do, for the ledger; a run does not stop for it."""
    made = folder / f"{_SERVER}.{rank}.tmp"
    told = {"model": model, **asdict(seen)}
    with suppress(OSError):
        try:
            made.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")
            made.replace(folder / _SERVER)
        finally:
            made.unlink(missing_ok=True)


def server_seen(folder: Path, model: str) -> dict[str, object] | None:
    """What the server of that model was last seen to do by a run of the folder, if any was."""
    try:
        told = json.loads((folder / _SERVER).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(told, dict) or told.pop("model", None) != model:
        return None
    return told
