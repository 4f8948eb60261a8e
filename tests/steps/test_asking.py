"""What every verb that asks a model shares: settings without secrets, names of models, stops."""

import pytest

from crossthink_data.errors import RecipeError
from crossthink_data.recipe import check
from crossthink_data.steps.asking import AskSettings


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
