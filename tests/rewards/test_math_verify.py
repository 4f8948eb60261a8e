"""equality="math_verify": the library in a child process, wherever a trainer may call it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crossthink_data.errors import CrossthinkError, MissingExtra
from crossthink_data.rewards import compile_gold, explain, math_verify, reward

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the child needs a POSIX system")

MATRIX = r"\begin{pmatrix} 1 \\" + "\n" + r"2 \end{pmatrix}"
NEVER_DONE = r"\frac{5^{5^{5^{5^{5}}}}-4}{7}"
"""What issue 65 of Math-Verify reports: parsing goes on for ever and no signal stops it."""


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Iterator[math_verify._Child]:
    """A child of the test's own, ended with it."""
    pytest.importorskip("math_verify", reason="pip install 'crossthink-data[math]'")
    child = math_verify._Child()
    monkeypatch.setattr(math_verify, "_child", child)
    monkeypatch.setattr(math_verify, "DEADLINE_SECONDS", 30.0)  # a busy machine is no failure
    yield child
    child.end_for_good()


def judge(gold: str, answer: str) -> str:
    return math_verify.compile_math_verify(gold).judge(answer)


def process_of(child: math_verify._Child) -> "subprocess.Popen[bytes]":
    assert child._process is not None
    return child._process


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_running(pid)


def run_script(tmp_path: Path, text: str) -> str:
    script = tmp_path / "script.py"
    script.write_text(text)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("gold", "answer", "reason"),
    [
        ("1/2", "0.5", ""),
        (r"\frac{1}{2}", "1/2", ""),
        ("$x = 5$", "5", ""),
        (r"(x+1)^2", r"x^2 + 2x + 1", ""),
        (
            r"\begin{pmatrix} 1 \\" + "\n" + r"2 \end{pmatrix}",
            r"\begin{pmatrix}1\\2\end{pmatrix}",
            "",
        ),
        (r"\text{Paris}", r"\text{Paris}", ""),
        ("72", "73", "acc:not_equal"),
        ("72", "", "acc:not_equal"),
        ("72", "\ud800\x00\n", "acc:not_equal"),
        ("72", "(" * 30, "acc:not_equal"),
        ("$ $", "72", "acc:math_verify_failed"),
    ],
)
def test_pairs_are_judged_by_the_library(
    child: math_verify._Child, gold: str, answer: str, reason: str
) -> None:
    assert judge(gold, answer) == reason


def test_the_reward_asks_it(child: math_verify._Child) -> None:
    completion = r"<think>half</think> \boxed{0.5}"
    assert reward(completion, "1/2", kind="math", equality="math_verify") == 1.0
    verdict = explain(completion, "1/3", kind="math", equality="math_verify")
    assert (verdict.score, verdict.reason) == (0.0, "acc:not_equal")


def test_what_never_ends_is_killed_and_the_others_are_right(
    child: math_verify._Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = math_verify.compile_math_verify("7")
    first = process_of(child).pid
    monkeypatch.setattr(math_verify, "DEADLINE_SECONDS", 1.0)
    start = time.monotonic()
    assert gold.judge(NEVER_DONE) == "acc:over_time"
    assert time.monotonic() - start < 10
    assert not is_running(first)
    monkeypatch.setattr(math_verify, "DEADLINE_SECONDS", 30.0)
    assert [gold.judge(answer) for answer in ("7", "7.0", "8")] == ["", "", "acc:not_equal"]
    assert process_of(child).pid != first


def test_what_depends_on_the_moment_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(math_verify._child, "start", lambda: None)
    said = iter(["acc:over_time", "acc:math_verify_failed", "", "acc:not_equal"])
    monkeypatch.setattr(math_verify._child, "ask", lambda gold, answer: next(said))
    gold = compile_gold("7", kind="math", equality="math_verify")
    found = [gold.judge("7.0") for _ in range(4)]
    assert found == ["acc:over_time", "acc:math_verify_failed", "", ""]


def test_a_megabyte_does_not_block(
    child: math_verify._Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = math_verify.compile_math_verify("7")
    monkeypatch.setattr(math_verify, "DEADLINE_SECONDS", 1.0)
    start = time.monotonic()
    assert gold.judge("{" * 1_000_000) in ("acc:not_equal", "acc:over_time")
    assert gold.judge("7") == ""
    process_of(child).send_signal(signal.SIGSTOP)  # nobody reads what is written
    assert gold.judge("x" * 1_000_000) == "acc:over_time"
    assert time.monotonic() - start < 20


def test_sixteen_threads_get_their_own_verdicts(child: math_verify._Child) -> None:
    def ask(number: int) -> list[str]:
        return [judge(str(number), str(number + wrong)) for wrong in (0, 1, 0)]

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(ask, range(64)))
    assert found == [["", "acc:not_equal", ""]] * 64


def test_a_pair_that_never_ends_among_threads_spoils_no_other(
    child: math_verify._Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    golds = [math_verify.compile_math_verify(str(number)) for number in range(16)]
    monkeypatch.setattr(math_verify, "DEADLINE_SECONDS", 3.0)
    answers = [NEVER_DONE if number == 5 else str(number) for number in range(16)]
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda gold, answer: gold.judge(answer), golds, answers))
    assert found == ["acc:over_time" if number == 5 else "" for number in range(16)]


def test_asyncio_gets_verdicts(child: math_verify._Child) -> None:
    async def ask(number: int) -> str:
        return judge(str(number), "3")

    async def ask_all() -> list[str]:
        in_threads = [asyncio.to_thread(judge, str(number), "3") for number in range(6)]
        return await asyncio.gather(*map(ask, range(6)), *in_threads)

    assert asyncio.run(ask_all()) == [*["acc:not_equal"] * 3, "", *["acc:not_equal"] * 2] * 2


