"""The numbers of several ranks as those of one run."""

import json
from pathlib import Path

from crossthink_data.generate.metrics import Metrics, MetricsLog
from crossthink_data.generate.rank_metrics import last_snapshot, merged


def metrics(done: int, rejects: int) -> Metrics:
    numbers = Metrics(items_total=10, items_done=done, answers=done, in_flight=2, limit=4)
    numbers.items_asked = done
    numbers.rejects["no_json"] = rejects
    return numbers


def test_counts_add_up_and_the_slowest_rank_tells_the_lag() -> None:
    first, second = metrics(3, 1), metrics(4, 2)
    second.loop_lag_ms = 250.0
    whole = merged([first.snapshot(1.0), second.snapshot(1.0)], 20)
    assert (whole.items_done, whole.items_total, whole.in_flight, whole.limit) == (7, 20, 4, 8)
    assert whole.rejects == {"no_json": 3}
    assert whole.loop_lag_ms == 250.0


def test_a_rank_that_has_not_begun_leaves_the_forecast_open() -> None:
    known = metrics(5, 0).snapshot(1.0)
    assert merged([known], 10).forecast == known.forecast is not None
    whole = merged([known, None], 20)
    assert whole.forecast is None
    assert whole.items_done == 5


def test_the_last_whole_line_counts(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    assert last_snapshot(path) is None
    log = MetricsLog(path, every=0.0)
    for done in (1, 2, 3):
        log.offer(metrics(done, 0).snapshot(float(done)), float(done))
    with path.open("a") as file:
        file.write(json.dumps({"items_done": 9})[:-3])
    found = last_snapshot(path)
    assert found is not None
    assert found.items_done == 3
