"""The generation layer, the only place that talks to a model: it asks, waits, retries and keeps.

    protocol.py     what a backend is: Call in, Answer or Failure out
    backends.py     the backends by name; endpoint, vllm, llama and replay have files of their own
    failures.py     the table of what can go wrong and what is done then
    limits.py       how hard a backend is asked: the values
    limiter.py      how many calls at once, how many a minute: what holds callers back
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
    from crossthink_data.generate.engine import Engine as Engine
    from crossthink_data.generate.engine import Ran as Ran
    from crossthink_data.generate.journal import Entry as Entry
    from crossthink_data.generate.journal import Journal as Journal
    from crossthink_data.generate.journal import JournalReader as JournalReader
    from crossthink_data.generate.limits import Limits as Limits
    from crossthink_data.generate.lock import Holder as Holder
    from crossthink_data.generate.lock import holder_of as holder_of
    from crossthink_data.generate.metrics import Metrics as Metrics
    from crossthink_data.generate.metrics import MetricsLog as MetricsLog
    from crossthink_data.generate.metrics import Prices as Prices
    from crossthink_data.generate.metrics import Snapshot as Snapshot
    from crossthink_data.generate.metrics import serve_prometheus as serve_prometheus
    from crossthink_data.generate.resolution import MissingReply as MissingReply
    from crossthink_data.generate.resolution import rebuild as rebuild

_HOMES = {
    "Engine": "engine",
    "Entry": "journal",
    "Holder": "lock",
    "Journal": "journal",
    "JournalReader": "journal",
    "Limits": "limits",
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

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
