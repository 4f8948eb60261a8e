"""Hostile inputs: bounded time, the same verdict everywhere, nothing raised, nothing executed."""

import asyncio
import decimal
import gc
import json
import locale
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

from crossthink_data.rewards import compile_gold, reward

sys.path.insert(0, str(Path(__file__).parent))
from hostile_inputs import BOXES, CODE, CODE_MARK, MEGABYTE, TRAPS
from hostile_pairs import (
    COMPLETIONS,
    OPTION_LISTS,
    OPTIONS,
    VALUES,
    Pair,
    boxed,
    clear_caches,
    completion_pairs,
    duel_pairs,
    sample,
    text_pairs,
    value_pairs,
    verdict,
)

HERE = Path(__file__).parent
SECONDS = 2.0
"""Twenty times what a pair may take, so that a slow machine is no failure; a megabyte has five
times as long. tests/benchmarks/reward_fuzz.py prints what they do take."""


def test_there_are_many_hostile_inputs() -> None:
    assert len(set(BOXES.values())) + len(COMPLETIONS) + len(VALUES) + len(OPTION_LISTS) >= 400


def check(pairs: list[Pair]) -> None:
    """Each pair has a verdict, in time; a score without a reason is 1.0."""
    for pair in pairs:
        start = time.process_time()
        found = verdict(pair)
        took = time.process_time() - start
        assert took < SECONDS * (5 if pair.size >= MEGABYTE // 2 else 1), (pair.name, pair.kind)
        assert found.startswith("1.0 True True ") == found.endswith(" "), (pair.name, pair.kind)
        assert found.startswith(("1.0 ", "0.0 ")), (pair.name, pair.kind)


@pytest.mark.parametrize("name", BOXES)
def test_a_text_is_judged_as_answer_and_as_gold(name: str) -> None:
    check(list(text_pairs(name, BOXES[name], few=True)))


def test_pairs_of_hostile_texts_are_judged() -> None:
    check(list(duel_pairs()))


def test_values_of_every_type_are_judged() -> None:
    check(list(value_pairs()))


def test_completions_that_play_with_tags_and_boxes_are_judged() -> None:
    check(list(completion_pairs()))


def test_a_text_is_right_against_itself() -> None:
    for text in BOXES.values():
        for kind in ("math", "short_open"):
            reason = compile_gold(text, kind=kind).judge(f" {text}\n")
            assert reason == ("" if text.strip() else "acc:no_gold"), (kind, text[:99])


def test_growing_texts_take_time_in_proportion() -> None:
    """Twice the text, at most some three times the work: nothing is quadratic below the limits."""
    slow = []
    for name, text in TRAPS.items():
        if len(text) < 3000:
            continue
        times = []
        for part in (text[: len(text) // 4], text[: len(text) // 2]):
            least = min(seconds_for(part) for _ in range(3))
            times.append(max(least, 0.02))  # below this the clock says nothing
        if times[1] > 6 * times[0]:
            slow.append((name, times))
    assert not slow


def seconds_for(text: str) -> float:
    clear_caches()
    start = time.process_time()
    for kind, gold in (("math", "x+1"), ("short_open", "5 km"), ("mcq", "(A) one")):
        reward(boxed(text), gold, kind=kind)
    return time.process_time() - start


# The same verdict everywhere


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return sample()


@pytest.fixture(scope="module")
def verdicts(pairs: list[Pair]) -> list[str]:
    clear_caches()
    return [verdict(pair) for pair in pairs]


def differences(pairs: list[Pair], wanted: list[str], found: list[str]) -> list[object]:
    rows = zip(pairs, wanted, found, strict=True)
    return [(pair.name, pair.kind, one, other) for pair, one, other in rows if one != other]


def test_reward_says_what_explain_says(pairs: list[Pair], verdicts: list[str]) -> None:
    found = [
        reward(pair.completion, pair.gold, kind=pair.kind, options=pair.options, think=pair.think)
        for pair in pairs
    ]
    scores = [float(said.split()[0]) for said in verdicts]
    different = [
        (pair.name, pair.kind)
        for pair, score, said in zip(pairs, found, scores, strict=True)
        if score != said and "boxes" not in pair.name
    ]
    assert not different


def test_the_order_and_what_is_remembered_change_nothing(
    pairs: list[Pair], verdicts: list[str]
) -> None:
    found = [verdict(pair) for pair in reversed(pairs)]
    assert not differences(pairs, verdicts, found[::-1])


def test_a_shared_gold_judges_alike_whatever_it_judged_before() -> None:
    texts = [text for text in BOXES.values() if len(text) < 2000]
    for gold in (r"1\pm\sqrt{2}", "50%", "x = 1, y = 2", r"\{1, 2\}", "5 km", "1,234"):
        for kind in ("math", "short_open"):
            clear_caches()
            fresh = []
            for text in texts[::9]:
                compile_gold.__globals__["_compiled"].cache_clear()
                fresh.append(compile_gold(gold, kind=kind).judge(text))
            shared = compile_gold(gold, kind=kind)
            for text in texts:
                shared.judge(text)
                gc.collect(0)
            assert [shared.judge(text) for text in texts[::9]] == fresh


def test_64_threads_at_once(pairs: list[Pair], verdicts: list[str]) -> None:
    clear_caches()
    barrier = threading.Barrier(64)
    shared = range(0, len(pairs), 90)

    def work(thread: int) -> list[tuple[int, str]]:
        barrier.wait(120)
        places = [*range(thread, len(pairs), 64), *shared]
        return [(place, verdict(pairs[place])) for place in places]

    with ThreadPoolExecutor(64) as pool:
        found = [line for lines in pool.map(work, range(64)) for line in lines]
    assert {place for place, _ in found} == set(range(len(pairs)))
    assert not [(pairs[place].name, said) for place, said in found if said != verdicts[place]]


def test_asyncio_tasks(pairs: list[Pair], verdicts: list[str]) -> None:
    async def judge(pair: Pair) -> str:
        await asyncio.sleep(0)
        return verdict(pair)

    async def judge_all() -> list[str]:
        here = asyncio.gather(*(judge(pair) for pair in pairs[::2]))
        there = asyncio.gather(*(asyncio.to_thread(verdict, pair) for pair in pairs[1::2]))
        found = [""] * len(pairs)
        found[::2], found[1::2] = await here, await there
        return found

    clear_caches()
    assert not differences(pairs, verdicts, asyncio.run(judge_all()))


def at_depth(frames: int, judge: Callable[[], list[str]]) -> list[str]:
    return judge() if not frames else at_depth(frames - 1, judge)


def test_a_caller_600_frames_deep(pairs: list[Pair], verdicts: list[str]) -> None:
    found: list[str] = []
    clear_caches()
    thread = threading.Thread(
        target=lambda: found.extend(at_depth(600, lambda: [verdict(pair) for pair in pairs]))
    )
    thread.start()
    thread.join()
    assert not differences(pairs, verdicts, found)


@pytest.fixture
def recursion_limit() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(limit)


def test_another_recursion_limit(
    pairs: list[Pair], verdicts: list[str], recursion_limit: None
) -> None:
    sys.setrecursionlimit(20_000)
    clear_caches()
    assert not differences(pairs, verdicts, [verdict(pair) for pair in pairs])


def test_another_decimal_context(pairs: list[Pair], verdicts: list[str]) -> None:
    strict = decimal.Context(prec=3, Emax=9, Emin=-9, traps=list(decimal.getcontext().traps))
    for context in (strict, decimal.Context(prec=1, rounding=decimal.ROUND_UP, traps=[])):
        with decimal.localcontext(context) as here:
            clear_caches()
            found = [verdict(pair) for pair in pairs]
            assert here.prec == context.prec
            assert not any(here.flags.values())
        assert not differences(pairs, verdicts, found)


@pytest.fixture
def printed_digits() -> Iterator[None]:
    limit = sys.get_int_max_str_digits()
    yield
    sys.set_int_max_str_digits(limit)


@pytest.mark.parametrize("digits", [640, 0])
def test_another_limit_of_digits_in_print(
    pairs: list[Pair], verdicts: list[str], printed_digits: None, digits: int
) -> None:
    sys.set_int_max_str_digits(digits)
    clear_caches()
    assert not differences(pairs, verdicts, [verdict(pair) for pair in pairs])
    numbers = [pair for pair in value_pairs() if "int of" in pair.name]
    found = [verdict(pair) for pair in numbers]
    sys.set_int_max_str_digits(4300)
    clear_caches()
    assert not differences(numbers, [verdict(pair) for pair in numbers], found)


@pytest.fixture
def any_locale() -> Iterator[None]:
    before = locale.setlocale(locale.LC_ALL)
    yield
    locale.setlocale(locale.LC_ALL, before)


@pytest.mark.parametrize("name", ["C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8"])
def test_another_locale(
    pairs: list[Pair], verdicts: list[str], any_locale: None, name: str
) -> None:
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        pytest.skip(f"the locale {name} is not installed")
    clear_caches()
    assert not differences(pairs[::5], verdicts[::5], [verdict(pair) for pair in pairs[::5]])


def run_python(script: str, folder: Path, **environment: str) -> str:
    """What a fresh interpreter prints that runs `script` in `folder` and finds our modules."""
    path = os.pathsep.join([str(HERE), str(HERE.parents[1])])
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path} | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert not done.returncode, done.stderr[-2000:]
    return done.stdout


CHILD = """
import json
from hostile_pairs import sample, verdict
print(json.dumps([verdict(pair) for pair in sample()]))
"""


@pytest.mark.parametrize("seed", ["0", "1", "random"])
def test_a_fresh_interpreter_with_another_hash_seed(
    pairs: list[Pair], verdicts: list[str], tmp_path: Path, seed: str
) -> None:
    found = json.loads(run_python(CHILD, tmp_path, PYTHONHASHSEED=seed))
    assert not differences(pairs, verdicts, found)


def test_an_optimised_interpreter(pairs: list[Pair], verdicts: list[str], tmp_path: Path) -> None:
    found = json.loads(run_python(CHILD, tmp_path, PYTHONOPTIMIZE="2"))
    assert not differences(pairs, verdicts, found)


POOL = """
import json, multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
from hostile_pairs import every_verdict
if __name__ == "__main__":
    every_verdict(0, 97)
    context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "METHOD")
    with ProcessPoolExecutor(4, mp_context=context) as pool:
        found = list(pool.map(every_verdict, range(4), [4] * 4))
    print(json.dumps(found))
"""


@pytest.mark.skipif(os.name != "posix", reason="fork is a POSIX system's")
@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_process_pools(pairs: list[Pair], verdicts: list[str], tmp_path: Path, method: str) -> None:
    found = json.loads(run_python(POOL.replace("METHOD", method), tmp_path))
    for start, part in enumerate(found):
        assert not differences(pairs[start::4], verdicts[start::4], part)


# Nothing executed

WATCHED = """
import sys
from hostile_inputs import CODE
from hostile_pairs import sample, text_pairs, verdict
pairs = [pair for name in CODE for pair in text_pairs(name, CODE[name])]
pairs += sample()
for gold, kind in (("x+1", "math"), ("5 km", "short_open"), (r"e^{\\pi}", "math")):
    for pair in pairs[:40]:
        verdict(pair._replace(gold=gold, kind=kind, options=None))
quiet = {"object.__getattr__", "object.__setattr__", "builtins.id"}
events = {}
def hook(event, arguments):
    if event not in quiet:
        events.setdefault(event, repr(arguments)[:200])
sys.addaudithook(hook)
for pair in pairs:
    verdict(pair)
seen, events = events, {}
print(seen)
"""


def test_nothing_is_executed_opened_or_imported(tmp_path: Path) -> None:
    assert len(CODE) > 20
    assert run_python(WATCHED, tmp_path).strip() == "{}"
    assert not list(tmp_path.iterdir())
    assert not (HERE.parents[1] / CODE_MARK).exists()
    assert not Path(CODE_MARK).exists()


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    for text in CODE.values():
        reward(boxed(text), text + "1", kind="math")
        reward(boxed(text), "C", kind="mcq", options=OPTIONS)
    assert capfd.readouterr() == ("", "")


def test_what_is_remembered_stays_bounded() -> None:
    """A long run meets millions of answers; what a gold keeps of them has a size."""
    for kind, text in (("math", r"1\pm\sqrt{2}"), ("short_open", "5 km"), ("mcq", "(A) one")):
        gold = compile_gold(text, kind=kind)
        sizes = []
        for start in (0, 1000, 5000):
            for number in range(start, start + 1000):
                gold.judge(f"1+{number}\\sqrt{{2}}, {number} km")
            sizes.append(reachable(gold))
        assert sizes[2] < sizes[0] + 1000


def reachable(thing: object) -> int:
    """How many objects hang on one, types, functions and modules aside."""
    seen = {id(thing)}
    waiting = [thing]
    while waiting:
        holder = waiting.pop()
        inside = gc.get_referents(holder)
        if isinstance(holder, dict):  # one of texts alone is unknown to the collector
            inside = [*holder, *holder.values()]
        for held in inside:
            if id(held) not in seen and not isinstance(held, type | ModuleType | FunctionType):
                seen.add(id(held))
                waiting.append(held)
    return len(seen)
