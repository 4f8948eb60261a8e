"""A scripted model for whole runs: it knows the prompts of both kinds, and answers probes too."""

import json
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent.parent
for folder in (TESTS / "synth", TESTS / "generate"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from mock_replies import fitting  # noqa: E402
from scripted_persona_math import respond as persona_math  # noqa: E402


def respond(
    messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any] | None, seed: int = 0
) -> str:
    """The reply of whichever script knows the prompt."""
    text = messages[-1]["content"]
    if text.startswith("Capability probe"):
        return json.dumps(fitting(schema, random.Random(1), schema)) if schema else "some words"
    if "mathematics problem" in text or text.startswith("Solve this problem"):
        return persona_math(messages, schema, seed or 0)
    from scripted_syn_qa import respond as syn_qa

    return syn_qa(messages, None if schema is None else json.dumps(schema), seed or 0)
