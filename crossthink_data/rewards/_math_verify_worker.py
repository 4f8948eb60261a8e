"""The process behind equality="math_verify": pairs in as JSON lines, reasons out.

Started by `math_verify.py` as `python -m`, and ended by it. A line is [gold, answer, seconds].
"""

import json
import os
import resource
import signal
import sys
from contextlib import suppress

_MOST_MEMORY = 4 << 30
_GRACE_SECONDS = 2.0


def main() -> None:
    """Judges pairs until the pipe closes."""
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # no print of the library becomes a reply
    with suppress(OSError, ValueError):  # not every system knows the limit
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for line in sys.stdin.buffer:
        gold, answer, seconds = json.loads(line)
        # When the parent was killed nobody ends a pair that computes for ever; the kernel does.
        signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE_SECONDS)
        reason = _compare(gold, answer)
        signal.setitimer(signal.ITIMER_REAL, 0)
        replies.write(json.dumps(reason) + "\n")


def _compare(gold: str, answer: str) -> str:
    try:
        from math_verify import parse, verify
    except ImportError as error:
        return f"ImportError: {error}"
    # Without time limits: the library's own are signals, and do not stop what matters.
    parsed_gold = parse(_in_dollars(gold), parsing_timeout=None)
    if not parsed_gold:
        return "acc:math_verify_failed"
    parsed_answer = parse(_in_dollars(answer), parsing_timeout=None)
    is_equal = verify(parsed_gold, parsed_answer, timeout_seconds=None)
    return "" if is_equal else "acc:not_equal"


def _in_dollars(text: str) -> str:
    """The text as LaTeX: bare, the library looks for numbers only and drops the rest.

    On one line, because inline mathematics ends for the library where a line does.
    """
    if any(mark in text for mark in ("$", "\\boxed", "\\[", "\\(")):
        return text
    return f"${' '.join(text.split())}$"


if __name__ == "__main__":
    main()
