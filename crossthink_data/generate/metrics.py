"""The numbers of a run while it runs: counted by the engine, read as one value, kept as lines."""

import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from crossthink_data.errors import BackendError, MissingExtra

__all__ = [
    "Metrics",
    "MetricsLog",
    "Prices",
    "Snapshot",
    "prometheus_text",
    "serve_prometheus",
    "until_gone",
]

_WINDOW_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, in whatever currency the user thinks in."""

    prompt: float = 0.0
    completion: float = 0.0

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The price of so many tokens."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """How far a run is. Rates are of the last seconds; None is what is not known yet.

    `items_open` are items begun and not done: those in work, or when a run was stopped, left over.
    `requests` are calls sent, retries included; `reused` are replies found in the journal. Tokens
    and cost are those of this run. `loop_lag_ms` is how late a timer fired: above 100 this process,
    and not the server, is what holds the run up.
    """

    seconds: float
    items_done: int
    items_total: int | None
    requests: int
    answers: int
    reused: int
    requests_per_second: float
    in_flight: int
    limit: int
    waiting: int
    retries: Mapping[str, int]
    rejects: Mapping[str, int]
    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_per_second: float
    completion_tokens_per_second: float
    cost: float
    forecast: float | None
    loop_lag_ms: float
    seconds_left: float | None
    stopping: str
    items_open: int = 0

    def as_json(self) -> dict[str, object]:
        """The fields as JSON has them."""
        return asdict(self)


@dataclass(slots=True)
class Metrics:
    """Counters that the engine adds to; `snapshot` makes a value of them."""

    prices: Prices = field(default_factory=Prices)
    items_total: int | None = None
    items_done: int = 0
    items_open: int = 0
    items_asked: int = 0
    """Items done that needed the server; those wholly in the journal say nothing of speed."""
    requests: int = 0
    answers: int = 0
    reused: int = 0
    in_flight: int = 0
    limit: int = 0
    waiting: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    retries: Counter[str] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)
    loop_lag_ms: float = 0.0
    stopping: str = ""
    _started: float | None = None
    _window: deque[tuple[float, int, int, int, int]] = field(default_factory=deque)

    def tick(self, now: float) -> None:
        """Remember where the counters stand, for the rates; `now` in seconds of a steady clock."""
        if self._started is None:
            self._started = now
        self._window.append(
            (now, self.answers, self.prompt_tokens, self.completion_tokens, self.items_done)
        )
        while len(self._window) > 2 and now - self._window[0][0] > _WINDOW_SECONDS:
            self._window.popleft()

    def snapshot(self, now: float) -> Snapshot:
        """The run as it stands at `now`."""
        if self._started is None:
            self.tick(now)
        then, answers, prompt, completion, done = self._window[0]
        span = max(now - then, 1e-9)
        cost = self.prices.cost(self.prompt_tokens, self.completion_tokens)
        items_rate = (self.items_done - done) / span if now > then else 0.0
        return Snapshot(
            seconds=now - (self._started or now),
            items_done=self.items_done,
            items_total=self.items_total,
            requests=self.requests,
            answers=self.answers,
            reused=self.reused,
            requests_per_second=(self.answers - answers) / span if now > then else 0.0,
            in_flight=self.in_flight,
            limit=self.limit,
            waiting=self.waiting,
            retries=dict(sorted(self.retries.items())),
            rejects=dict(sorted(self.rejects.items())),
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            prompt_tokens_per_second=(self.prompt_tokens - prompt) / span if now > then else 0.0,
            completion_tokens_per_second=(
                (self.completion_tokens - completion) / span if now > then else 0.0
            ),
            cost=cost,
            forecast=self._forecast(cost),
            loop_lag_ms=self.loop_lag_ms,
            seconds_left=self._seconds_left(items_rate),
            stopping=self.stopping,
            items_open=self.items_open,
        )

    def _forecast(self, cost: float) -> float | None:
        if self.items_total is None or not self.items_asked:
            return None
        return cost + (self.items_total - self.items_done) * cost / self.items_asked

    def _seconds_left(self, items_per_second: float) -> float | None:
        if self.items_total is None:
            return None
        left = self.items_total - self.items_done
        if left <= 0:
            return 0.0
        return left / items_per_second if items_per_second > 0 else None


class MetricsLog:
    """Appends snapshots to a JSONL file, one every `every` seconds at most."""

    def __init__(self, path: Path, every: float = 5.0) -> None:
        self.path = path
        self._every = every
        self._written = float("-inf")
        self.failed = ""
        """Why the last line could not be written; a run does not stop for its metrics."""

    def offer(self, snapshot: Snapshot, now: float, *, last: bool = False) -> None:
        """Write the snapshot if it is time, or if it is the `last`."""
        if not last and now - self._written < self._every:
            return
        self._written = now
        line = json.dumps(snapshot.as_json(), separators=(",", ":")) + "\n"
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            self.failed = f"{self.path}: {error.strerror}"


def until_gone(tell: Callable[[Snapshot], None]) -> Callable[[Snapshot], None]:
    """`tell`, until there is nobody to be told: a closed terminal or pipe must not end a run."""
    gone = False

    def told(snapshot: Snapshot) -> None:
        nonlocal gone
        if not gone:
            try:
                tell(snapshot)
            except (OSError, ValueError):  # a file that was closed here is a ValueError
                gone = True

    return told


def prometheus_text(snapshot: Snapshot) -> str:
    """The snapshot in Prometheus's text format, each name with the prefix `crossthink_`."""
    lines: list[str] = []
    for name, value in snapshot.as_json().items():
        if isinstance(value, bool) or value is None or isinstance(value, str):
            continue
        kind = "counter" if name in _COUNTERS else "gauge"
        full = f"crossthink_{name}_total" if kind == "counter" else f"crossthink_{name}"
        lines.append(f"# TYPE {full} {kind}")
        if isinstance(value, dict):
            label = "reason"
            lines += [f'{full}{{{label}="{_escaped(part)}"}} {n}' for part, n in value.items()]
        else:
            lines.append(f"{full} {value}")
    return "\n".join(lines) + "\n"


_COUNTERS = frozenset(
    {
        "items_done",
        "requests",
        "answers",
        "reused",
        "retries",
        "rejects",
        "prompt_tokens",
        "completion_tokens",
        "cost",
    }
)


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@asynccontextmanager
async def serve_prometheus(port: int, snapshot: Callable[[], Snapshot]) -> AsyncIterator[int]:
    """Serve `/metrics` on 127.0.0.1 while the block runs; the port it got (0 asks for any).

    BackendError when the port is taken; MissingExtra without aiohttp.
    """
    try:
        from aiohttp import web
    except ImportError as error:
        raise MissingExtra("aiohttp", "synth", "the Prometheus port") from error

    async def metrics(request: web.BaseRequest) -> web.Response:
        if request.path != "/metrics":
            return web.Response(status=404)
        return web.Response(
            text=prometheus_text(snapshot()), headers={"Content-Type": "text/plain; version=0.0.4"}
        )

    runner = web.ServerRunner(web.Server(metrics, access_log=None))
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
        except OSError as error:
            raise BackendError(
                f"port {port} for metrics cannot be opened: {error.strerror}; name another one"
            ) from error
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
