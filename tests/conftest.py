"""What holds for every test: the numbers that repeat a run are printed, nothing is written outside a temporary folder.

Chance comes from two places: the order of sets (PYTHONHASHSEED, new each run) and hypothesis (the same examples each
run). `random` starts from the same number in every test, so that a test alone does what it does among the others.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import hypothesis.configuration
import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = ("e2e", "desks", "ui", "cli")
SEED = int(os.environ.get("CUNBAO_SEED", "20250101"))

if screens := os.environ.get("CUNBAO_SCREENS"):  # of a run by several processes: windows share a screen with no other
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ["DISPLAY"] = screens.split(",")[worker % len(screens.split(","))]

hypothesis.configuration.set_hypothesis_home_dir(ROOT / "var" / "hypothesis")
hypothesis.settings.register_profile("cunbao", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.load_profile("cunbao")


def pytest_report_header() -> list[str]:
    order = os.environ.get("PYTHONHASHSEED", "random")
    return [
        f"seeds: PYTHONHASHSEED={order} CUNBAO_SEED={SEED}, hypothesis derandomized",
        f"repeat with: PYTHONHASHSEED={order} CUNBAO_SEED={SEED} python3 build/dev.py test",
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: what is taken from the queue last is short, so that no process ends long before another."""
    ranks = {folder: rank for rank, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(ranks)))


@pytest.fixture(scope="session", autouse=True)
def nothing_dropped() -> Iterator[None]:
    """No test, and nothing of the program it runs, leaves a file where the tests were started."""
    before = set(ROOT.iterdir())
    yield
    left = {path.name for path in set(ROOT.iterdir()) - before} - {"var", ".venv"}
    assert not left, f"left in the root of the project: {', '.join(sorted(left))}"


@pytest.fixture(autouse=True)
def same_chance() -> int:
    """`random` starts anew for each test; the value is the seed, for builders with a `Random` of their own."""
    random.seed(SEED)
    return SEED


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own: the settings and workspaces of whoever runs the tests are never read or written."""
    home = tmp_path_factory.mktemp("home", numbered=True)
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.split("_")[1].lower()))
    return home
