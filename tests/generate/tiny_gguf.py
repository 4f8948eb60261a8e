"""A Qwen2 model of random weights in a GGUF file: it tests plumbing, never quality.

Two layers, heads of 64 (smaller ones are refused by some servers), one token for each byte and a
few merges, a chat template in the manner of Qwen. Under 2 MB, and the same bytes for a seed.
"""

from pathlib import Path

import gguf
import numpy as np

__all__ = ["CONTEXT", "write_tiny_model"]

CONTEXT = 4096
WIDTH, HIDDEN, LAYERS, HEADS, KEY_HEADS = 128, 256, 2, 2, 1
HEAD = WIDTH // HEADS
MERGES = ("t h", "th e", "i n", "a n", "e r", "Ġ a", "Ġ the", "o n", "r e", "an d")
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def byte_letters() -> list[str]:
    """The letter that stands for each byte 0..255 in a byte-level vocabulary."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = (chr(256 + place) for place in range(256))
    return [chr(byte) if byte in printable else next(others) for byte in range(256)]


def write_tiny_model(path: Path, *, seed: int = 0, name: str = "tiny-random") -> Path:
    """Write the model and return the path."""
    tokens = [*byte_letters(), *(merge.replace(" ", "") for merge in MERGES), *SPECIAL]
    writer = gguf.GGUFWriter(path, "qwen2")
    _add_settings(writer, name)
    _add_vocabulary(writer, tokens)
    _add_weights(writer, len(tokens), np.random.default_rng(seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_settings(writer: gguf.GGUFWriter, name: str) -> None:
    writer.add_name(name)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10_000.0)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)


def _add_vocabulary(writer: gguf.GGUFWriter, tokens: list[str]) -> None:
    first_special = len(tokens) - len(SPECIAL)
    kinds = [gguf.TokenType.NORMAL] * first_special + [gguf.TokenType.CONTROL] * len(SPECIAL)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(list(MERGES))
    writer.add_eos_token_id(first_special + 2)
    writer.add_pad_token_id(first_special)
    writer.add_bos_token_id(first_special)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)


def _add_weights(writer: gguf.GGUFWriter, words: int, draw: np.random.Generator) -> None:
    def matrix(*shape: int) -> np.ndarray:
        return (draw.standard_normal(shape) * 0.3).astype(np.float16)

    def vector(length: int, value: float) -> np.ndarray:
        return np.full(length, value, dtype=np.float32)

    writer.add_tensor("token_embd.weight", matrix(words, WIDTH))
    writer.add_tensor("output_norm.weight", vector(WIDTH, 1.0))
    writer.add_tensor("output.weight", matrix(words, WIDTH))
    for layer in range(LAYERS):
        at = f"blk.{layer}."
        keys = KEY_HEADS * HEAD
        writer.add_tensor(at + "attn_norm.weight", vector(WIDTH, 1.0))
        for part, size in (("q", WIDTH), ("k", keys), ("v", keys)):
            writer.add_tensor(f"{at}attn_{part}.weight", matrix(size, WIDTH))
            writer.add_tensor(f"{at}attn_{part}.bias", vector(size, 0.0))
        writer.add_tensor(at + "attn_output.weight", matrix(WIDTH, WIDTH))
        writer.add_tensor(at + "ffn_norm.weight", vector(WIDTH, 1.0))
        writer.add_tensor(at + "ffn_gate.weight", matrix(HIDDEN, WIDTH))
        writer.add_tensor(at + "ffn_up.weight", matrix(HIDDEN, WIDTH))
        writer.add_tensor(at + "ffn_down.weight", matrix(WIDTH, HIDDEN))
