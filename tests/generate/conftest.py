"""What tests of generation share: a tiny model made once, calls, and no key in the environment."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crossthink_data.exchange import (
    Message,
    Request,
    Sampling,
    canonical_schema,
    request_key,
    request_seed,
)
from crossthink_data.generate.protocol import Call

sys.path.insert(0, str(Path(__file__).parent))
from tiny_gguf import write_tiny_model

CallMaker = Callable[..., Call]


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GGUF file with a model of random weights."""
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "VLLM_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def subject_schema() -> str:
    """A schema of bounded length, so that even random weights come to its end."""
    return canonical_schema(
        {
            "type": "object",
            "properties": {
                "subject": {"type": "string", "enum": ["physics", "law", "none"]},
                "why": {"type": "string", "maxLength": 12},
                "level": {"type": "integer", "minimum": 0, "maximum": 9},
            },
            "required": ["subject", "why", "level"],
            "additionalProperties": False,
        }
    )


@pytest.fixture(scope="session")
def make_call() -> CallMaker:
    """Makes a call of one user message; every value can be given."""

    def make(
        words: str = "hello",
        *,
        model: str = "m",
        schema: str | None = None,
        prompt: str | None = None,
        sample: int = 0,
        max_tokens: int = 200,
        temperature: float = 1.0,
        stop: tuple[str, ...] = (),
    ) -> Call:
        request = Request(
            task="test",
            row_id=words[:40],
            messages=() if prompt is not None else (Message("user", words),),
            prompt=prompt,
            sampling=Sampling(temperature=temperature, max_tokens=max_tokens, stop=stop),
            schema=schema,
            sample=sample,
        )
        return Call(
            request=request,
            key=request_key(request, model=model, seed=0),
            model=model,
            seed=request_seed(request, 0),
        )

    return make
