"""Tokens of a text, counted by a tokenizer file of a model."""

from collections.abc import Callable
from pathlib import Path

from crossthink_data.errors import MissingExtra, SourceError

__all__ = ["load_tokenizer"]


def load_tokenizer(path: Path) -> Callable[[str], int]:
    """Counts the tokens of a text by a `tokenizer.json` file; nothing is downloaded.

    SourceError when the file cannot be read as one; MissingExtra without `tokenizers`.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingExtra("tokenizers", "synth", "counting tokens") from error
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"tokenizer {path}: cannot be read ({error}); name a file") from error
    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:
        # The library raises bare Exception for every fault of the file, and nothing narrower.
        raise SourceError(
            f"tokenizer {path}: not a tokenizer file ({error}); name the model's tokenizer.json"
        ) from error
    return lambda text: len(tokenizer.encode(text).ids)
