"""Are other interfaces to an exporter's memory, and what they hand out, held against its buffer?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bufspec import _engine
from bufspec.bridges import array
from bufspec.bridges.memory import Seen, same_memory, same_type, type_of
from bufspec.words import CHECKS_OF_BRIDGES
from bufspec.worker.bridge_checks import NAMES, checks
from command_line import record, run
from conftest import drawn

RIGHT = ("", "")
AREA = ("--rule", "bridge.*", "--case", "bridge.*")


def broken(make: object) -> dict[str, tuple[str, str]]:
    """What the checks find wrong with such objects."""
    found = {rule: check(make) for rule, check in checks().items()}  # type: ignore[arg-type]
    return {rule: one for rule, one in found.items() if one not in (None, RIGHT) and one is not None}


def test_each_rule_has_a_check() -> None:
    assert set(checks()) == set(CHECKS_OF_BRIDGES) == set(_engine.rules_of_checks("bridge."))
    assert all(any(rule.startswith(area) for area in NAMES) for rule in checks())


ARRAYS: dict[str, Callable[[], object]] = {
    "c": lambda: np.arange(12, dtype="i4").reshape(3, 4),
    "strided": lambda: np.arange(12.0).reshape(3, 4)[::-1, ::2],
    "fortran": lambda: np.arange(12, dtype="u2").reshape(3, 4).T,
    "swapped": lambda: np.arange(3, dtype=">i8"),
    "record": lambda: np.zeros(3, [("a", "i4"), ("b", "f8")]),
    "complex": lambda: np.array(1j),
    "empty": lambda: np.zeros((0, 3), bool),
    "text": lambda: np.zeros(2, "U3"),
    "objects": lambda: np.zeros(2, "O"),
    "readonly": lambda: np.frombuffer(b"read-only", "u1"),
}


@pytest.mark.parametrize("name", drawn(ARRAYS, 3))
@pytest.mark.slow
def test_arrays_of_numpy_keep_all_rules(name: str) -> None:
    assert broken(ARRAYS[name]) == {}


@pytest.mark.slow
def test_a_run_judges_what_an_object_has_and_skips_the_rest() -> None:
    found = record("--exporter", "numpy:arange(6)", "stdlib.bytearray", *AREA).subjects
    rules = {name: one["rules"] for name, one in found.items()}
    mine = rules["numpy:arange(6)"]
    assert {one["outcome"] for name, one in mine.items() if "arrow" not in name} == {"pass"}
    assert mine["bridge.arrow.same_memory"]["reason"] == "no case applies"
    assert {one["outcome"] for one in rules["stdlib.bytearray"].values()} == {"skip"}


FAULTY = """
import array
from bufspec.declare import exporter

class Late(array.array):
    @property
    def __array_interface__(self):
        shape, start = (len(self) - 1,), self.buffer_info()[0]
        return {"version": 3, "shape": shape, "typestr": "<i4", "data": (start + 4, False)}

class Refusing(bytearray):
    def __dlpack__(self, **given):
        raise BufferError("not today")

    @property
    def __array_interface__(self):
        raise AttributeError("nor this")

class Nonsense(bytearray):
    __array_interface__ = {"shape": 3}
    __array_struct__ = "no capsule"

    def __arrow_c_array__(self):
        return 1, 2

