"""The table of backends: by name, imported when opened, open to other packages."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from crossthink_data.errors import MissingExtra, RecipeError
from crossthink_data.generate import backends
from crossthink_data.generate.backends import BackendSettings, backend_kinds, open_backend

CLIENTS = ("openai", "httpx2", "aiohttp", "xllamacpp", "huggingface_hub")


def test_the_table_loads_no_client_and_no_model_library():
    code = (
        "import sys, crossthink_data.generate.backends, crossthink_data.generate.replay\n"
        f"print([name for name in {CLIENTS} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_lean_transport_loads_no_openai():
    code = (
        "import sys\n"
        "from crossthink_data.generate.backends import BackendSettings, open_backend\n"
        "open_backend(BackendSettings(kind='endpoint', base_url='h', transport='aiohttp'))\n"
        "print('openai' in sys.modules, 'aiohttp' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False True"


def test_an_unknown_kind_names_the_nearest():
    with pytest.raises(RecipeError, match=r"'endpiont' is not known; did you mean endpoint\?"):
        open_backend(BackendSettings(kind="endpiont"))


def test_a_backend_of_another_package_is_opened_by_name(monkeypatch: pytest.MonkeyPatch):
    point = EntryPoint("made_up", "types:SimpleNamespace", "crossthink_data.backends")

    def points(group: str, name: str | None = None) -> list[EntryPoint]:
        assert group == "crossthink_data.backends"
        return [point] if name in (None, "made_up") else []

    monkeypatch.setattr(backends, "entry_points", points)
    monkeypatch.setattr(EntryPoint, "load", lambda self: lambda given: ("opened", given.model))
    assert backend_kinds() == ("endpoint", "vllm", "llama", "replay", "made_up")
    assert open_backend(BackendSettings(kind="made_up", model="x")) == ("opened", "x")


@pytest.mark.parametrize(
    ("module", "package", "settings", "extra"),
    [
        ("openai_transport", "openai", {"kind": "endpoint", "base_url": "h"}, "synth"),
        (
            "aiohttp_transport",
            "aiohttp",
            {"kind": "endpoint", "base_url": "h", "transport": "aiohttp"},
            "synth",
        ),
        ("llama", "xllamacpp", {"kind": "llama"}, "local"),
    ],
)
def test_a_missing_package_says_how_to_install_it(
    module: str,
    package: str,
    settings: dict[str, str],
    extra: str,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.delitem(sys.modules, f"crossthink_data.generate.{module}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'crossthink-data\[{extra}\]'"):
        open_backend(BackendSettings(**settings))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"timeout": 0.0}, "timeout 0"),
        ({"timeout": float("nan")}, "timeout nan"),
        ({"max_in_flight": 0}, "max_in_flight 0"),
        ({"transport": "aiohtp"}, "did you mean aiohttp"),
    ],
)
def test_settings_that_cannot_work_are_refused(changed: dict[str, object], said: str):
    with pytest.raises(RecipeError, match=said):
        open_backend(BackendSettings(kind="endpoint", base_url="h", **changed))
