"""The table of backends: a kind and its settings become something that answers calls.

A backend of another package is an entry point in the group `crossthink_data.backends`: a function
that takes `BackendSettings` and returns a `Backend`, under the name of its kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from crossthink_data.errors import RecipeError, did_you_mean
from crossthink_data.generate.protocol import Backend

__all__ = [
    "BackendSettings",
    "TransportName",
    "backend_kinds",
    "checked_address",
    "open_backend",
]

TransportName = Literal["openai", "aiohttp"]

_GROUP: Final = "crossthink_data.backends"
_FACTORIES: Final = {
    "endpoint": "crossthink_data.generate.endpoint:open_endpoint",
    "vllm": "crossthink_data.generate.vllm:open_vllm",
    "llama": "crossthink_data.generate.llama:open_llama",
    "replay": "crossthink_data.generate.replay:open_replay",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendSettings:
    """Which model is asked and how it is reached; every backend reads its own part.

    `model` is the name that the server knows, for `llama` a GGUF file or hub id (empty: the
    default model), for `vllm` what `vllm serve` takes. `base_url` is the server of `endpoint`;
    `recorded` the journal folder of `replay`. The key is read from the environment variable
    `key_variable` and is no part of the settings.

    `timeout` bounds one call in seconds. `max_in_flight` is how many calls are under way at once:
    the size of the connection pool, and the slots of `llama` up to its `slots`.

    `vllm_command` is the program to start, `vllm_arguments` what follows `serve MODEL`;
    `startup_seconds` is how long it may take to load; `log_folder` gets its log.

    `context` is the window of one `llama` reply in tokens, prompt included; `threads` the CPU
    threads of `llama` (0: as many as this process may use); `gpu_layers` is how many layers of the
    model `llama` puts on a GPU (-1: as many as fit).
    """

    kind: str
    model: str = ""
    base_url: str = ""
    transport: TransportName = "openai"
    recorded: Path | None = None
    key_variable: str = "OPENAI_API_KEY"
    timeout: float = 600.0
    max_in_flight: int = 64
    vllm_command: str = "vllm"
    vllm_arguments: tuple[str, ...] = ()
    startup_seconds: float = 1800.0
    log_folder: Path | None = None
    context: int = 8192
    slots: int = 4
    threads: int = 0
    gpu_layers: int = -1


Factory = Callable[[BackendSettings], Backend]


def backend_kinds() -> tuple[str, ...]:
    """The kinds that can be opened: those of this package, then those of others, by name."""
    others = sorted({point.name for point in entry_points(group=_GROUP)} - set(_FACTORIES))
    return (*_FACTORIES, *others)


def open_backend(settings: BackendSettings) -> Backend:
    """The backend of a kind, not yet started; its module is imported now and not before.

    RecipeError for an unknown kind or settings it cannot work with; MissingExtra when a package
    is not installed; BackendError for a key that cannot be one.
    """
    _check(settings)
    return _factory(settings.kind)(settings)


def checked_address(root: str) -> str:
    """The address, if it is one. RecipeError for another scheme, no host, or a secret in it."""
    if "@" in root or "?" in root:
        raise RecipeError(
            "base_url has a user name, a key or a query in it, and an address is written into "
            "ledgers; give the address alone, and the key in the environment"
        )
    try:
        parts = urlsplit(root)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise RecipeError(
            f"base_url {root} is no address of a server; "
            "it looks like http://localhost:8000/v1 or https://api.example.org/v1"
        )
    return root


def _factory(kind: str) -> Factory:
    if kind in _FACTORIES:
        module, name = _FACTORIES[kind].split(":")
        factory: Factory = getattr(import_module(module), name)
        return factory
    for point in entry_points(group=_GROUP, name=kind):
        loaded: Factory = point.load()
        return loaded
    raise RecipeError(f"backend {kind!r} is not known; {did_you_mean(kind, backend_kinds())}")


def _check(settings: BackendSettings) -> None:
    if not settings.timeout > 0:
        raise RecipeError(f"timeout {settings.timeout:g}: a call needs more than 0 seconds")
    if settings.max_in_flight < 1:
        raise RecipeError(f"max_in_flight {settings.max_in_flight}: at least 1 call must be let go")
    if settings.transport not in ("openai", "aiohttp"):
        raise RecipeError(
            f"transport {settings.transport!r} is not known; "
            f"{did_you_mean(settings.transport, ('openai', 'aiohttp'))}"
        )
