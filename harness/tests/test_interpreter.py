"""Does the one wheel work on this interpreter?

Run on every CPython from 3.11 on (marker `interpreter`), with pytest, the wheel and nothing else.  Asks for
little: the extension loads, judges, and finds what is known of objects that every CPython has.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(sys.executable).with_name("bufspec")

pytestmark = pytest.mark.interpreter


def check(out: Path, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Runs `bufspec check` and returns its exit code and the finished subjects by name."""
    command = [str(COMMAND), "check", *arguments, "--out", str(out), "--format", "json"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    events = [json.loads(line) for line in (out / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert events[-1]["event"] == "run-finished"
    assert events[-1]["complete"] is True
    return run.returncode, {e["subject"]: e for e in events if e["event"] == "subject-finished"}


def test_the_extension_is_the_abi3_build_and_loads() -> None:
    from bufspec import _engine

    assert ".abi3." in Path(_engine.__file__).name
    assert len(_engine.rule_ids()) == len(set(_engine.rule_ids())) > 40


@pytest.mark.slow
def test_a_bytearray_conforms(tmp_path: Path) -> None:
    # 3.13.0 answers the reserved words, sent to the slot directly, with an unfilled struct (cpython#126980).
    tried = [word for area in ("request", "data", "lifetime", "mutation") for word in ("--case", f"{area}.*")]
    code, subjects = check(tmp_path, "stdlib.bytearray", *tried)
    assert code == 0
    assert subjects["stdlib.bytearray"]["conforms"] is True


@pytest.mark.slow
def test_a_ctypes_array_breaks_what_it_is_known_to_break(tmp_path: Path) -> None:
    code, subjects = check(tmp_path, "--exporter", "ctypes:(c_int * 3)()")
    assert code == 1
    (subject,) = subjects.values()
    assert subject["conforms"] is False
    assert subject["rules"]["request.strides.strides_present"]["outcome"] == "fail"


RELEASING = """
from bufspec.declare import exporter

class Quiet:
    def __init__(self):
        self.memory = bytearray(b"abcdef")

    def __buffer__(self, flags):
        return memoryview(self.memory)

    def __release_buffer__(self, view):
        view.release()

class Raising(Quiet):
    def __release_buffer__(self, view):
        raise ValueError("by the release")

exporter("own.quiet")(Quiet)
exporter("own.raising")(Raising)
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="classes export from 3.12 on")
def test_what_a_release_in_python_raises_is_judged(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(RELEASING, encoding="utf-8")
    code, subjects = check(tmp_path / "out", "--subjects", str(tmp_path / "own.py"), "own.*")
    broken = {
        name: [rule for rule, one in found["rules"].items() if one["failed"]]
        for name, found in subjects.items()
    }
    assert broken == {"own.quiet": [], "own.raising": ["error.release.indicator_kept"]}
    assert code == 0


@pytest.mark.slow
def test_a_fault_of_the_slot_is_known_of_every_object_that_has_it(tmp_path: Path) -> None:
    expression = "builtins:type('Mine', (bytearray,), {})(b'abc')"
    code, subjects = check(tmp_path, "--exporter", expression, "stdlib.bytearray")
    assert code == 0
    reasons = {
        name: {one["because"] for one in found["rules"].values() if one["failed"]}
        for name, found in subjects.items()
    }
    assert len(set(map(frozenset, reasons.values()))) == 1 and all(len(one) <= 1 for one in reasons.values())
