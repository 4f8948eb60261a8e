"""The numbers of several ranks as those of one run, from the lines that each of them writes."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crossthink_data.generate.metrics import Snapshot

__all__ = ["last_snapshot", "merged"]

_TAIL_BYTES = 64 * 1024


def last_snapshot(path: Path) -> Snapshot | None:
    """The last whole line of a metrics file; None where there is none yet."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            lines = file.read().split(b"\n")
    except FileNotFoundError:
        return None
    for line in reversed(lines[:-1]):  # what follows the last line end is still being written
        try:
            return Snapshot(**json.loads(line))
        except (ValueError, TypeError):
            continue
    return None


def merged(ranks: Sequence[Snapshot | None], total: int) -> Snapshot:
    """The ranks together: counts and rates added, times and lags of the slowest one."""
    known = [rank for rank in ranks if rank is not None]
    forecasts = [rank.forecast for rank in known]
    left = [rank.seconds_left for rank in known]
    all_told = len(known) == len(ranks)
    return Snapshot(
        seconds=max((rank.seconds for rank in known), default=0.0),
        items_done=sum(rank.items_done for rank in known),
        items_total=total,
        requests=sum(rank.requests for rank in known),
        answers=sum(rank.answers for rank in known),
        reused=sum(rank.reused for rank in known),
        requests_per_second=sum(rank.requests_per_second for rank in known),
        in_flight=sum(rank.in_flight for rank in known),
        limit=sum(rank.limit for rank in known),
        waiting=sum(rank.waiting for rank in known),
        retries=_added(rank.retries for rank in known),
        rejects=_added(rank.rejects for rank in known),
        prompt_tokens=sum(rank.prompt_tokens for rank in known),
        completion_tokens=sum(rank.completion_tokens for rank in known),
        prompt_tokens_per_second=sum(rank.prompt_tokens_per_second for rank in known),
        completion_tokens_per_second=sum(rank.completion_tokens_per_second for rank in known),
        cost=sum(rank.cost for rank in known),
        forecast=_sum_if_known(forecasts) if all_told else None,
        loop_lag_ms=max((rank.loop_lag_ms for rank in known), default=0.0),
        seconds_left=_most_if_known(left) if all_told else None,
        items_open=sum(rank.items_open for rank in known),
        stopping=next((rank.stopping for rank in known if rank.stopping), ""),
    )


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    whole: Counter[str] = Counter()
    for part in counts:
        whole.update(part)
    return dict(sorted(whole.items()))


def _sum_if_known(values: Sequence[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return sum(numbers) if len(numbers) == len(values) else None


def _most_if_known(values: Sequence[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return max(numbers) if numbers and len(numbers) == len(values) else None
