"""What the journal keeps, whatever happens to the process, the disk or the file."""

import errno
import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scripted import answer, request

from crossthink_data.errors import BackendError, SourceError
from crossthink_data.exchange import Completion, Refusal
from crossthink_data.generate.journal import Journal, JournalReader, answer_line, refusal_line
from crossthink_data.generate.lock import RankLock, holder_of


def key(number: int) -> str:
    return f"{number:016x}" * 2


def line(number: int, text: str = "fine") -> dict[str, object]:
    return answer_line(key(number), request(f"row {number}"), answer(text), attempts=1, latency=0.2)


def no_reply(number: int, *, final: bool = False) -> dict[str, object]:
    return refusal_line(key(number), request(), "no_reply", "busy", attempts=3, final=final)


def write(folder: Path, *lines: dict[str, object], rank: int = 0) -> Path:
    with Journal(folder, rank) as journal:
        for one in lines:
            journal.append(one)
        return journal.path


def test_a_reply_is_read_back_as_it_was(tmp_path: Path) -> None:
    text = 'lines\n"quoted" \\ \u2028 ½ 😀 \ud800 \x00'
    with Journal(tmp_path) as journal:
        journal.append(line(1, text))
        entry = journal.get(key(1))
        assert entry is not None
        assert entry.reply() == Completion(
            key=key(1), text=text, model="scripted-1", prompt_tokens=10, completion_tokens=5
        )
        assert (entry.task, entry.row_id, entry.attempts, entry.latency) == (
            "talk",
            "row 1",
            1,
            0.2,
        )
        assert journal.get(key(2)) is None
    again = JournalReader(tmp_path).get(key(1))
    assert again == entry


def test_a_long_reply_is_read_back_whole(tmp_path: Path) -> None:
    write(tmp_path, line(1, "long " * 100_000), line(2, "short"))
    reader = JournalReader(tmp_path)
    first, second = reader.get(key(1)), reader.get(key(2))
    assert first is not None
    assert second is not None
    assert (len(first.text), second.text) == (500_000, "short")


def test_a_line_is_one_write_and_is_there_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int] = []
    real = os.write

    def counted(file: int, data: bytes) -> int:
        writes.append(len(data))
        return real(file, data)

    with Journal(tmp_path) as journal:
        monkeypatch.setattr(os, "write", counted)
        journal.append(line(1, "x" * 100_000))
        assert len(writes) == 1
        assert journal.path.stat().st_size == writes[0]


def test_a_torn_last_line_is_cut_off_and_the_next_one_is_whole(tmp_path: Path) -> None:
    path = write(tmp_path, line(1), line(2))
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    assert len(JournalReader(tmp_path)) == 1
    write(tmp_path, line(3))
    reader = JournalReader(tmp_path)
    assert (reader.get(key(1)), reader.get(key(2))) != (None, None)
    assert reader.get(key(2)) is None
    assert reader.get(key(3)) is not None
    assert reader.corrupt == []


@pytest.mark.parametrize("size", [1, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_a_torn_tail_of_any_length_is_cut_off(tmp_path: Path, size: int) -> None:
    path = write(tmp_path, line(1))
    whole = path.read_bytes()
    path.write_bytes(whole + b"x" * size)
    write(tmp_path)
    assert path.read_bytes() == whole
    path.write_bytes(b"x" * size)
    write(tmp_path)
    assert path.read_bytes() == b""


@pytest.mark.parametrize(
    "broken",
    [
        b"not json\n",
        b"{}\n",
        b"[1, 2]\n",
        b"\x00\x00\x00\n",
        b"\xff\xfe\n",
        b'{"kind": "answer", "key": "short"}\n',
        b'{"kind": "other", "key": "00000000000000010000000000000001"}\n',
        b'{"kind": "answer", "key": "00000000000000010000000000000001", "text": 5}\n',
        b'{"kind": "answer", "key": "00000000000000010000000000000001", "structured": "x"}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_a_corrupt_line_in_the_middle_is_told_and_passed_over(
    tmp_path: Path, broken: bytes
) -> None:
    path = write(tmp_path, line(1))
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + broken)
    write(tmp_path, line(2))
    reader = JournalReader(tmp_path)
    assert reader.corrupt == [f"rank=00000.jsonl at byte {size}"]
    assert len(reader) == 2
    assert [entry.key for entry in reader.entries()] == [key(1), key(2)]


def test_short_writes_are_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, bytes(data[:10])))
    path = write(tmp_path, line(1), line(2))
    assert [json.loads(one)["key"] for one in path.read_bytes().splitlines()] == [key(1), key(2)]


