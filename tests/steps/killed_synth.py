"""A `synth` run that is killed, process group and all, at random moments, and started again."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).parent.parent
if str(TESTS / "generate") not in sys.path:
    sys.path.insert(0, str(TESTS / "generate"))

from mock_endpoint import MockProcess  # noqa: E402

RESPONDER = f"{Path(__file__).parent / 'scripted_model.py'}:respond"


@dataclass
class Killed:
    """What was seen of a run with kills: replies in the journal and calls on their way at each."""

    journaled: list[int] = field(default_factory=list)
    in_flight: list[int] = field(default_factory=list)
    repeated: int = 0
    """Replies that the server gave a second time."""
    asked_again: int = 0
    """Replies that were in the journal and came once more."""


def write_personas(path: Path, number: int) -> Path:
    """A file of made-up personas."""
    towns = ("Graz", "Turku", "Cork", "Porto", "Gdansk", "Bergen", "Ghent", "Malmo", "Lugo", "Bern")
    trades = ("baker", "surveyor", "nurse", "beekeeper", "glazier", "pilot", "weaver", "smith")
    rows = [
        {"persona": f"A {trades[at % 8]} of {20 + at // 80} from {towns[at // 8 % 10]}."}
        for at in range(number)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def command(personas: Path, out: Path, url: str, *more: str) -> list[str]:
    """The command line of a persona-math run; four requests an item at most."""
    recipe = out.with_name("kills.yaml")
    recipe.write_text("synth: {kind: persona-math, solutions: 3, resamples: 1}\n")
    return [
        *(sys.executable, "-m", "crossthink_data", "synth", str(personas), "--recipe", str(recipe)),
        *("--base-url", url, "--model", "m", "--out", str(out), "--quiet", *more),
    ]


def undisturbed(arguments: list[str]) -> None:
    """Run to the end; fails the test when it does not end well."""
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr


def run_with_kills(
    arguments: list[str], folder: Path, server: MockProcess, kills: int, seed: int
) -> Killed:
    """Kill the run's process group `kills` times, each after some more replies, then let it end."""
    draw, seen = random.Random(seed), Killed()
    while len(seen.journaled) < kills:
        wanted = server.stats()["served"] + draw.randint(1, 30)
        process = subprocess.Popen(arguments, start_new_session=True)
        while process.poll() is None and server.stats()["served"] < wanted:
            time.sleep(0.005)
        if process.poll() is not None:
            assert process.returncode == 0
            break
        time.sleep(draw.random() * 0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        seen.in_flight.append(server.stats()["in_flight"])
        seen.journaled.append(len(journal_keys(folder)))
    undisturbed(arguments)
    keys = journal_keys(folder)
    seen.asked_again = sum(count - 1 for count in keys.values())
    seen.repeated = sum(max(0, answered - 1) for _, answered in server.seen().values())
    return seen


def journal_keys(folder: Path) -> Counter[str]:
    """Keys of the whole lines in all journals of a folder, with how often each stands there."""
    keys: Counter[str] = Counter()
    for path in folder.glob("rank=*.jsonl"):
        for line in path.read_bytes().split(b"\n")[:-1]:
            if line.strip(b"\0"):
                keys[json.loads(line)["key"]] += 1
    return keys