def test_a_child_killed_from_outside_comes_back(child: math_verify._Child) -> None:
    gold = math_verify.compile_math_verify("7")
    for answer in ("7", "7.0"):
        process = process_of(child)
        process.send_signal(signal.SIGKILL)
        assert wait_until_gone(process.pid, 10)
        assert gold.judge(answer) == ""
        assert process.returncode is not None, "reaped"


def test_a_pair_that_ends_the_child_twice_has_failed(
    child: math_verify._Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = math_verify.compile_math_verify("7")

    def die(question: bytes, seconds: float) -> bytes:
        raise EOFError("it ended without a word")

    monkeypatch.setattr(child, "_talk", die)
    assert gold.judge("7") == "acc:math_verify_failed"


def test_an_interrupted_question_gives_no_reply_to_the_next(
    child: math_verify._Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = math_verify.compile_math_verify("7")
    with monkeypatch.context() as patched:

        def interrupted(pipe: int, event: int, deadline: float) -> None:
            patched.undo()
            raise KeyboardInterrupt

        patched.setattr(math_verify, "_wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            gold.judge("8")
    assert gold.judge("7") == ""


def test_an_unguarded_script_runs_once_and_leaves_no_child(tmp_path: Path) -> None:
    pytest.importorskip("math_verify")
    printed = run_script(
        tmp_path,
        """
from crossthink_data.rewards import compile_gold, math_verify
print("started")
gold = compile_gold("1/2", kind="math", equality="math_verify")
print(repr(gold.judge("0.5")), repr(gold.judge("2")))
print(math_verify._child._process.pid)
""",
    ).splitlines()
    assert printed[:2] == ["started", "'' 'acc:not_equal'"]
    assert not is_running(int(printed[2]))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_process_pool_gets_verdicts(tmp_path: Path, method: str) -> None:
    pytest.importorskip("math_verify")
    printed = run_script(
        tmp_path,
        f"""
import multiprocessing, os
from concurrent.futures import ProcessPoolExecutor
from crossthink_data.rewards import compile_gold, math_verify

def ask(number):
    gold = compile_gold(str(number % 7), kind="math", equality="math_verify")
    return gold.judge("3"), os.getpid(), math_verify._child._process.pid

if __name__ == "__main__":
    own = ask(3)
    with ProcessPoolExecutor(3, multiprocessing.get_context("{method}")) as pool:
        found = list(pool.map(ask, range(21)))
    for number, (reason, *_) in enumerate(found):
        assert reason == ("" if number % 7 == 3 else "acc:not_equal")
    pairs = {{(owner, child) for _, owner, child in found}}
    assert own[2] not in {{child for _, child in pairs}}, "a child was shared"
    assert len(pairs) == len({{owner for owner, _ in pairs}})
    assert ask(3) == own, "the fork took the child from its owner"
    print(*(child for _, child in pairs), own[2])
""",
    )
    for pid in map(int, printed.split()):
        assert wait_until_gone(pid, 10)


def test_a_fork_while_another_thread_asks_does_not_hang(tmp_path: Path) -> None:
    pytest.importorskip("math_verify")
    printed = run_script(
        tmp_path,
        f"""
import os, threading, time
from crossthink_data.rewards import compile_gold, math_verify
math_verify.DEADLINE_SECONDS = 4.0
gold = compile_gold("7", kind="math", equality="math_verify")
busy = threading.Thread(target=gold.judge, args=({NEVER_DONE!r},))
busy.start()
time.sleep(0.5)
pid = os.fork()
if not pid:
    os._exit(0 if gold.judge("7.0") == "" else 1)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
busy.join()
print(repr(gold.judge("7")), repr(gold.judge({NEVER_DONE!r})))
""",
    )
    assert printed.splitlines() == ["0", "'' 'acc:over_time'"]


def test_a_child_whose_parent_was_killed_ends_by_itself(tmp_path: Path) -> None:
    pytest.importorskip("math_verify")
    script = tmp_path / "script.py"
    script.write_text(
        f"""
from crossthink_data.rewards import compile_gold, math_verify
gold = compile_gold("7", kind="math", equality="math_verify")
print(math_verify._child._process.pid, flush=True)
math_verify.DEADLINE_SECONDS = 2.0
gold.judge({NEVER_DONE!r})
"""
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(0.5)
        parent.kill()
    assert is_running(pid)
    assert wait_until_gone(pid, 15)


def test_without_the_library_the_message_is_the_install_line(
    child: math_verify._Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "math_verify", None)
    with pytest.raises(MissingExtra, match=r"pip install 'crossthink-data\[math\]'"):
        math_verify.compile_math_verify("7")


def test_a_library_that_does_not_load_is_said_at_once(
    child: math_verify._Child, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "math_verify.py").write_text("raise ImportError('no antlr')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(CrossthinkError, match=r"does not start .*ImportError: no antlr"):
        math_verify.compile_math_verify("7")
    assert child._process is None


def test_the_library_is_never_loaded_here_and_sees_no_gpu(tmp_path: Path) -> None:
    pytest.importorskip("math_verify")
    printed = run_script(
        tmp_path,
        """
import sys
from pathlib import Path
from crossthink_data.rewards import compile_gold, math_verify
compile_gold("7", kind="math", equality="math_verify").judge("8")
print({"math_verify", "sympy", "numpy"} & {name.partition(".")[0] for name in sys.modules})
pid = math_verify._child._process.pid
environment = Path(f"/proc/{pid}/environ").read_bytes()
print(b"CUDA_VISIBLE_DEVICES=" in environment.split(b"\\0"))
""",
    )
    assert printed.splitlines() == ["set()", "True"]
