"""What every verb that asks a model shares: settings without secrets, names of models, stops."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "generate"))
from mock_endpoint import MockEndpoint
from rank_work import Talks

from crossthink_data.errors import RecipeError
from crossthink_data.recipe import check
from crossthink_data.steps.asking import AskSettings, ask_all, server_seen


@pytest.fixture(scope="module")
def server() -> Iterator[MockEndpoint]:
    with MockEndpoint() as endpoint:
        yield endpoint


def settings(**values: object) -> AskSettings:
    return check(AskSettings, values, "here")


@pytest.mark.parametrize(
    ("arguments", "variable"),
    [
        (["--api-key", "sk-very-secret"], "VLLM_API_KEY"),
        (["--dtype", "half", "--api_key=sk-very-secret"], "VLLM_API_KEY"),
        (["--api-k", "sk-very-secret"], "VLLM_API_KEY"),
        (["--hf_token", "sk-very-secret"], "HF_TOKEN"),
    ],
)
def test_a_secret_among_the_arguments_of_vllm_is_refused_and_not_shown(
    arguments: list[str], variable: str
) -> None:
    with pytest.raises(RecipeError, match=f"set {variable}") as told:
        settings(vllm={"arguments": arguments})
    assert "secret" not in str(told.value)


def test_other_arguments_of_vllm_are_taken() -> None:
    arguments = ("--api-server-count", "2", "--hf-overrides", "{}", "--max-model-len", "8192")
    assert settings(vllm={"arguments": list(arguments)}).vllm.arguments == arguments


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("/models/m.gguf", "m.gguf"),
        ("m.GGUF", "m.GGUF"),
        ("models/m.gguf", "m.gguf"),
        ("/data/a:b/m.gguf", "m.gguf"),
        ("C:/models/m.gguf", "m.gguf"),
        ("owner/name:m-q8_0.gguf", "owner/name:m-q8_0.gguf"),
        ("owner/name:q8_0", "owner/name:q8_0"),
        ("owner/name-GGUF", "owner/name-GGUF"),
    ],
)
def test_a_gguf_file_has_one_name_wherever_it_lies(model: str, name: str) -> None:
    assert settings(backend="llama", model=model).model_name == name
    assert settings(backend="endpoint", base_url="http://here/v1", model=model).model_name == model


def ask(folder: Path, server: MockEndpoint, **values: object) -> None:
    told = {"base_url": server.url, "model": "m", **values}
    ask_all(Talks(3), settings(**told), folder, lambda snapshot: None)


@pytest.mark.parametrize("tasks", [1, 2])
def test_what_the_server_can_do_is_noted_by_whichever_rank_asked_it(
    server: MockEndpoint, tmp_path: Path, tasks: int
) -> None:
    ask(tmp_path, server, tasks=tasks)
    seen = server_seen(tmp_path, "m")
    assert seen is not None
    assert (seen["server"], seen["schema"]) == (server.url, True)
    assert server_seen(tmp_path, "another") is None, "of another model nothing is known"
    assert [file.name for file in tmp_path.glob("server*")] == ["server.json"]


def test_a_run_goes_on_where_the_note_about_the_server_finds_no_room(
    server: MockEndpoint, tmp_path: Path
) -> None:
    (tmp_path / "server.json").mkdir()
    ask(tmp_path, server)
    assert server_seen(tmp_path, "m") is None
    assert (tmp_path / "rank=00000.jsonl").read_bytes().count(b"\n") == 3
