#!/usr/bin/env python3
"""What the generation layer costs beside plain clients, on a mock server of 200 ms.

    python tests/benchmarks/generation.py [--requests 5000] [--in-flight 256] [--long 50000]
    python tests/benchmarks/generation.py --kills 20

Prints one table. Each client runs as a process of its own, one after the other, against a mock
server that is another process, with prompts of 2 kB. Columns:

    cpu s/1000    user and system seconds of the client's process for 1,000 requests, start excluded
    in flight     calls under way on average over the run, as the client and as the server count
                  them, in percent of the limit; the client's includes what waits in the sockets
    req/s         requests answered per second
    RSS MB        peak of the process above what it had when the interpreter started, and above what
                  it had when all was imported and the first call was about to start

The last lines are the engine's memory while it makes `--long` requests of a server without latency.
With `--kills` the engine is killed so many times in a run of 1,000 requests, and the rows compared.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "generate"))

CLIENTS = ("engine, openai", "engine, aiohttp", "openai", "openai on aiohttp", "aiohttp")
MARKS = (1_000, 5_000, 10_000, 20_000, 50_000)
WORDS = "the quick brown fox jumps over the lazy dog and runs on along the river " * 40


def rss(name: str = "VmRSS") -> float:
    """Megabytes this process holds, or with VmHWM the most it held."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status has no " + name)


class Meter:
    """What a child measures of itself and prints as JSON."""

    def __init__(self) -> None:
        self.born = rss()
        self.marks: dict[int, float] = {}
        self.in_flight = 0
        self._area = self._since = 0.0

    def begin(self) -> None:
        """All is imported: the clocks start."""
        self.ready = rss()
        self._cpu = time.process_time()
        self._began = self._since = time.monotonic()

    def step(self, change: int) -> None:
        """A call began or ended."""
        now = time.monotonic()
        self._area += self.in_flight * (now - self._since)
        self._since = now
        self.in_flight += change

    def end(self, requests: int, notes: dict[str, object]) -> None:
        """The last reply came: print what was measured."""
        seconds = time.monotonic() - self._began
        found = {
            "cpu": (time.process_time() - self._cpu) / requests * 1000,
            "in_flight": self._area / seconds,
            "rate": requests / seconds,
            "above_birth": rss("VmHWM") - self.born,
            "above_ready": rss("VmHWM") - self.ready,
            "marks": self.marks,
            "born": self.born,
            **notes,
        }
        print(json.dumps(found))


def prompt(number: int) -> str:
    """2 kB, different for each number."""
    return f"{number}: {WORDS}"[:2000]


async def with_engine(
    url: str, transport: str, requests: int, in_flight: int, meter: Meter
) -> None:
    """Our engine, one request an item, its journal in a temporary folder."""
    from crossthink_data.exchange import Ask, Conversation, Message, Rejected, Request
    from crossthink_data.generate import Engine, Journal, Limits
    from crossthink_data.generate.backends import BackendSettings, open_backend
    from crossthink_data.generate.protocol import Answer, Backend, Call, Capabilities, Failure

    class Counted:
        def __init__(self, inner: Backend) -> None:
            self.inner = inner

        async def start(self) -> Capabilities:
            return await self.inner.start()

        async def complete(self, call: Call) -> Answer | Failure:
            meter.step(1)
            try:
                return await self.inner.complete(call)
            finally:
                meter.step(-1)

        async def close(self) -> None:
            await self.inner.close()

    def talk(number: int) -> Conversation:
        request = Request(
            task="bench", row_id=str(number), messages=(Message("user", prompt(number)),)
        )
        (reply,) = yield (Ask(request),)
        return Rejected("measured", reply.key, "{}")

    done = 0

    def count(row_id: str, outcome: object) -> None:
        nonlocal done
        done += 1
        if done in MARKS:
            meter.marks[done] = rss()

    settings = BackendSettings(
        kind="endpoint",
        model="mock-model",
        base_url=url,
        transport="openai" if transport == "openai" else "aiohttp",
        max_in_flight=in_flight,
    )
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder)) as journal:
        backend = Counted(open_backend(settings))
        limits = Limits(max_in_flight=in_flight)
        async with Engine(backend, journal, limits, model="mock-model") as engine:
            await engine.start()
            # The probe of the start is no part of what the server counts.
            urllib.request.urlopen(url.removesuffix("/v1") + "/reset", b"{}").close()
            meter.begin()
            ran = await engine.run(
                ((str(number), talk(number)) for number in range(requests)), count, total=requests
            )
            assert ran.finished == requests
            assert len(journal) == requests
            meter.end(requests, {"retries": dict(engine.metrics.retries)})


async def with_semaphore(
    ask: Callable[[str], Awaitable[object]], requests: int, in_flight: int, meter: Meter
) -> None:
    """A task for each request, held back by a semaphore: what a script would do."""
    slots = asyncio.Semaphore(in_flight)
    meter.begin()

    async def one(number: int) -> None:
        async with slots:
            meter.step(1)
            await ask(prompt(number))
            meter.step(-1)

    await asyncio.gather(*(one(number) for number in range(requests)))
    meter.end(requests, {})