exporter("mine.late")(lambda: Late("i", range(6)))
exporter("mine.refusing")(lambda: Refusing(b"abcdef"))
exporter("mine.nonsense")(lambda: Nonsense(b"abcdef"))
"""


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    file = tmp_path / "mine.py"
    file.write_text(FAULTY, encoding="utf-8")
    return file


@pytest.mark.slow
def test_what_is_refused_is_not_judged_and_nonsense_is_broken(faulty: Path) -> None:
    found = record("--subjects", str(faulty), *AREA).subjects
    outcomes = {
        name: {r for r, one in of["rules"].items() if one["outcome"] == "fail"} for name, of in found.items()
    }
    same = "bridge.array_interface.same_memory"
    struct = "bridge.array_struct.same_memory"
    assert outcomes == {"mine.late": {same}, "mine.refusing": set(), "mine.nonsense": {same, struct}}


@pytest.mark.slow
def test_a_break_is_replayed_and_shown_without_bufspec(faulty: Path, tmp_path: Path) -> None:
    case = "mine.late/bridge.array_interface_same_memory"
    shown = run("replay", case, "--subjects", str(faulty), "--standalone", str(tmp_path / "shown.py"))
    assert "shape (6,)" in shown.stdout and "shape (5,)" in shown.stdout, shown.stdout
    text = (tmp_path / "shown.py").read_text(encoding="utf-8")
    assert "import bufspec" not in text and "from bufspec.worker" not in text
    done = subprocess.run(
        [sys.executable, tmp_path / "shown.py"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "broken: bridge.array_interface.same_memory" in done.stdout) == (1, True), done


def test_formats_and_typestrs_are_compared_as_far_as_both_speak() -> None:
    assert [type_of(one) for one in (">i", "=H", "Zd", "3s", "4i", "T{i:a:}", "?")][:4] == [
        ("i", ">"),
        ("u", array.NATIVE),
        ("c", array.NATIVE),
        ("S", array.NATIVE),
    ]
    assert type_of("4i") == type_of("T{i:a:}") == ("", "")
    four, other = Seen(64, (2, 3), (12, 4), 4, "i", "<"), Seen(64, (2, 3), (12, 4), 4, "i", ">")
    assert same_type(four, other) == ("integer of 4 bytes, little-endian", "integer of 4 bytes, big-endian")
    assert (
        same_type(four, other._replace(order=""))
        == same_type(four, other._replace(kind="", order=""))
        == RIGHT
    )
    assert same_type(four, four._replace(itemsize=8)) not in (None, RIGHT)


def test_memory_is_the_same_where_all_elements_are() -> None:
    one = Seen(64, (2, 1, 3), (12, 99, 4), 4)
    assert same_memory(one, one._replace(strides=(12, 0, 4))) == RIGHT  # an extent of 1 has no next element
    assert same_memory(one, one._replace(address=68)) == (
        "the memory of the buffer",
        "memory +4 bytes from it",
    )
    assert same_memory(one, one._replace(address=1 << 40)) == ("the memory of the buffer", "other memory")
    empty = Seen(0, (0, 3), (12, 4), 4)
    assert same_memory(empty, empty._replace(address=4096, strides=(1, 1))) == RIGHT
    flat = Seen(64, (24,), (1,), 1, "u")
    assert same_memory(flat, one) == RIGHT
    for outside in (
        one._replace(shape=(2, 1, 4)),
        one._replace(address=60),
        one._replace(strides=(-12, 0, 4)),
        one._replace(address=1 << 40),
    ):
        assert same_memory(flat, outside) not in (None, RIGHT)


def test_plain_bytes_may_be_more_than_the_elements() -> None:
    """As those of a plane of an image are, whose rows are padded."""
    plane = Seen(64, (32,), (1,), 1, "u")
    rows = Seen(64, (2, 4), (16, 1), 1, "u")
    assert same_memory(plane, rows) == same_memory(plane, rows._replace(address=68)) == RIGHT
    assert same_memory(plane, rows._replace(address=80, strides=(-16, 1))) == RIGHT
    assert same_memory(plane, rows._replace(shape=(3, 4))) not in (None, RIGHT)
    assert same_memory(plane, Seen(65, (31,), (1,), 1, "u")) == RIGHT, "there may be a header"
    assert same_memory(plane, Seen(65, (32,), (1,), 1, "u")) not in (None, RIGHT)


ENDING = """
import ctypes
import os
from bufspec.declare import exporter

class Tensor(bytearray):
    ends = None

    def __dlpack__(self, **given):
        self.ends()

    def __dlpack_device__(self):
        return 1, 0

class Crashing(Tensor):
    def ends(self): ctypes.string_at(1)

class Exiting(Tensor):
    def ends(self): os._exit(3)

class Leaving(Tensor):
    def ends(self): raise SystemExit(3)

class Interrupted(Tensor):
    def ends(self): raise KeyboardInterrupt

exporter("mine.crashing")(lambda: Crashing(b"abcdef"))
exporter("mine.exiting")(lambda: Exiting(b"abcdef"))
exporter("mine.leaving")(lambda: Leaving(b"abcdef"))
exporter("mine.interrupted")(lambda: Interrupted(b"abcdef"))
"""


@pytest.fixture
def ending(tmp_path: Path) -> Path:
    file = tmp_path / "mine.py"
    file.write_text(ENDING, encoding="utf-8")
    return file


@pytest.mark.slow
def test_what_an_interface_raises_is_named_and_told_once(ending: Path) -> None:
    done = run("check", "--subjects", str(ending), *AREA, "--no-config", "mine.leaving", "mine.interrupted")
    told = [line.strip() for line in done.stdout.splitlines() if "  (required" in line or "  found  " in line]
    assert told == [
        "bridge.dlpack.same_memory  (required, memory_safety)",
        "found     SystemExit raised  (for mine.leaving)",
    ], done
    assert "also      bridge.dlpack." in done.stdout and "BufferError" in done.stdout


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("crashing", "status -11"),
        ("exiting", "status 3"),
        ("leaving", "SystemExit raised"),
        ("interrupted", "KeyboardInterrupt raised"),
    ],
)
@pytest.mark.slow
def test_a_script_shows_an_interface_that_ends_its_process_or_raises_no_refusal(
    name: str, found: str, ending: Path, tmp_path: Path
) -> None:
    script = tmp_path / "shown.py"
    case = f"mine.{name}/bridge.dlpack_same_memory"
    shown = run("replay", case, "--subjects", str(ending), "--standalone", str(script))
    assert shown.returncode == 1, shown.stdout + shown.stderr
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.returncode, found in done.stdout) == (1, True), done
