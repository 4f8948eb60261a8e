"""How each rank ended, as a file a rank: so that a rank that ended without a word is missed."""

import json
import os
import signal
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from crossthink_data import errors
from crossthink_data.errors import BackendError, CrossthinkError

__all__ = ["INTERRUPTED", "Work", "attempt_folder", "check_outcomes", "noted"]

Work = Callable[[int, int], None]
"""What a rank does, given its number and how many there are; picklable."""

INTERRUPTED = 128 + signal.SIGINT
"""The exit code of a rank's process that was interrupted, maybe before its work began."""

_SHOWN = 5
_AGAIN = "run the same command again"
_MISSING = "missing"


def attempt_folder(folder: Path) -> Path:
    """A new folder below `folder` for one attempt: `attempt-000`, `attempt-001` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    number = sum(1 for name in os.listdir(folder) if name.startswith("attempt-"))
    while True:
        attempt = folder / f"attempt-{number:03d}"
        try:
            attempt.mkdir()
        except FileExistsError:
            number += 1
        else:
            return attempt


def noted(work: Work, attempt: Path, rank: int, world: int) -> None:
    """Run one rank and write down how it ended; its error is raised on."""
    try:
        work(rank, world)
    except BaseException as error:
        _write(attempt, rank, type(error).__name__, str(error), traceback.format_exc())
        raise
    _write(attempt, rank, "", "", "")


def _write(attempt: Path, rank: int, kind: str, message: str, trace: str) -> None:
    outcome = {"rank": rank, "error": kind, "message": message, "traceback": trace}
    place = attempt / f"rank-{rank:05d}.json"
    working = place.with_suffix(".working")
    working.write_text(json.dumps(outcome, ensure_ascii=False, indent=1), encoding="utf-8")
    working.replace(place)


def check_outcomes(attempt: Path, world: int, exits: Mapping[int, int | None]) -> None:
    """Nothing, when each rank says that it is done; otherwise its error, or BackendError."""
    failed: list[tuple[int, str, str]] = []
    for rank in range(world):
        kind, message = _outcome(attempt, rank, exits.get(rank))
        if kind:
            failed.append((rank, kind, message))
    if not failed:
        return
    kinds = {kind for _, kind, _ in failed}
    if "KeyboardInterrupt" in kinds:
        raise KeyboardInterrupt
    shown = _shown(failed)
    known = _error_class(kinds.pop()) if len(kinds) == 1 else None
    then = "" if _AGAIN in shown else f"; {_AGAIN} to go on"
    raise (known or BackendError)(
        f"{len(failed)} of {world} ranks did not finish: {shown}; what they wrote is kept; "
        f"{attempt} tells how each rank ended{then}"
    )


def _shown(failed: Sequence[tuple[int, str, str]]) -> str:
    """How the ranks ended, those that say the same together."""
    alike: dict[str, list[int]] = {}
    for rank, kind, message in failed:
        told = message if kind == _MISSING or _error_class(kind) else f"{kind}: {message}"
        alike.setdefault(told, []).append(rank)
    shown = [f"{_named(ranks)}: {told}" for told, ranks in list(alike.items())[:_SHOWN]]
    if len(alike) > _SHOWN:
        shown.append(f"and {sum(map(len, list(alike.values())[_SHOWN:]))} more")
    return "; ".join(shown)


def _named(ranks: Sequence[int]) -> str:
    more = f" and {len(ranks) - _SHOWN} more" if len(ranks) > _SHOWN else ""
    return f"rank{'s'[: len(ranks) > 1]} {', '.join(map(str, ranks[:_SHOWN]))}{more}"


def _outcome(attempt: Path, rank: int, exit_code: int | None) -> tuple[str, str]:
    try:
        outcome = json.loads((attempt / f"rank-{rank:05d}.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        if exit_code == INTERRUPTED:
            return "KeyboardInterrupt", ""
        return _MISSING, _how_it_ended(exit_code)
    return str(outcome["error"]), str(outcome["message"])


def _how_it_ended(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        name = signal.Signals(-exit_code).name
        hint = " (memory may have run out)" if name == "SIGKILL" else ""
        return f"the process was ended by {name}{hint}"
    if exit_code is not None:
        return f"the process ended with exit code {exit_code} and no word"
    return "it never said that it was done (killed, out of memory, or never started)"


def _error_class(kind: str) -> type[CrossthinkError] | None:
    known = getattr(errors, kind, None)
    plain = isinstance(known, type) and issubclass(known, CrossthinkError)
    # Two of the tree are made from more than a message.
    return known if plain and kind not in ("RecordError", "MissingExtra") else None
