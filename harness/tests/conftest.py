"""Fixtures of the driver's tests; what they share otherwise is in command_line.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from command_line import REQUESTS, Event, exporters, record


@pytest.fixture(scope="session")
def undisturbed() -> Event:
    """What the fake exporter comes to in the cases of requests when it does nothing bad."""
    (subject,) = record(*exporters(["exporter(-1, abort)"]), *REQUESTS).subjects.values()
    return subject
