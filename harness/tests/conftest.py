"""Fixtures of the driver's tests; what they share otherwise is in command_line.py."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from command_line import FAKES, REQUESTS, Event, exporters, record


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own() -> Iterator[None]:
    """Runs remember what failed in a folder of the tests, not in that of the user."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_CACHE_HOME", folder)
        yield


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
