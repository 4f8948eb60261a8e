"""One writer per journal: a lock file that says who holds it.

The truth is the kernel's lock on the file (`flock`), which ends with the process however it ended;
host, process id and start time in the file are for the message.
"""

import errno
import fcntl
import json
import os
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crossthink_data.errors import SourceError

__all__ = ["Holder", "RankLock", "holder_of"]

_NO_FLOCK = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL)
_TRIES = 5
_SECONDS_BETWEEN_TRIES = 0.05


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: host name, process id, and when it took the lock (ISO, UTC)."""

    host: str
    pid: int
    since: str


class RankLock:
    """The exclusive lock at `path`, held until `release` or until the process ends.

    SourceError when another run holds it, with its host, process and start time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        for _ in range(_TRIES):
            self._file = self._locked()
            # Who had the lock may have removed the file with its folder while this one waited.
            # Where a file system cannot tell files apart, the lock is taken as it is in the end.
            if self._is_at_its_path():
                break
            os.close(self._file)
        else:
            self._file = self._locked()
        try:
            self._sign()
        except BaseException:
            os.close(self._file)
            raise

    def release(self) -> None:
        """Give the lock up; may be called twice."""
        if self._file < 0:
            return
        file, self._file = self._file, -1
        try:
            # The file itself stays, so that there is nothing to make anew and to race for.
            os.ftruncate(file, 0)
        finally:
            os.close(file)

    def _locked(self) -> int:
        """A new descriptor of the file at the path, with the lock on it."""
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise SourceError(f"{self.path}: cannot be written: {error.strerror}") from error
        try:
            self._take()
        except BaseException:
            os.close(self._file)
            raise
        return self._file

    def _is_at_its_path(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file), os.stat(self.path))
        except FileNotFoundError:
            return False

    def _sign(self) -> None:
        mine = Holder(socket.gethostname(), os.getpid(), _now())
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, json.dumps(_as_json(mine)).encode() + b"\n", 0)
        except OSError as error:
            raise SourceError(f"{self.path}: cannot be written: {error.strerror}") from error

    def _take(self) -> None:
        # Tried for a moment: who only asks for the holder has a shared lock while it looks.
        for _ in range(_TRIES - 1):
            if self._taken():
                return
            time.sleep(_SECONDS_BETWEEN_TRIES)
        if not self._taken():
            raise _held(self.path, _read(self.path))

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            if error.errno not in _NO_FLOCK:
                raise SourceError(f"{self.path}: cannot be locked: {error.strerror}") from error
            # A file system without locks: what the file says is all there is.
            holder = _read(self.path)
            return holder is None or not _lives(holder)
        return True


def holder_of(path: Path) -> Holder | None:
    """Who holds the lock at `path` now, or None. Takes nothing and changes nothing."""
    holder = _read(path)
    if holder is None or not _lives(holder):
        return None
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return holder
    else:
        return None
    finally:
        os.close(file)


def _held(path: Path, holder: Holder | None) -> SourceError:
    who = (
        f"process {holder.pid} on {holder.host} since {holder.since}"
        if holder is not None
        else "another run"
    )
    return SourceError(
        f"{path.parent}: {who} is at work there ({path.name} is locked), and two runs must not "
        "write one journal; wait for it to end, stop it, or give this run a folder of its own"
    )


def _lives(holder: Holder) -> bool:
    """Whether the process may be alive; of another host nothing can be known."""
    if holder.host != socket.gethostname():
        return True
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read(path: Path) -> Holder | None:
    try:
        parts = json.loads(path.read_bytes())
        return Holder(str(parts["host"]), int(parts["pid"]), str(parts["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _as_json(holder: Holder) -> dict[str, object]:
    return {"host": holder.host, "pid": holder.pid, "since": holder.since}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
