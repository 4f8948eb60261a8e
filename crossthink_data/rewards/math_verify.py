"""equality="math_verify": the Math-Verify library, asked in a child process that can be killed.

For comparison with other people's numbers. The library may compute for ever on a short expression,
and neither its own time limit nor a signal always stops it; ending its process does. So this one
judge has a clock, and its verdicts depend on the machine: it is not deterministic, and it needs
a POSIX system. Nothing of the library, sympy included, is ever loaded in the calling process.

One child a process, started by the first gold. A plain subprocess and not `multiprocessing`: that
would run an unguarded training script a second time, or copy a process with threads and a GPU.
"""

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from importlib.util import find_spec

from crossthink_data.errors import CrossthinkError, MissingExtra
from crossthink_data.rewards.verdict import Judge

__all__ = ["DEADLINE_SECONDS", "compile_math_verify"]

DEADLINE_SECONDS = 5.0
"""What one pair may take, from the moment the child gets it: waiting for one's turn is free."""

_START_SECONDS = 120.0
_MODULE = "crossthink_data.rewards._math_verify_worker"
_OVER_TIME, _FAILED = "acc:over_time", "acc:math_verify_failed"


class _MathVerify:
    __slots__ = ("_gold",)

    def __init__(self, gold: str) -> None:
        self._gold = gold

    def judge(self, answer: str) -> str:
        return _child.ask(self._gold, answer)


def compile_math_verify(gold: str) -> Judge:
    """A judge that asks Math-Verify whether an answer equals the gold.

    Its reasons are `acc:not_equal`, `acc:over_time` and `acc:math_verify_failed`: the library does
    not understand the gold, or the pair ended its process twice.

    MissingExtra without the library, CrossthinkError when its process does not start; both for the
    first gold of a process only.
    """
    _child.start()
    return _MathVerify(gold)


class _Child:
    """The process that runs the library, with one pair at a time on its way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._has_worked = False
        self._is_over = False

    def start(self) -> None:
        """Starts the process and waits until the library is loaded; nothing if that ever worked."""
        with self._lock:
            if self._has_worked:
                return
            if find_spec("math_verify") is None:
                raise MissingExtra("math-verify", "math", 'equality="math_verify"')
            try:
                self._start()
            except (OSError, EOFError) as error:
                raise CrossthinkError(
                    f"the process of math-verify does not start ({type(error).__name__}: {error}); "
                    f"see what this says: {sys.executable} -m {_MODULE} </dev/null"
                ) from error
            self._has_worked = True

    def ask(self, gold: str, answer: str) -> str:
        """The library's verdict as a reason, `` for equal."""
        with self._lock:
            for _ in range(2):  # a child that was killed from outside says nothing of the pair
                try:
                    if self._process is None:
                        self._start()
                    return self._exchange(gold, answer, DEADLINE_SECONDS)
                except TimeoutError:
                    return _OVER_TIME
                except (OSError, EOFError):
                    continue
            return _FAILED

    def _start(self) -> None:
        if self._is_over:
            raise EOFError("the interpreter is ending")
        process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-m", _MODULE],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,  # Ctrl-C is for the trainer
        )
        self._process = process
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        reason = self._exchange("1", "1", _START_SECONDS)
        if reason:
            self.end()
            raise EOFError(reason)

    def _exchange(self, gold: str, answer: str, seconds: float) -> str:
        """The reply to one pair. TimeoutError, EOFError, OSError: then the child is ended."""
        replied = False
        try:
            reply = self._talk(json.dumps([gold, answer, seconds]).encode() + b"\n", seconds)
            replied = True
        finally:
            # Also when Ctrl-C falls in between: a late reply would be taken for the next pair's.
            if not replied:
                self.end()
        return str(json.loads(reply))

    def _talk(self, question: bytes, seconds: float) -> bytes:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        deadline = time.monotonic() + seconds
        to_child, from_child = process.stdin.fileno(), process.stdout.fileno()
        unsent = memoryview(question)
        while unsent:
            _wait(to_child, select.POLLOUT, deadline)
            unsent = unsent[os.write(to_child, unsent) :]
        reply = b""
        while not reply.endswith(b"\n"):
            _wait(from_child, select.POLLIN, deadline)
            part = os.read(from_child, 65_536)
            if not part:
                raise EOFError("it ended without a word")
            reply += part
        return reply

    def end(self) -> None:
        """Kills the process, if there is one, and leaves no zombie."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            _close(process)
            process.wait()

    def end_for_good(self) -> None:
        """Without the lock: a daemon thread may hold it while the interpreter ends."""
        self._is_over = True
        self.end()

    def abandon(self) -> None:
        """Lets go of a process that belongs to the parent of this fork."""
        if self._process is not None:
            # The copies of the pipes would keep the child alive when its owner has gone.
            _close(self._process)
            self._process.returncode = 0  # not ours to wait for
            self._process = None


def _environment() -> dict[str, str]:
    return os.environ | {
        # What can be imported here can be imported there: scripts and clusters extend sys.path.
        "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in sys.path),
        "PYTHONHASHSEED": "0",
        "CUDA_VISIBLE_DEVICES": "",
        "HIP_VISIBLE_DEVICES": "",
    }


def _wait(pipe: int, event: int, deadline: float) -> None:
    """Returns when the pipe is ready, or broken; TimeoutError at the deadline."""
    poll = select.poll()  # not select(): that fails in a process with over 1,024 open files
    poll.register(pipe, event)
    seconds = deadline - time.monotonic()
    if seconds <= 0 or not poll.poll(seconds * 1000):
        raise TimeoutError("it did not answer in time")


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _forget() -> None:
    """In a fork: neither the process nor the lock, which a lost thread may hold, is ours."""
    global _child
    _child.abandon()
    _child = _Child()


def _end() -> None:
    _child.end_for_good()


_child = _Child()
os.register_at_fork(after_in_child=_forget)
atexit.register(_end)
