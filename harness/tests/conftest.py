"""Fixtures of the driver's tests; what they share otherwise is in command_line.py."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from command_line import Event, exporters, record


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own() -> Iterator[None]:
    """Runs remember what failed in a folder of the tests, not in that of the user."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_CACHE_HOME", folder)
        yield


@pytest.fixture(scope="session")
def undisturbed() -> Event:
    """What the fake exporter comes to when it does nothing bad."""
    (subject,) = record(*exporters(["exporter(-1, abort)"])).subjects.values()
    return subject
