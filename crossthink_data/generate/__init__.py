"""The generation layer, the only place that talks to a model: it asks, waits, retries and keeps.

    protocol.py     what a backend is: Call in, Answer or Failure out
    backends.py     the backends by name; endpoint, vllm, llama and replay have files of their own
    failures.py     the table of what can go wrong and what is done then
    limiter.py      how many calls at once, how many a minute
    journal.py      every reply, kept the moment it arrives (lock.py, key_index.py are its parts)
    resolution.py   from an ask to the reply that counts; rows rebuilt from the journal alone
    engine.py       the loop that ties them together
    metrics.py      its numbers

    async with Engine(backend, journal, Limits(max_in_flight=64), model="m") as engine:
        ran = await engine.run(conversations, on_outcome)
    outcome = rebuild(conversation, journal, model="m")

The names below are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossthink_data.generate.engine import Engine, Limits, Ran
    from crossthink_data.generate.journal import Entry, Journal, JournalReader
    from crossthink_data.generate.lock import Holder, holder_of
    from crossthink_data.generate.metrics import (
        Metrics,
        MetricsLog,
        Prices,
        Snapshot,
        serve_prometheus,
    )
    from crossthink_data.generate.resolution import MissingReply, rebuild

__all__ = [
    "Engine",
    "Entry",
    "Holder",
    "Journal",
    "JournalReader",
    "Limits",
    "Metrics",
    "MetricsLog",
    "MissingReply",
    "Prices",
    "Ran",
    "Snapshot",
    "holder_of",
    "rebuild",
    "serve_prometheus",
]

_HOMES = {
    "Engine": "engine",
    "Entry": "journal",
    "Holder": "lock",
    "Journal": "journal",
    "JournalReader": "journal",
    "Limits": "engine",
    "Metrics": "metrics",
    "MetricsLog": "metrics",
    "MissingReply": "resolution",
    "Prices": "metrics",
    "Ran": "engine",
    "Snapshot": "metrics",
    "holder_of": "lock",
    "rebuild": "resolution",
    "serve_prometheus": "metrics",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
