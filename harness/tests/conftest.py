"""Fixtures of the driver's tests; what they share otherwise is in command_line.py."""

from __future__ import annotations

import fcntl
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bufspec import _engine
from bufspec.run.expectations.files import load_expectations
from command_line import FAKES, REQUESTS, Event, Record, exporters, record, run


@pytest.fixture(scope="session", autouse=True)
def folders_of_their_own() -> Iterator[None]:
    """Runs keep what failed, and the key that they sign with, in a folder of the tests, not in the user's."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_CACHE_HOME", folder)
        patch.setitem(os.environ, "XDG_STATE_HOME", folder)
        yield


SLOW_FIXTURES = {
    *("among_the_fakes", "blameless", "campaign", "clean", "compared", "damaged", "judged", "near", "others"),
    *("packages", "score", "shards", "single", "undisturbed", "undisturbed_run", "whole"),
}
"""Those that judge something once for all tests that look at it."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need a slow fixture are slow, too; of all slow ones `make test` tries one in twelve."""
    for item in items:
        if SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")
    slow = [
        item for item in items if item.get_closest_marker("slow") and not item.get_closest_marker("nightly")
    ]
    for item in sample(slow, 12):
        item.add_marker("sampled")


T = TypeVar("T")
NIGHTLY = pytest.mark.nightly
OF_THEM = ("drawn", pytest.param("all", marks=NIGHTLY))
"""For what judges many in one run: a sample of them, nightly all."""


def sample(
    members: Iterable[T],
    part: int,
    *,
    kind: Callable[[T], object] = lambda one: None,
    always: Callable[[T], bool] = lambda one: False,
) -> list[T]:
    """What `make test-all` tries of a family: of each kind one in `part`, at least one, by a fixed seed.

    Besides those that are always tried; in their order.
    """
    everyone = list(members)
    alike: dict[str, list[int]] = {}
    for place, one in enumerate(everyone):
        alike.setdefault(repr(kind(one)), []).append(place)
    chance = random.Random(20100928)
    few = {place for places in alike.values() for place in chance.sample(places, -(-len(places) // part))}
    return [one for place, one in enumerate(everyone) if place in few or always(one)]


def drawn(members: Iterable[T], part: int, **how: Callable[[T], Any]) -> list[Any]:
    """The members as parameters of a test, a tuple as several: those of the sample, the others nightly."""
    everyone = list(members)
    now = sample(everyone, part, **how)
    return [
        pytest.param(*one if isinstance(one, tuple) else (one,), marks=() if one in now else NIGHTLY)
        for one in everyone
    ]


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


NAMED = (
    *("runtime.*", "stdlib.bytes", "stdlib.testbuffer_[cfps]*", "stdlib.ctypes_*", "numpy.strided"),
    *("numpy.packed_field", "stdlib.a2b_uu", "stdlib.array_frombytes", "stdlib.connection_*"),
    "stdlib.memoryview_[fl]*",
)
"""Subjects whose verdicts tests know by name."""


def of_packages() -> list[str]:
    """Of the subjects with known failures of the same rules a sixteenth, and those that tests name."""
    listed = json.loads(run("subjects", "--format", "json").stdout)["subjects"]
    groups = ("stdlib", "runtime", *(["numpy"] if find_spec("numpy") else []))
    there = [one for one in listed if one["available"] and one["name"].partition(".")[0] in groups]
    known = load_expectations([], _engine.rule_ids(), ours=True).entries

    def kind(one: Event) -> tuple[object, ...]:
        rules = {(entry.rule, entry.outcome) for entry in known if entry.names_subject(one["name"])}
        return one["name"].partition(".")[0], one["target"], sorted(rules)

    def is_named(one: Event) -> bool:
        return any(fnmatchcase(one["name"], glob) for glob in NAMED)

    return [one["name"] for one in sample(there, 16, kind=kind, always=is_named)]


@pytest.fixture(scope="session", params=OF_THEM)
def packages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The record of subjects of the interpreter, the standard library and NumPy; nightly of every one."""

    def made() -> list[Any]:
        every = ["stdlib.*", "runtime.*", *(["numpy.*"] if find_spec("numpy") else [])]
        found = record(*(every if request.param == "all" else of_packages()))
        return [found.code, found.events, found.errors]

    return Record(*made_once(tmp_path_factory, f"packages-{request.param}", made))


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
