"""Tokens counted by the tokenizer file of a model."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from crossthink_data.errors import SourceError
from crossthink_data.generate.tokenizer import load_tokenizer


def test_tokens_are_those_of_the_file(tmp_path: Path) -> None:
    tokenizer = Tokenizer(WordLevel({"a": 0, "leaf": 1, "[UNK]": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    count = load_tokenizer(tmp_path / "tokenizer.json")
    assert count("a leaf, a tree") == 5
    assert count("") == 0


def test_a_file_that_is_no_tokenizer_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text('{"version": "1.0"}')
    with pytest.raises(SourceError, match="not a tokenizer file"):
        load_tokenizer(tmp_path / "tokenizer.json")
    with pytest.raises(SourceError, match="cannot be read"):
        load_tokenizer(tmp_path / "absent.json")