def failing_after(allowed: int, error: int) -> Callable[[int, bytes], int]:
    """An os.write that has room for so many bytes."""
    real, left = os.write, allowed

    def write_some(file: int, data: bytes) -> int:
        nonlocal left
        if left <= 0:
            raise OSError(error, os.strerror(error))
        written = real(file, bytes(data[:left]))
        left -= written
        return written

    return write_some


def test_a_full_disk_has_room_for_what_is_on_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reserve is given up, the line is written, and the engine is told to stop."""
    real = os.write

    def full_while_reserved(file: int, data: bytes) -> int:
        if (tmp_path / "rank=00000.reserve").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data)

    with Journal(tmp_path, reserve=4096) as journal:
        assert (tmp_path / "rank=00000.reserve").stat().st_size == 4096
        monkeypatch.setattr(os, "write", full_while_reserved)
        journal.append(line(1))
        assert journal.full
        journal.append(line(2))
        assert journal.get(key(2)) is not None


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("room", [0, 50])
def test_a_line_that_cannot_be_written_leaves_the_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, room: int
) -> None:
    with Journal(tmp_path) as journal:
        journal.append(line(1))
        before = journal.path.read_bytes()
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", failing_after(room, error))
            with pytest.raises(BackendError, match=r"reply could not be written.*make room"):
                journal.append(line(2))
        assert journal.path.read_bytes() == before
        journal.append(line(3))
        assert journal.get(key(2)) is None
        assert journal.get(key(3)) is not None


def test_no_room_to_begin_with_is_said_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int, offset: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    with pytest.raises(BackendError, match="less than 64 kB are free"):
        Journal(tmp_path)
    monkeypatch.undo()
    write(tmp_path, line(1))


def test_a_nearly_full_disk_gets_a_smaller_reserve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.posix_fallocate

    def small(file: int, offset: int, size: int) -> None:
        if size > 2**17:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file, offset, size)

    monkeypatch.setattr(os, "posix_fallocate", small)
    with Journal(tmp_path):
        assert (tmp_path / "rank=00000.reserve").stat().st_size == 2**16


def test_a_file_system_that_sets_nothing_aside_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int, offset: int, size: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    write(tmp_path, line(1))
    assert len(JournalReader(tmp_path)) == 1


def test_the_reserve_is_gone_at_the_end(tmp_path: Path) -> None:
    write(tmp_path, line(1))
    assert not (tmp_path / "rank=00000.reserve").exists()


def test_a_reply_outranks_an_earlier_no_reply(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(no_reply(1))
        entry = journal.get(key(1))
        assert entry is not None
        assert entry.reply() == Refusal(key=key(1), reason="no_reply", detail="busy")
        assert journal.final(key(1)) is None
        journal.append(line(1))
        assert journal.final(key(1)) is not None
        journal.append(no_reply(1))
        assert journal.final(key(1)) is not None
    assert JournalReader(tmp_path).final(key(1)) is not None


def test_of_two_replies_the_first_counts_for_everyone(tmp_path: Path) -> None:
    write(tmp_path, line(1, "of rank 1"), rank=1)
    write(tmp_path, no_reply(1), rank=0)
    for reader in (JournalReader(tmp_path), Journal(tmp_path, 2), Journal(tmp_path, 0)):
        entry = reader.get(key(1))
        assert entry is not None
        assert entry.text == "of rank 1"
        reader.close()


def test_every_rank_finds_the_replies_of_all_others(tmp_path: Path) -> None:
    for rank in range(70):
        write(tmp_path, line(rank, f"of rank {rank}"), rank=rank)
    with Journal(tmp_path, 0) as journal:
        for _ in range(2):
            texts = [entry.text for rank in range(70) if (entry := journal.get(key(rank)))]
            assert texts == [f"of rank {rank}" for rank in range(70)]


def test_two_runs_on_one_journal_are_refused_by_name(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(line(1))
        holder = holder_of(tmp_path / "rank=00000.lock")
        assert holder is not None
        assert holder.pid == os.getpid()
        message = rf"process {os.getpid()} on \S+ since \S+ is at work there"
        with pytest.raises(SourceError, match=message):
            Journal(tmp_path)
        Journal(tmp_path, 1).close()
        assert len(JournalReader(tmp_path)) == 1
    assert holder_of(tmp_path / "rank=00000.lock") is None
    Journal(tmp_path).close()


def test_who_only_looks_at_the_lock_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rank=00000.lock"
    path.touch()
    looking = os.open(path, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    monkeypatch.setattr(time, "sleep", lambda seconds: fcntl.flock(looking, fcntl.LOCK_UN))
    Journal(tmp_path).close()
    os.close(looking)


HOLD = """
import sys, time
from pathlib import Path
from crossthink_data.generate.journal import Journal
journal = Journal(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(SourceError, match=f"process {child.pid} on"):
            Journal(tmp_path)
        child.kill()
        child.wait()
    assert holder_of(tmp_path / "rank=00000.lock") is None
    write(tmp_path, line(1))


def test_a_file_system_without_locks_goes_by_what_the_file_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int, how: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "not supported")

    monkeypatch.setattr("crossthink_data.generate.lock.fcntl.flock", refuse)
    journal = Journal(tmp_path)
    with pytest.raises(SourceError, match=f"process {os.getpid()} on"):
        Journal(tmp_path)
    journal.close()
    dead = {"host": os.uname().nodename, "pid": 2**22 + 1, "since": "then"}
    (tmp_path / "rank=00000.lock").write_text(json.dumps(dead))
    Journal(tmp_path).close()
    away = {"host": "another-host", "pid": 1, "since": "then"}
    (tmp_path / "rank=00000.lock").write_text(json.dumps(away))
    with pytest.raises(SourceError, match="process 1 on another-host since then"):
        Journal(tmp_path)


