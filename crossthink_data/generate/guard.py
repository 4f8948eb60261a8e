"""Runs a command and ends it, with all it started, when this program's standard input closes.

    python guard.py GRACE_SECONDS COMMAND ARGUMENT...

Standard input is a pipe whose other end the parent alone holds. However the parent goes, by
`close`, Ctrl-C or `kill -9`, the pipe closes, and no server is left behind on a GPU. Started by
path, as a program of its own, it needs the standard library alone. It exits with the command's
status.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """The status of the command, 128 and the signal's number where one ended it."""
    grace, command = float(arguments[0]), list(arguments[1:])
    try:
        # A group of its own: everything the command starts can be reached by one signal.
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
    except OSError as error:
        print(f"cannot start {command[0]}: {error.strerror}", file=sys.stderr, flush=True)
        return 127
    # Whoever ends this program by name means the command, which ends with the pipe.
    signal.signal(signal.SIGTERM, lambda *_: _signal(child.pid, signal.SIGTERM))
    threading.Thread(target=_end_with_parent, args=(child, grace), daemon=True).start()
    status = child.wait()
    _signal(child.pid, signal.SIGKILL)
    return status if status >= 0 else 128 - status


def _end_with_parent(child: "subprocess.Popen[bytes]", grace: float) -> None:
    while os.read(0, 4096):
        pass
    _signal(child.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(grace)
    _signal(child.pid, signal.SIGKILL)


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
