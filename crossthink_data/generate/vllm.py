"""`vllm serve` as a child of the run: started, waited for, ended, and otherwise an endpoint.

vLLM lives in an environment of its own and is never imported. `guard.py` stands between: it ends
the server, with every process it started, when this process is gone, however it went.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from crossthink_data.errors import BackendError, RecipeError
from crossthink_data.generate.backends import BackendSettings
from crossthink_data.generate.endpoint import Endpoint, open_transport
from crossthink_data.generate.failures import without_keys
from crossthink_data.generate.keys import read_key
from crossthink_data.generate.protocol import Answer, Call, Capabilities, Failure
from crossthink_data.generate.transport import HttpReply, Transport

__all__ = ["Vllm", "open_vllm"]

_GUARD: Final = Path(__file__).with_name("guard.py")
_GRACE: Final = 20.0
_TAIL_LINES: Final = 25
_TAIL_BYTES: Final = 20_000
_KEY_VARIABLE: Final = "VLLM_API_KEY"  # vLLM itself reads it: a server that has one asks for it


def open_vllm(settings: BackendSettings) -> "Vllm":
    """The server of a model, not yet started.

    RecipeError without a model; BackendError where there is no such program.
    """
    if not settings.model.strip():
        raise RecipeError(
            "model is empty: the vllm backend needs what `vllm serve` takes: "
            "a hub id such as Qwen/Qwen2.5-7B-Instruct, or a folder"
        )
    return Vllm(settings, _program(settings.vllm_command))


class Vllm:
    """A backend that owns its server."""

    def __init__(self, settings: BackendSettings, program: str) -> None:
        self._settings = settings
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._endpoint: Endpoint | None = None
        self._log = Path(os.devnull)
        self._root = ""

    async def start(self) -> Capabilities:
        settings, port = self._settings, _free_port()
        self._log = _log_file(settings)
        self._process = self._started(port)
        address, key = f"http://127.0.0.1:{port}", read_key(_KEY_VARIABLE)
        try:
            await self._healthy(open_transport(settings, key, address))
            self._root = root = f"{address}/v1"
            self._endpoint = Endpoint(
                open_transport(settings, key, root),
                model=settings.model,
                key=key,
                root=root,
                timeout=settings.timeout,
            )
            return await self._endpoint.start()
        except BaseException:
            await self.close()
            raise

    @property
    def base_url(self) -> str:
        """The address of the server once it is started: other processes may ask it too."""
        return self._root

    async def complete(self, call: Call) -> Answer | Failure:
        if self._endpoint is None or self._process is None:
            raise RuntimeError("a backend is started before it is asked")
        read = await self._endpoint.complete(call)
        if isinstance(read, Failure) and self._process.poll() is not None:
            detail = f"vllm serve is gone (status {self._process.returncode}); see {self._log}"
            return Failure(kind="stop", reason="server_gone", detail=detail)
        return read

    async def close(self) -> None:
        if self._endpoint is not None:
            await self._endpoint.close()
        if self._process is not None:
            await asyncio.to_thread(_end, self._process)

    def _started(self, port: int) -> "subprocess.Popen[bytes]":
        settings = self._settings
        serve = (self._program, "serve", settings.model, "--host", "127.0.0.1", "--port", str(port))
        command = (sys.executable, "-I", str(_GUARD), f"{_GRACE:g}", *serve)
        # The server needs no key of another one; what it does not have it cannot write in its log.
        environment = {
            name: value for name, value in os.environ.items() if name != settings.key_variable
        }
        with self._log.open("ab") as log:
            return subprocess.Popen(
                (*command, *settings.vllm_arguments),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )

    async def _healthy(self, transport: Transport) -> None:
        """Wait for the server. BackendError with the end of its log when it dies or is too late."""
        deadline = time.monotonic() + self._settings.startup_seconds
        assert self._process is not None
        try:
            while time.monotonic() < deadline:
                reply = await transport.get("/health")
                if isinstance(reply, HttpReply) and reply.status == 200:
                    return
                status = self._process.poll()
                if status is not None:
                    raise self._dead(f"ended with status {status} before it was ready")
                await asyncio.sleep(0.2)
        finally:
            await transport.close()
        raise self._dead(f"was not ready after {self._settings.startup_seconds:g} s")

    def _dead(self, what: str) -> BackendError:
        return BackendError(
            f"{self._program} serve {self._settings.model} {what}; its log is {self._log}, "
            f"and ends with:\n{_tail(self._log)}"
        )


def _program(command: str) -> str:
    """The path of the program; a folder may be named, as an environment or its `bin`."""
    path = Path(command).expanduser()
    places = [path / "bin" / "vllm", path / "vllm"] if path.is_dir() else [command]
    for place in places:
        found = shutil.which(place)
        if found:
            return found
    raise BackendError(
        f"vllm command {command!r} is not to be found; vLLM needs an environment of its own: "
        "python -m venv vllm-env && vllm-env/bin/pip install vllm, and name it in a recipe: "
        "vllm: {command: vllm-env/bin/vllm}"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _log_file(settings: BackendSettings) -> Path:
    folder = settings.log_folder or Path(tempfile.mkdtemp(prefix="crossthink-vllm-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackendError(f"log folder {folder} cannot be made: {error.strerror}") from error
    return folder / "vllm.log"


def _tail(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        text = file.read().decode("utf-8", "replace")
    return without_keys("\n".join(text.splitlines()[-_TAIL_LINES:]))


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Close the pipe that keeps the server alive, and wait until it is gone."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_GRACE + 10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