def test_a_lock_that_was_removed_while_it_was_waited_for_is_taken_at_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.lock"
    first = RankLock(path)

    def end_of_the_first(seconds: float) -> None:
        path.unlink()
        first.release()

    with monkeypatch.context() as waiting:
        waiting.setattr(time, "sleep", end_of_the_first)
        second = RankLock(path)
    with pytest.raises(SourceError, match=f"process {os.getpid()} on"):
        RankLock(path)
    second.release()


def test_where_files_cannot_be_told_apart_the_lock_is_taken_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossthink_data.generate.lock.os.path.samestat", lambda one, two: False)
    lock = RankLock(tmp_path / "run.lock")
    assert holder_of(tmp_path / "run.lock") is not None
    lock.release()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"host": 1}', "\x00\x00"])
def test_an_unreadable_lock_file_of_nobody_is_no_hindrance(tmp_path: Path, content: str) -> None:
    (tmp_path / "rank=00000.lock").write_text(content)
    write(tmp_path, line(1))


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(SourceError, match=r"file.*cannot be made"):
        Journal(place)
    folder = tmp_path / "folder"
    (folder / "rank=00000.jsonl").mkdir(parents=True)
    with pytest.raises(SourceError, match=r"rank=00000.jsonl"):
        Journal(folder)
    with pytest.raises(SourceError, match=r"rank=00000.jsonl"):
        JournalReader(folder)


def test_a_journal_changed_under_the_run_is_told(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(line(1))
        journal.path.write_bytes(b"")
        with pytest.raises(SourceError, match="changed while the run read it"):
            journal.get(key(1))


def test_sync_writes_through_only_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    with Journal(tmp_path) as journal:
        journal.sync()
        journal.append(line(1))
        journal.sync()
        journal.sync()
        assert len(synced) == 1
        journal.append(line(2))
    assert len(synced) == 2