async def with_openai(url: str, on_aiohttp: bool, requests: int, in_flight: int, m: Meter) -> None:
    """The openai client alone."""
    import openai

    client = openai.AsyncOpenAI(
        base_url=url,
        api_key="none",
        max_retries=0,
        timeout=600,
        http_client=openai.DefaultAioHttpClient() if on_aiohttp else None,
    )

    async def ask(text: str) -> object:
        return await client.chat.completions.create(
            model="mock-model", messages=[{"role": "user", "content": text}], seed=0
        )

    await with_semaphore(ask, requests, in_flight, m)
    await client.close()


async def with_aiohttp(url: str, requests: int, in_flight: int, meter: Meter) -> None:
    """aiohttp alone."""
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(text: str) -> object:
            body = {"model": "mock-model", "messages": [{"role": "user", "content": text}]}
            async with session.post(f"{url}/chat/completions", json=body) as reply:
                return await reply.json()

        await with_semaphore(ask, requests, in_flight, meter)


def child(client: str, url: str, requests: int, in_flight: int) -> None:
    """Be one line of the table."""
    meter = Meter()
    name, _, transport = client.partition(", ")
    if name == "engine":
        work = with_engine(url, transport, requests, in_flight, meter)
    elif name == "aiohttp":
        work = with_aiohttp(url, requests, in_flight, meter)
    else:
        work = with_openai(url, "aiohttp" in name, requests, in_flight, meter)
    asyncio.run(work)


def measure(client: str, requests: int, in_flight: int, latency: float) -> dict[str, object]:
    """Run one client against a fresh server; what it measured, and what the server saw."""
    from mock_endpoint import MockProcess

    with MockProcess("--latency", str(latency)) as mock:
        command = [sys.executable, __file__, "--child", client, "--url", mock.url]
        command += ["--requests", str(requests), "--in-flight", str(in_flight)]
        said = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
        stats = mock.stats()
    return {**json.loads(said), "served": stats["mean_in_flight"], "server": stats}


def print_table(requests: int, in_flight: int, long: int) -> None:
    """The table."""
    print(f"{requests} requests of 2 kB, {in_flight} in flight, a server of 200 ms")
    print(
        f"{'client':<20}{'cpu s/1000':>11}{'in flight %':>14}{'req/s':>8}{'RSS MB':>15}\n"
        f"{'':<20}{'':>11}{'client server':>14}{'':>8}{'born  ready':>15}"
    )
    for client in CLIENTS:
        found = measure(client, requests, in_flight, 0.2)
        shares = [100 * float(str(found[name])) / in_flight for name in ("in_flight", "served")]
        print(
            f"{client:<20}{found['cpu']:>11.2f}{shares[0]:>7.0f}{shares[1]:>7.0f}"
            f"{found['rate']:>8.0f}{found['above_birth']:>9.1f}{found['above_ready']:>6.1f}",
            flush=True,
        )
    if long:
        for client in ("engine, openai", "engine, aiohttp"):
            found = measure(client, long, in_flight, 0.0)
            marks = found["marks"]
            assert isinstance(marks, dict)
            held = ", ".join(
                f"{size - float(str(found['born'])):.1f} MB at {int(mark):,}"
                for mark, size in marks.items()
            )
            print(f"{client}: above the interpreter's start {held}", flush=True)


def print_kills(kills: int) -> None:
    """Kill a run of 1,000 requests, and compare its rows with those of a run left alone."""
    from killed_run import hold, rows, run_with_kills
    from mock_endpoint import MockProcess

    items, in_flight = 334, 64
    with tempfile.TemporaryDirectory() as folder:
        with MockProcess("--latency", "0.2") as mock:
            found = run_with_kills(
                mock, Path(folder, "a"), kills=kills, items=items, in_flight=in_flight, seed=1
            )
        with MockProcess() as mock:
            asyncio.run(hold(mock.url, Path(folder, "b"), items, in_flight))
        same = rows(Path(folder, "a"), items) == rows(Path(folder, "b"), items)
    print(
        f"{kills} kills in {3 * items} requests at {in_flight} in flight: rows "
        f"{'identical' if same else 'DIFFERENT'}, {found.keys} replies in {found.lines} lines, "
        f"{found.repeated} asked twice (at most {kills * in_flight} may be), "
        f"{found.asked_though_kept} of them after they were in the journal"
    )


def main() -> None:
    """Read the flags and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--long", type=int, default=50_000, help="0: leave the long runs out")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.child:
        child(flags.child, flags.url, flags.requests, flags.in_flight)
    elif flags.kills:
        print_kills(flags.kills)
    else:
        print_table(flags.requests, flags.in_flight, flags.long)


if __name__ == "__main__":
    main()
