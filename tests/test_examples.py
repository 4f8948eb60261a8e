"""The pages under examples/ do what they say, command by command."""

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pyarrow.parquet as pq

from crossthink_data.recipe import recipes_folder

ROOT = Path(__file__).parent.parent


def test_the_commands_of_the_own_data_page_run_one_after_the_other(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copytree(recipes_folder(), tmp_path / "recipes")
    page = (ROOT / "examples" / "own_data" / "README.md").read_text(encoding="utf-8")
    blocks = [textwrap.dedent(block) for block in re.findall(r"(?m)(?:^    .*\n)+", page)]
    commands = "".join(block for block in blocks if block.startswith(("crossthink-data", "cat")))
    script = re.sub(r"(?m)^crossthink-data", f"'{sys.executable}' -m crossthink_data", commands)
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sources = pq.read_table(tmp_path / "blend.parquet")["data_source"].to_pylist()
    assert sources.count("crossthink/helpdesk") == 2 * sources.count("crossthink/math") > 0
