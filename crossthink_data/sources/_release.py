"""The rows of the paper authors' own release, `nvidia/Nemotron-CrossThink`: two JSON Lines files.

Its two files disagree about the keys of `meta_data`, so each is read by itself and never as one
table. The prompt already carries the authors' instruction; the bare question is in `meta_data`.
"""

from crossthink_data.errors import RecordError
from crossthink_data.sources import RawRow
from crossthink_data.sources._fields import as_text, mapping, provenance

HUB_ID = "nvidia/Nemotron-CrossThink"
REVISION = "a4ce9a3b9434c5f231e2cbe30696d9a721c11d69"
LICENCE = "CC-BY-4.0"

RELEASED = frozenset({"reward_model", "meta_data"})
FLATTENED = frozenset({"question", "ground_truth"})


def question_and_gold(row: RawRow) -> tuple[str, str | None, str]:
    """Question, ground truth and provenance of a released row.

    RecordError `not_rule_graded` for a row whose gold is not meant for a rule, `wrong_type` for a
    broken one.
    """
    reward_model = mapping(row, "reward_model")
    meta_data = mapping(row, "meta_data")
    style = reward_model.get("style")
    if style != "rule":
        raise RecordError("not_rule_graded", f"reward_model.style is {style!r}, not 'rule'")
    if "question" not in meta_data or "ground_truth" not in reward_model:
        raise RecordError(
            "missing_column",
            f"meta_data has {sorted(meta_data)}, reward_model has {sorted(reward_model)}; "
            "wanted are meta_data.question and reward_model.ground_truth",
        )
    origin = provenance(
        row,
        HUB_ID,
        LICENCE,
        published_source=row.columns.get("data_source"),
        published_id=meta_data.get("index"),
        ability=row.columns.get("ability"),
    )
    return _question(meta_data["question"]), _gold(reward_model["ground_truth"]), origin


def flattened_question_and_gold(row: RawRow) -> tuple[str, str | None, str]:
    """The same of the flattened community copy: `question` and `ground_truth` only."""
    origin = provenance(row, HUB_ID, LICENCE)
    return _question(row.columns["question"]), _gold(row.columns["ground_truth"]), origin


def _question(value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise RecordError("wrong_type", f"the question is {type(value).__name__}, not text")
    return value or ""


def _gold(value: object) -> str | None:
    return as_text(value, "ground_truth")
