"""The public names of the generation layer, loaded when they are used."""

import subprocess
import sys

from crossthink_data import generate


def test_every_public_name_is_there() -> None:
    for name in generate.__all__:
        assert getattr(generate, name).__name__ == name
    assert dir(generate) == sorted(generate.__all__)


def test_the_package_and_its_engine_need_no_client_library() -> None:
    script = (
        "import sys, crossthink_data.generate as g; g.Engine, g.Journal, g.serve_prometheus\n"
        "heavy = {'aiohttp', 'openai', 'jinja2', 'polars', 'duckdb', 'datatrove', 'ray'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
