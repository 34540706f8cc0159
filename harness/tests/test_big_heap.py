"""Does what a subject leaves in memory cost its judging little?

Each collection would look through all of it again.  A first call may import half the world, and a subject
that leaks leaves more with each case.
"""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from command_line import run_anew

SUBJECTS = """
from bufspec.declare import consumer, exporter

heap = []

def grow(count):
    if not heap:
        heap.extend(make(n) for n in range(count))

def dicts(n):
    return {"n": [n]}

class Node:
    def __init__(self, n):
        self.itself, self.n = self, n

def closures(n):
    return lambda: (n, [n])

@consumer("own.light")
def light(memory):
    return bytes(memoryview(memory))

@consumer("own.heavy")
def heavy(memory):
    grow(150_000)
    return bytes(memoryview(memory))

exporter("own.light_exporter")(lambda: bytearray(64))

@exporter("own.heavy_exporter")
def heavy_exporter():
    grow(150_000)
    return bytearray(64)
"""


def seconds_for(name: str, file: Path) -> float:
    """Of the processor, for judging one subject."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run_anew("check", "--subjects", str(file), "--no-expectations", "--jobs", "1", name)
    assert done.returncode == 0, done.stdout + done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.nightly
@pytest.mark.parametrize("made", ["dicts", "Node", "closures"])
@pytest.mark.parametrize("kind", ["", "_exporter"])
def test_a_big_heap_costs_little(made: str, kind: str, tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(SUBJECTS + f"\nmake = {made}\n", encoding="utf-8")
    light, heavy = (seconds_for(f"own.{one}{kind}", file) for one in ("light", "heavy"))
    assert heavy < 2 * light + 2.0
