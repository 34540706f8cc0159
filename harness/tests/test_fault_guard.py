"""Signals of bad addresses that are not the adapter's own: who had them gets them, in a run and after it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

RUN = """
import ctypes, faulthandler, os, signal, sys, tempfile
from pathlib import Path
from bufspec import _engine
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import CURRENT
from bufspec.run.workspace import load_engine

load_engine(load_rulebook(CURRENT, _engine.rule_ids()), Path(tempfile.mkdtemp()))
cases = _engine.Cases("exporter", CURRENT, operations=("act",))

def judge(act):
    return _engine.trace_case(
        "exporter",
        lambda: bytearray(b"some bytes"),
        cases=cases,
        index=cases.index("mutation.act_while_exported"),
        operations=[("act", act)],
    )

def caught():
    (line,) = [line for line in open("/proc/self/status") if line.startswith("SigCgt")]
    return int(line.split()[1], 16) >> signal.SIGSEGV - 1 & 1
"""


def run(body: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", RUN + body], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "act",
    ["lambda it: ctypes.string_at(0)", "lambda it: os.kill(os.getpid(), signal.SIGSEGV)"],
    ids=["a fault", "a signal that was sent"],
)
@pytest.mark.parametrize("shows", [False, True], ids=["no handler", "faulthandler"])
def test_a_subject_dies_of_its_own_signal(act: str, shows: bool) -> None:
    done = run(f"{'faulthandler.enable()' if shows else ''}\njudge({act})")
    assert done.returncode == -signal.SIGSEGV
    assert done.stderr.count("Segmentation fault") == shows


def test_a_handler_that_takes_the_signal_during_a_run_keeps_it() -> None:
    done = run("judge(lambda it: faulthandler.enable())\njudge(lambda it: ctypes.string_at(0))")
    assert done.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in done.stderr


def test_a_handler_in_python_gets_what_was_sent() -> None:
    done = run(
        "signal.signal(signal.SIGSEGV, lambda *_: print('got it'))\n"
        "seen = judge(lambda it: os.kill(os.getpid(), signal.SIGSEGV))\n"
        "print(seen['violations'])"
    )
    assert (done.returncode, done.stdout) == (0, "got it\n[]\n"), done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which signals are caught")
def test_nothing_is_caught_after_a_run() -> None:
    done = run("before = caught()\njudge(lambda it: print(caught()))\nprint(before, caught())")
    assert done.stdout.split()[-2:] == ["0", "0"], done.stderr
