"""llama.cpp inside the process: schemas enforced, tokens counted, stopped when told to."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

import huggingface_hub
import jsonschema
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError
from tiny_gguf import CONTEXT

from crossthink_data.errors import BackendError
from crossthink_data.generate.backends import BackendSettings, open_backend
from crossthink_data.generate.gguf_files import DEFAULT_MODEL, choose_files, find_model
from crossthink_data.generate.llama import joined
from crossthink_data.generate.protocol import Answer, Backend, Call, Capabilities, Failure

CallMaker = Callable[..., Call]
Got = TypeVar("Got")


def with_llama(
    model: Path, work: Callable[[Backend, Capabilities], Coroutine[None, None, Got]], **changed: int
) -> Got:
    """What `work` makes of a started backend, which is closed after it."""
    settings = BackendSettings(
        kind="llama", model=str(model), **{"threads": 1, "context": 2048, "slots": 2, **changed}
    )

    async def run() -> Got:
        backend = open_backend(settings)
        try:
            return await work(backend, await backend.start())
        finally:
            await backend.close()
            await backend.close()

    return asyncio.run(run())


def answers(model: Path, calls: list[Call], **changed: int) -> list[Answer | Failure]:
    async def ask(backend: Backend, found: Capabilities) -> list[Answer | Failure]:
        return await asyncio.gather(*(backend.complete(call) for call in calls))

    return with_llama(model, ask, **changed)


def test_it_is_seen_to_do_everything(tiny_model: Path):
    async def look(backend: Backend, found: Capabilities) -> Capabilities:
        return found

    found = with_llama(tiny_model, look)
    assert (found.schema, found.n, found.logprobs, found.seed) == (True,) * 4
    assert found.models == ("tiny.gguf",)


def test_hundreds_of_replies_fit_their_schema_and_count_their_tokens(
    tiny_model: Path, make_call: CallMaker, subject_schema: str
):
    calls = [make_call(f"page {number}", schema=subject_schema) for number in range(200)]
    read = answers(tiny_model, calls, slots=4)
    for answer in read:
        assert isinstance(answer, Answer), answer
        assert (answer.structured, answer.finish_reason) == ("schema", "stop")
        jsonschema.validate(json.loads(answer.text), json.loads(subject_schema))
        assert answer.completion_tokens > 10
        assert answer.model == "tiny.gguf"
    texts = {answer.text for answer in read if isinstance(answer, Answer)}
    assert len(texts) > 100, "different prompts have different replies"


def test_tokens_are_those_of_the_model(tiny_model: Path, make_call: CallMaker):
    # One token a digit in this vocabulary, and the chat template around them.
    short, long = answers(tiny_model, [make_call("7" * 10), make_call("7" * 110)])
    assert isinstance(short, Answer)
    assert isinstance(long, Answer)
    assert long.prompt_tokens - short.prompt_tokens == 100


def test_a_seed_gives_the_same_text_again_and_another_one_another(
    tiny_model: Path, make_call: CallMaker
):
    calls = [make_call("hello", sample=number, max_tokens=40) for number in range(10)]
    first = answers(tiny_model, calls, slots=1)
    again = answers(tiny_model, calls[::-1], slots=1)[::-1]
    assert first == again
    assert len({answer.text for answer in first if isinstance(answer, Answer)}) == 10


def test_a_bare_prompt_is_completed_and_keeps_to_its_schema(
    tiny_model: Path, make_call: CallMaker, subject_schema: str
):
    calls = [
        make_call(prompt="Once upon", max_tokens=9),
        make_call(prompt="{", schema=subject_schema),
    ]
    plain, shaped = answers(tiny_model, calls)
    assert isinstance(plain, Answer)
    assert (plain.completion_tokens, plain.finish_reason) == (9, "length")
    assert isinstance(shaped, Answer)
    jsonschema.validate(json.loads(shaped.text), json.loads(subject_schema))


def test_a_reply_that_is_cut_says_so(tiny_model: Path, make_call: CallMaker, subject_schema: str):
    (answer,) = answers(tiny_model, [make_call(schema=subject_schema, max_tokens=3)])
    assert isinstance(answer, Answer)
    assert (answer.finish_reason, answer.completion_tokens) == ("length", 3)


def test_a_prompt_longer_than_the_context_is_a_reject(tiny_model: Path, make_call: CallMaker):
    long, short = answers(tiny_model, [make_call("word " * 3000), make_call("short")])
    assert isinstance(long, Failure)
    assert (long.kind, long.reason) == ("reject", "too_long")
    assert isinstance(short, Answer)


def test_hostile_text_is_sent_and_answered(tiny_model: Path, make_call: CallMaker):
    words = ["\x00", "\ud800 half", "<|im_end|>", "𝔘𝔫𝔦" * 50, '"}{"', "\u202e"]
    calls = [make_call(word, max_tokens=8) for word in words]
    for answer in answers(tiny_model, calls):
        assert isinstance(answer, Answer), answer


def test_a_late_reply_is_stopped_and_its_slot_is_free_again(tiny_model: Path, make_call: CallMaker):
    async def ask(backend: Backend, found: Capabilities) -> tuple[Answer | Failure, float]:
        cancelled = asyncio.create_task(backend.complete(make_call("long", max_tokens=2000)))
        await asyncio.sleep(0.02)
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        begun = time.process_time()
        return await backend.complete(make_call("next", max_tokens=4)), time.process_time() - begun

    answer, _ = with_llama(tiny_model, ask, slots=1)
    assert isinstance(answer, Answer)


def test_a_call_over_its_time_is_a_failure_and_waiting_for_a_slot_is_not(
    tiny_model: Path, make_call: CallMaker, monkeypatch: pytest.MonkeyPatch
):
    from crossthink_data.generate import llama

    gate = threading.Event()
    real = llama.InProcess._answer

    def held(self: llama.InProcess, path: str, body: bytes, stop: threading.Event):
        if b"hold" in body:
            gate.wait(30)
        return real(self, path, body, stop)

    async def ask(backend: Backend, found: Capabilities) -> list[Answer | Failure]:
        monkeypatch.setattr(llama.InProcess, "_answer", held)
        late = asyncio.create_task(backend.complete(make_call("hold")))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(backend.complete(make_call("waits", max_tokens=4)))
        first = await late
        await asyncio.sleep(1.2)  # longer than a call may take: it is not under way yet
        assert not waiting.done()
        gate.set()
        return [first, await waiting]

    late, waited = with_llama(tiny_model, ask, slots=1, timeout=1.0)
    assert isinstance(late, Failure)
    assert late.reason == "timed_out"
    assert isinstance(waited, Answer)


def test_closing_ends_what_is_under_way(tiny_model: Path, make_call: CallMaker):
    async def leave(backend: Backend, found: Capabilities) -> list[asyncio.Task[Answer | Failure]]:
        calls = [make_call(f"long {number}", max_tokens=2000) for number in range(8)]
        tasks = [asyncio.create_task(backend.complete(call)) for call in calls]
        await asyncio.sleep(0.02)
        await backend.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return tasks

    before = threading.active_count()
    tasks = with_llama(tiny_model, leave, slots=2)
    assert all(task.done() for task in tasks)
    assert threading.active_count() <= before + 1


def test_nothing_is_printed(
    tiny_model: Path, make_call: CallMaker, capfd: pytest.CaptureFixture[str]
):
    answers(tiny_model, [make_call("hello", max_tokens=4)])
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


# Files that are none, and models that cannot be had.


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>not found</html>" * 5, "no GGUF file"),
        (b"version https://git-lfs.github.com/spec/v1\n" * 2, "Git LFS pointer"),
        (b"", "no GGUF file"),
        (b"GGUF", "no GGUF file"),
    ],
)
def test_a_file_that_is_no_model_is_told_by_its_first_bytes(
    content: bytes, said: str, tmp_path: Path
):
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(BackendError, match=said):
        answers(path, [])


def test_a_model_that_is_cut_off_is_refused_by_llama_cpp(tmp_path: Path, tiny_model: Path):
    path = tmp_path / "cut.gguf"
    path.write_bytes(tiny_model.read_bytes()[:300_000])
    with pytest.raises(BackendError, match=r"cut\.gguf: llama\.cpp cannot load it"):
        answers(path, [])


def test_an_absent_file_and_a_folder_are_told(tmp_path: Path):
    with pytest.raises(BackendError, match="there is no such file"):
        find_model(str(tmp_path / "absent.gguf"))
    with pytest.raises(BackendError, match="is a folder"):
        find_model(str(tmp_path))


def test_a_hub_id_is_looked_up_in_the_cache_and_then_on_the_hub(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
):
    asked = []

    def download(repo: str, file: str, local_files_only: bool = False) -> str:
        asked.append((repo, file, local_files_only))
        if local_files_only:
            raise LocalEntryNotFoundError("not cached")
        return str(tiny_model)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    assert find_model(DEFAULT_MODEL) == tiny_model
    repo, file = DEFAULT_MODEL.split(":")
    assert asked == [(repo, file, True), (repo, file, False)]


def test_who_stops_a_run_does_not_wait_for_a_download(monkeypatch: pytest.MonkeyPatch):
    stopped, ended = threading.Event(), []

    def download(name: str) -> Path:
        stopped.wait(20)
        ended.append(name)
        return Path(name)

    monkeypatch.setattr("crossthink_data.generate.llama.find_model", download)

    async def stop() -> None:
        backend = open_backend(BackendSettings(kind="llama"))
        starting = asyncio.create_task(backend.start())
        await asyncio.sleep(0.05)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await backend.close()

    asyncio.run(stop())
    assert not ended
    stopped.set()


def test_offline_without_the_file_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    def download(repo: str, file: str, local_files_only: bool = False) -> str:
        raise LocalEntryNotFoundError("offline")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    with pytest.raises(BackendError) as raised:
        find_model(DEFAULT_MODEL)
    said = str(raised.value)
    assert "the hub cannot be reached" in said
    assert "hf download Qwen/Qwen2.5-1.5B-Instruct-GGUF" in said
    assert "--model" in said


NAMES = (
    "README.md",
    "m-q4_0.gguf",
    "m-q4_k_m.gguf",
    "m-q8_0.gguf",
    "m-fp16-00001-of-00002.gguf",
    "m-fp16-00002-of-00002.gguf",
)


@pytest.mark.parametrize(
    ("wanted", "files"),
    [
        ("", ["m-q4_k_m.gguf"]),
        ("Q8_0", ["m-q8_0.gguf"]),
        ("m-q4_0.gguf", ["m-q4_0.gguf"]),
        ("fp16", ["m-fp16-00001-of-00002.gguf", "m-fp16-00002-of-00002.gguf"]),
        ("q3_k_s", []),
        ("README.md", []),
    ],
)
def test_the_file_of_a_quantisation_is_found_by_its_name(wanted: str, files: list[str]):
    assert choose_files(NAMES, wanted) == files


def test_the_pieces_of_a_stream_are_one_reply():
    pieces = [
        {"choices": [{"index": 1, "delta": {"role": "assistant", "content": None}}], "model": "m"},
        {"choices": [{"index": 0, "delta": {"reasoning_content": "hm"}}]},
        {
            "choices": [
                {"index": 0, "delta": {"content": "a"}},
                {"index": 1, "delta": {"content": "x"}},
            ]
        },
        {"choices": [{"index": 0, "delta": {"content": "b"}, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}},
    ]
    reply = json.loads(joined(json.dumps(piece) for piece in pieces).body)
    first, second = reply["choices"]
    assert first["message"] == {"reasoning_content": "hm", "content": "ab"}
    assert first["finish_reason"] == "stop"
    assert second["message"]["content"] == "x"
    assert reply["usage"]["prompt_tokens"] == 4


def test_an_error_in_the_stream_is_the_reply():
    error = '{"error": {"code": 400, "message": "no"}}'
    reply = joined(['{"choices": []}', error])
    assert (reply.status, reply.body) == (400, error.encode())


def test_the_tiny_model_is_what_it_says(tiny_model: Path):
    assert tiny_model.stat().st_size < 2_000_000
    assert CONTEXT >= 2048


def test_a_schema_that_cannot_be_held_to_is_not_dropped_without_a_word(
    tiny_model: Path, make_call: CallMaker
):
    lookahead = '{"type":"object","properties":{"a":{"type":"string","pattern":"(?=x)y"}}}'
    (read,) = answers(tiny_model, [make_call(schema=lookahead, max_tokens=400)])
    assert isinstance(read, Answer), read
    assert isinstance(json.loads(read.text), dict)
    (unknown,) = answers(tiny_model, [make_call(schema='{"type":"nonsense"}')])
    assert not (isinstance(unknown, Answer) and unknown.structured == "schema"), unknown
