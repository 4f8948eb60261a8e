"""What every verb that asks a model shares: its settings, and the run of a job over ranks."""

from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from crossthink_data.errors import RecipeError
from crossthink_data.recipe import Seed, Settings

__all__ = ["AskSettings", "LlamaSettings", "Price", "SlurmSettings", "VllmSettings"]


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
    """What each rank asks of Slurm; `environment` is a line to run first, as `source env`."""

    partition: str = ""
    time: str = "24:00:00"
    cpus: PositiveInt = 1
    memory_gb: PositiveInt = 4
    environment: str = ""


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
    failures_in_a_row: PositiveInt = 50
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

    @property
    def backend_kind(self) -> str:
        """The backend that is meant. RecipeError when two settings point at different ones."""
        given = {
            kind: value
            for kind, value in (("endpoint", self.base_url), ("replay", self.recorded))
            if value is not None
        }
        kind = self.backend or next(iter(given), "llama")
        keys = {"endpoint": "base_url", "replay": "recorded"}
        for other in given:
            if other != kind:
                raise RecipeError(
                    f"{keys[other]} {given[other]} is for backend {other}, and backend is {kind}; "
                    "leave one of them out"
                )
        return kind
