"""Fixtures of the driver's tests; what they share otherwise is in command_line.py."""

from __future__ import annotations

import fcntl
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from command_line import FAKES, REQUESTS, Event, Record, exporters, record


@pytest.fixture(scope="session", autouse=True)
def folders_of_their_own() -> Iterator[None]:
    """Runs keep what failed, and the key that they sign with, in a folder of the tests, not in the user's."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_CACHE_HOME", folder)
        patch.setitem(os.environ, "XDG_STATE_HOME", folder)
        yield


def drawn(names: Iterable[str], most: int) -> list[Any]:
    """Names as parameters of a test: `most` of them by a fixed seed, the others nightly."""
    everyone = list(names)
    now = random.Random(20100928).sample(everyone, most)
    return [name if name in now else pytest.param(name, marks=pytest.mark.nightly) for name in everyone]


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[], Any]) -> Any:
    """What `make` gives, as JSON keeps it: made by one of the processes that the tests are spread over."""
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    kept = folder / f"{name}.json"
    with open(folder / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_text(json.dumps(make()), encoding="utf-8")
        return json.loads(kept.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The record of every subject of the interpreter, the standard library and NumPy."""

    def made() -> list[Any]:
        found = record("stdlib.*", "runtime.*", *(["numpy.*"] if find_spec("numpy") else []))
        return [found.code, found.events, found.errors]

    return Record(*made_once(tmp_path_factory, "packages", made))


@pytest.fixture(scope="session")
def undisturbed() -> Event:
    """What the fake exporter comes to in the cases of requests when it does nothing bad."""
    (subject,) = record(*exporters(["exporter(-1, abort)"]), *REQUESTS).subjects.values()
    return subject


@pytest.fixture(scope="module")
def among_the_fakes() -> Iterator[None]:
    """The fakes are in the working directory, where runs in this process import them from."""
    before = Path.cwd()
    os.chdir(FAKES)
    yield
    os.chdir(before)


@pytest.fixture(scope="module")
def blameless(among_the_fakes: None) -> Event:
    """What the exporter comes to that does nothing, in a run of this process."""
    from runs_here import BLAMELESS, judged

    (subject,) = judged(BLAMELESS).subjects.values()
    return subject


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print for each row of hostile inputs how many were tried and how many held."""
    rows: dict[str, list[bool]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for key, row in getattr(report, "user_properties", ()):
                if key == "row" and report.when == "call":
                    rows.setdefault(row, []).append(outcome == "passed")
    if rows:
        terminalreporter.section("hostile inputs: tried / held")
        for row, held in sorted(rows.items()):
            terminalreporter.write_line(f"{row:<12}{len(held):>6} /{sum(held):>6}")
