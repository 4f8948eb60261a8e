"""The numbers of a run: rates, costs, forecasts, lines on disk and the Prometheus port."""

import asyncio
import json
import sys
from pathlib import Path

import aiohttp
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scripted import QUICK, ScriptedBackend, echo, talks

from crossthink_data.errors import BackendError
from crossthink_data.generate.engine import Engine
from crossthink_data.generate.journal import Journal
from crossthink_data.generate.metrics import (
    Metrics,
    MetricsLog,
    Prices,
    Snapshot,
    prometheus_text,
    serve_prometheus,
)


def worked(metrics: Metrics, answers: int, *, items: int) -> None:
    """Count answers of 100 prompt and 50 completion tokens, and items that needed them."""
    metrics.requests += answers
    metrics.answers += answers
    metrics.prompt_tokens += 100 * answers
    metrics.completion_tokens += 50 * answers
    metrics.items_done += items
    metrics.items_asked += items


def test_rates_are_of_the_last_seconds() -> None:
    metrics = Metrics(items_total=1000)
    metrics.tick(100.0)
    for second in range(1, 101):
        worked(metrics, 1 if second <= 50 else 10, items=1 if second <= 50 else 5)
        metrics.tick(100.0 + second)
    snapshot = metrics.snapshot(200.0)
    assert snapshot.seconds == 100.0
    assert snapshot.requests_per_second == pytest.approx(10.0)
    assert snapshot.prompt_tokens_per_second == pytest.approx(1000.0)
    assert snapshot.completion_tokens_per_second == pytest.approx(500.0)
    assert snapshot.seconds_left == pytest.approx((1000 - 300) / 5)


def test_nothing_is_known_at_the_start() -> None:
    snapshot = Metrics(items_total=10).snapshot(5.0)
    assert (snapshot.requests_per_second, snapshot.seconds_left, snapshot.forecast) == (
        0,
        None,
        None,
    )
    assert Metrics().snapshot(0.0).seconds_left is None


def test_cost_and_its_forecast_by_the_items_that_were_asked() -> None:
    metrics = Metrics(prices=Prices(prompt=2.0, completion=10.0), items_total=100)
    metrics.tick(0.0)
    metrics.items_done += 40  # From the journal: they cost nothing now.
    assert metrics.snapshot(0.5).forecast is None
    worked(metrics, 10, items=10)
    snapshot = metrics.snapshot(1.0)
    assert snapshot.cost == pytest.approx((1000 * 2 + 500 * 10) / 1e6)
    assert snapshot.forecast == pytest.approx(6 * snapshot.cost)


def test_a_finished_run_has_no_time_left() -> None:
    metrics = Metrics(items_total=5)
    worked(metrics, 5, items=5)
    assert metrics.snapshot(3.0).seconds_left == 0.0


def test_a_run_counts_what_it_does_and_writes_it_down(tmp_path: Path) -> None:
    metrics = Metrics(prices=Prices(prompt=1.0))
    log = MetricsLog(tmp_path / "metrics.jsonl", every=3600.0)
    seen: list[Snapshot] = []

    async def go() -> None:
        with Journal(tmp_path) as journal:
            async with Engine(
                ScriptedBackend(echo, latency=0.02),
                journal,
                QUICK,
                model="m",
                metrics=metrics,
                log=log,
                on_tick=seen.append,
            ) as engine:
                await engine.run(talks(map(str, range(300))), lambda *_: None, total=300)

    asyncio.run(go())
    lines = [json.loads(line) for line in log.path.read_text().splitlines()]
    assert len(lines) == 2, "one at the first tick, and one at the end"
    last = lines[-1]
    assert last == json.loads(json.dumps(seen[-1].as_json()))
    assert (last["items_done"], last["items_total"], last["answers"]) == (300, 300, 300)
    assert (last["in_flight"], last["prompt_tokens"], last["cost"]) == (0, 3000, 0.003)
    assert last["rejects"] == {"talked": 300}
    assert 0 <= lines[0]["in_flight"] <= lines[0]["limit"] <= 8


def test_metrics_that_cannot_be_written_do_not_stop_the_run(tmp_path: Path) -> None:
    log = MetricsLog(tmp_path / "no folder" / "metrics.jsonl")
    log.offer(Metrics().snapshot(0.0), 0.0)
    assert "No such file" in log.failed


def test_prometheus_text_has_counters_gauges_and_labels() -> None:
    metrics = Metrics()
    worked(metrics, 3, items=2)
    metrics.retries['odd "reason"\n'] = 2
    text = prometheus_text(metrics.snapshot(1.0))
    assert "# TYPE crossthink_answers_total counter\ncrossthink_answers_total 3\n" in text
    assert "# TYPE crossthink_in_flight gauge\ncrossthink_in_flight 0\n" in text
    assert 'crossthink_retries_total{reason="odd \\"reason\\"\\n"} 2' in text
    assert "None" not in text


def test_the_port_serves_the_numbers_of_the_moment() -> None:
    metrics = Metrics()

    async def go() -> None:
        async with (
            serve_prometheus(0, lambda: metrics.snapshot(1.0)) as port,
            aiohttp.ClientSession() as session,
        ):
            for answers in (0, 7):
                metrics.answers = answers
                async with session.get(f"http://127.0.0.1:{port}/metrics") as reply:
                    assert f"crossthink_answers_total {answers}\n" in await reply.text()
            async with session.get(f"http://127.0.0.1:{port}/other") as reply:
                assert reply.status == 404
            with pytest.raises(BackendError, match=f"port {port} for metrics cannot be opened"):
                async with serve_prometheus(port, lambda: metrics.snapshot(1.0)):
                    pass

    asyncio.run(go())
