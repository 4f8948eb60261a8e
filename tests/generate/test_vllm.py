"""`vllm serve` as a child: a program of that name stands in, with children of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crossthink_data.errors import BackendError, RecipeError
from crossthink_data.generate import vllm
from crossthink_data.generate.backends import BackendSettings, open_backend
from crossthink_data.generate.protocol import Answer, Call, Capabilities, Failure

SERVER = """#!{python}
import json, os, signal, subprocess, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

arguments = sys.argv[1:]
print("vllm is started with", arguments, flush=True)
if "--break" in arguments:
    print("RuntimeError: no GPU with sk-abcdef123456", flush=True)
    sys.exit(3)
engine = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
record = {{"pid": os.getpid(), "engine": engine.pid, "group": os.getpgid(0),
          "arguments": arguments, "key": os.environ.get("OPENAI_API_KEY")}}
with open(os.environ["FAKE_VLLM_RECORD"], "w") as file:
    json.dump(record, file)
def leave(*_):
    print("asked to end", flush=True)
    os._exit(0)


signal.signal(signal.SIGTERM, leave)
if "--stubborn" in arguments:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "--slow" in arguments:
    time.sleep(600)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.send({{"data": [{{"id": arguments[1]}}]}})

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        message = {{"role": "assistant", "content": asked["messages"][-1]["content"].upper()}}
        self.send({{"model": asked["model"], "choices": [{{"message": message,
                   "finish_reason": "stop"}}], "usage": {{"prompt_tokens": 2}}}})

    def log_message(self, *arguments):
        pass


port = int(arguments[arguments.index("--port") + 1])
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""

PARENT = """
import asyncio, sys
from pathlib import Path
from crossthink_data.generate.backends import BackendSettings, open_backend

async def main():
    backend = open_backend(BackendSettings(kind="vllm", model="tiny/model", transport="aiohttp",
        vllm_command=sys.argv[1], log_folder=Path(sys.argv[2])))
    await backend.start()
    print("ready", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in for the program; it writes what it was given to `record.json` beside it."""
    path = tmp_path / "env" / "bin" / "vllm"
    path.parent.mkdir(parents=True)
    path.write_text(SERVER.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("FAKE_VLLM_RECORD", str(tmp_path / "record.json"))
    return path


def settings_for(fake: Path, **changed: object) -> BackendSettings:
    given: dict[str, object] = {
        "kind": "vllm",
        "model": "tiny/model",
        "transport": "aiohttp",
        "vllm_command": str(fake),
        "log_folder": fake.parents[2] / "run",
    }
    return BackendSettings(**(given | changed))


def record(fake: Path) -> dict[str, object]:
    return json.loads((fake.parents[2] / "record.json").read_text())


def is_alive(pid: int) -> bool:
    """True for a process that runs; one that ended and was not yet collected is gone."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def gone(*pids: int) -> bool:
    """Waits until none of the processes is alive; a minute is given, far more than is needed."""
    for _ in range(600):
        if not any(map(is_alive, pids)):
            return True
        time.sleep(0.1)
    return False


def test_it_is_started_waited_for_asked_and_ended(
    fake: Path, make_call: Callable[..., Call], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-this-server")

    async def run() -> tuple[Capabilities, Answer | Failure]:
        backend = open_backend(settings_for(fake, vllm_arguments=("--max-model-len", "4096")))
        try:
            found = await backend.start()
            answer = await backend.complete(make_call("hello", model="tiny/model"))
            assert is_alive(int(record(fake)["pid"]))
            assert backend.base_url.startswith("http://127.0.0.1:")
            return found, answer
        finally:
            await backend.close()
            await backend.close()

    found, answer = asyncio.run(run())
    started = record(fake)
    assert found.models == ("tiny/model",)
    assert isinstance(answer, Answer)
    assert answer.text == "HELLO"
    assert started["arguments"][:4] == ["serve", "tiny/model", "--host", "127.0.0.1"]
    assert started["arguments"][-2:] == ["--max-model-len", "4096"]
    assert started["key"] is None, "the server is not given a key that is not its own"
    assert started["group"] == started["pid"] != os.getpgid(0)
    assert gone(started["pid"], started["engine"])
    log = (fake.parents[2] / "run" / "vllm.log").read_text()
    assert "vllm is started with" in log
    assert "asked to end" in log, "it is given the time to end in order"


def test_a_server_that_dies_at_the_start_shows_the_end_of_its_log(fake: Path):
    async def run() -> None:
        backend = open_backend(settings_for(fake, vllm_arguments=("--break",)))
        await backend.start()

    with pytest.raises(BackendError) as raised:
        asyncio.run(run())
    said = str(raised.value)
    assert "ended with status 3 before it was ready" in said
    assert "RuntimeError: no GPU" in said
    assert "abcdef123456" not in said
    assert str(fake.parents[2] / "run" / "vllm.log") in said


def test_a_server_that_is_never_ready_is_given_up_and_ended(
    fake: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(vllm, "_GRACE", 0.5)

    async def run() -> None:
        slow = settings_for(fake, startup_seconds=2.0, vllm_arguments=("--slow", "--stubborn"))
        await open_backend(slow).start()

    with pytest.raises(BackendError, match="was not ready after 2 s"):
        asyncio.run(run())
    started = record(fake)
    assert gone(started["pid"], started["engine"])


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_server_outlives_its_run_however_the_run_ends(
    fake: Path, sent: signal.Signals, tmp_path: Path
):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(fake), str(tmp_path / "run")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline().strip() == "ready"
    started = record(fake)
    assert is_alive(started["pid"])
    parent.send_signal(sent)
    parent.wait(30)
    parent.stdout.close()
    assert gone(started["pid"], started["engine"])


def test_a_server_that_dies_in_the_middle_stops_the_run(fake: Path, make_call: Callable[..., Call]):
    async def run() -> Answer | Failure:
        backend = open_backend(settings_for(fake))
        try:
            await backend.start()
            os.kill(record(fake)["pid"], signal.SIGKILL)
            assert gone(record(fake)["engine"])
            for _ in range(100):
                read = await backend.complete(make_call("hello", model="tiny/model"))
                if isinstance(read, Failure) and read.kind == "stop":
                    break
                await asyncio.sleep(0.05)
            return read
        finally:
            await backend.close()

    read = asyncio.run(run())
    assert isinstance(read, Failure)
    assert (read.kind, read.reason) == ("stop", "server_gone")
    assert "vllm.log" in read.detail


def test_a_folder_of_an_environment_may_be_named(fake: Path):
    open_backend(settings_for(fake, vllm_command=str(fake.parents[1])))
    open_backend(settings_for(fake, vllm_command=str(fake.parent)))


def test_without_the_program_the_way_to_install_it_is_told(tmp_path: Path):
    missing = BackendSettings(kind="vllm", model="m", vllm_command=str(tmp_path / "vllm"))
    with pytest.raises(BackendError, match="pip install vllm"):
        open_backend(missing)


def test_a_model_is_needed(fake: Path):
    with pytest.raises(RecipeError, match="model is empty"):
        open_backend(settings_for(fake, model=" "))
