"""The whole road on published files: fetch, template, filter, blend; counts that are known."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from crossthink_data.steps import blend, fetch, template
from crossthink_data.steps import filter as filtering
from crossthink_data.tables import TRAINING_SCHEMA

FILES = {
    "mmlu": "mmlu",
    "math": "math/limr_math_8523.json",
    "math_500": "math500/test.jsonl",
    "amc23": "amc23/test.jsonl",
    "agieval": "agieval",
    "mmlu_pro": "mmlu_pro/sample_rows.json",
}
OWN: list[dict[str, Any]] = [
    {
        "source": "theoremqa",
        "from": "open_ended_stem/theoremqa.json",
        "columns": {"question": "Question", "answer": "Answer", "subject": "field"},
    },
    {
        "source": "minerva",
        "from": "open_ended_stem/minerva_math_test.jsonl",
        "columns": {"question": "problem", "answer_box": "solution"},
    },
]


def ledger_of(out: Path) -> dict[str, Any]:
    account: dict[str, Any] = json.loads(
        out.with_name(out.name.replace(".parquet", ".ledger.json")).read_text()
    )
    return account


def test_the_8523_row_file_has_exactly_two_missing_answers(real_data: Path, tmp_path: Path) -> None:
    rows, out = tmp_path / "math.parquet", tmp_path / "f.parquet"
    fetch.run(
        fetch.FetchSettings(source="math", out=rows, **{"from": str(real_data / FILES["math"])})
    )
    filtering.run(filtering.FilterSettings(inputs=(rows,), out=out))
    account = ledger_of(out)
    assert account["total"]["in"] == 8_523
    assert account["total"]["rejected"]["answer_missing"] == 2
    # What else falls out was read one by one: option letters for answers, and "None" for a value.
    assert account["total"]["kept"] > 8_500


def test_all_real_files_end_in_one_training_file(real_data: Path, tmp_path: Path) -> None:
    settings = [{"source": name, "from": path} for name, path in FILES.items()]
    settings += [{"domain": "mr", "answer_kind": "math", **own} for own in OWN]
    fetched = []
    for given in settings:
        fetched.append(tmp_path / f"{given['source']}.parquet")
        place = {"from": str(real_data / given["from"])}
        fetch.run(fetch.FetchSettings(**{**given, **place, "out": fetched[-1]}))
    counts = {path.stem: pq.read_metadata(path).num_rows for path in fetched}
    assert counts == {
        **{"mmlu": 7_658 + 1_531 + 285, "math": 8_523, "math_500": 500, "amc23": 40},
        **{"agieval": 4_214, "mmlu_pro": 1_003, "theoremqa": 800, "minerva": 272},
    }
    stages = [tmp_path / f"{name}.parquet" for name in ("all", "filtered", "blend")]
    template.run(template.TemplateSettings(inputs=tuple(fetched), out=stages[0]))
    filtering.run(filtering.FilterSettings(inputs=(stages[0],), out=stages[1]))
    blend.run(blend.BlendSettings(inputs=(stages[1],), out=stages[2], ratio="gpr:mr=2:1", val=60))
    plan = ledger_of(stages[2])["plan"]
    general = sum(line["quota"] for line in plan["lines"] if line["group"] == "gpr")
    assert abs(general - 2 * (plan["size"] - general)) <= 2
    assert pq.read_schema(stages[2]).remove_metadata() == TRAINING_SCHEMA
    assert pq.read_metadata(stages[2]).num_rows == plan["size"] > 15_000
