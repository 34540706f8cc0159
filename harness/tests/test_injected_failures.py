"""Can every allocation and system call of the engine fail without a crash, a leak or another verdict?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import made_once

HERE = Path(__file__).resolve().parent / "injected"

RUNS = (
    "exporter",
    "often",
    "wrong_exporter",
    "views",
    "consumer",
    "wrong_consumer",
    "tables",
    "case_list",
    "one_case",
    "objects",
)
DRAWN = 2
"""How many values of N are tried for each run and kind of call."""
MOST_OFTEN = 500
"""How many the nightly run tries where calls repeat; it tries all of the others."""


@pytest.fixture(scope="session")
def preload(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The library that makes calls fail."""
    if sys.platform != "linux" or shutil.which("c++") is None:
        pytest.skip("needs Linux and a C++ compiler")

    def make() -> str:
        library = tmp_path_factory.mktemp("injected") / "fail_nth.so"
        command = ["c++", "-std=c++20", "-O1", "-fPIC", "-shared", "-fno-builtin", str(HERE / "fail_nth.cpp")]
        subprocess.run([*command, "-o", str(library), "-ldl"], check=True)
        return str(library)

    return str(made_once(tmp_path_factory, "fail_nth", make))


def rows(preload: str, run: str, most: int) -> dict[str, tuple[int, int, int]]:
    """Calls, tried and held for each kind of call."""
    command = [sys.executable, str(HERE / "sweep.py"), str(most), run]
    environment = os.environ | {"LD_PRELOAD": preload}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    split = [line.split() for line in done.stdout.splitlines()]
    return {kind: (int(calls), int(tried), int(held)) for _, kind, calls, tried, held in split}


def check(preload: str, run: str, most: int) -> None:
    found = rows(preload, run, most)
    for kind, (calls, tried, held) in found.items():
        assert held == tried, f"{run}, {kind}: {held} of {tried} held"
        assert tried == min(calls, tried)
    assert sum(calls for calls, _, _ in found.values()), "no call was seen, so none failed"


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.slow
def test_a_drawn_call_fails_well(preload: str, run: str) -> None:
    check(preload, run, DRAWN)


@pytest.mark.nightly
@pytest.mark.parametrize("run", RUNS)
def test_every_call_fails_well(preload: str, run: str) -> None:
    check(preload, run, MOST_OFTEN if run == "often" else 0)
