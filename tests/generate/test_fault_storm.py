"""A server with every fault at once: the rows are those of a server with none."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from killed_run import MODEL, item, rows
from mock_endpoint import MockEndpoint

from crossthink_data.generate import Engine, Journal, JournalReader, Limits, Metrics
from crossthink_data.generate.backends import BackendSettings, TransportName, open_backend

ITEMS = 150
STORM = ("429", "429_date", "500", "503", "hang", "drop", "malformed", "truncated", "empty")
LIMITS = Limits(max_in_flight=32, timeout=0.4, first_backoff=0.01, longest_backoff=0.05)


def run(
    mock: MockEndpoint,
    folder: Path,
    transport: TransportName,
    *,
    limits: Limits = LIMITS,
    faults: dict[str, float] | None = None,
) -> Metrics:
    """One run over all items; its counters. The faults begin when the server has been probed."""

    async def go() -> Metrics:
        settings = BackendSettings(
            kind="endpoint",
            model=MODEL,
            base_url=mock.url,
            transport=transport,
            max_in_flight=limits.max_in_flight,
        )
        with Journal(folder) as journal:
            async with Engine(open_backend(settings), journal, limits, model=MODEL) as engine:
                await engine.start()
                mock.settings.faults = faults or {}
                items = ((str(number), item(str(number))) for number in range(ITEMS))
                ran = await engine.run(items, lambda row_id, outcome: None, total=ITEMS)
                assert ran.finished == ITEMS
                return engine.metrics

    return asyncio.run(go())


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    folder = tmp_path_factory.mktemp("calm")
    with MockEndpoint() as mock:
        run(mock, folder, "aiohttp")
    return rows(folder, ITEMS)


@pytest.mark.parametrize("transport", ["openai", "aiohttp"])
def test_a_storm_of_faults_changes_no_row(
    tmp_path: Path, calm: list[object], transport: TransportName
) -> None:
    with MockEndpoint(latency=0.005, retry_after=0.05) as mock:
        metrics = run(mock, tmp_path, transport, faults=dict.fromkeys(STORM, 0.02))
        stats, seen = mock.stats(), mock.seen()
    assert rows(tmp_path, ITEMS) == calm
    assert all(stats["by_fault"].get(fault, 0) > 0 for fault in STORM), stats["by_fault"]
    assert sum(metrics.retries.values()) >= 50
    digests = [entry.text.split()[1] for entry in JournalReader(tmp_path).entries()]
    assert len(digests) == len(set(digests)) == 3 * ITEMS
    # A fault that comes before the reply is not paid for; none was asked again once it was kept.
    assert all(seen[digest][1] == 1 for digest in digests)


def test_a_server_with_less_room_than_the_limit_is_found_out(
    tmp_path: Path, calm: list[object]
) -> None:
    limits = replace(LIMITS, max_in_flight=64, timeout=5.0, attempts=20)
    with MockEndpoint(latency=0.01, retry_after=0.02, capacity=8) as mock:
        run(mock, tmp_path, "aiohttp", limits=limits)
        assert mock.stats()["refused"] > 0
    assert rows(tmp_path, ITEMS) == calm
