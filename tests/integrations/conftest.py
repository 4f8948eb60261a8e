"""What the trainers' tests share: the quickstart's blend, ways to spoil it, a tokenizer."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crossthink_data.steps import run
from crossthink_data.tables import TRAINING_SCHEMA

Row = dict[str, Any]


@pytest.fixture(scope="session")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole quickstart run; `blend.parquet` is its end."""
    folder = tmp_path_factory.mktemp("quickstart")
    run.run(run.RunSettings(recipe="quickstart", out=folder))
    return folder


@pytest.fixture(scope="session")
def blend(quickstart: Path) -> Path:
    return quickstart / "blend.parquet"


@pytest.fixture
def spoiled(blend: Path, tmp_path: Path) -> Callable[[Callable[[Row], object]], Path]:
    """Writes the first rows of the blend again, the one at place 2 changed by the function."""

    def write(change: Callable[[Row], object]) -> Path:
        rows = pq.read_table(blend).slice(0, 4).to_pylist()
        change(rows[2])
        path = tmp_path / "spoiled.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=TRAINING_SCHEMA), path)
        return path

    return write


@pytest.fixture
def cache_of_datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`datasets` keeps what it loads below the test's own folder."""
    datasets = pytest.importorskip("datasets", reason="pip install 'crossthink-data[test]'")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def make_tokenizer() -> Callable[[Iterable[str]], Any]:
    """Trains a byte-level tokenizer of 400 tokens, with a chat template, on given texts."""

    def make(texts: Iterable[str]) -> Any:
        from tokenizers import ByteLevelBPETokenizer
        from transformers import PreTrainedTokenizerFast

        trained = ByteLevelBPETokenizer()
        trained.train_from_iterator(
            texts, vocab_size=400, special_tokens=["<pad>", "<eos>"], show_progress=False
        )
        return PreTrainedTokenizerFast(
            tokenizer_object=trained._tokenizer,
            pad_token="<pad>",
            eos_token="<eos>",
            chat_template=(
                "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
                "{% if add_generation_prompt %}assistant: {% endif %}"
            ),
        )

    return make
