"""Does `bufspec judge` find what a recorded application broke, and nothing else?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from bufspec.tables.mutant_rows import Exporter
from bufspec.tables.mutants import load_mutants
from command_line import FAKES, run
from test_record import judged, recorded

RELEASES = """
    import ctypes

    class Own(bytearray):
        pass

    class View(ctypes.Structure):
        _fields_ = [("buf", ctypes.c_void_p), ("obj", ctypes.c_void_p), ("rest", ctypes.c_ssize_t * 8)]

    api = ctypes.pythonapi
    api.PyObject_GetBuffer.argtypes = [ctypes.py_object, ctypes.c_void_p, ctypes.c_int]
    api.PyBuffer_Release.argtypes = [ctypes.c_void_p]
    api.PyBuffer_Release.restype = None

    def acquire(it):
        view = View()
        api.PyObject_GetBuffer(it, ctypes.addressof(view), 0)
        return view

    def copied(view):
        copy = View()
        ctypes.memmove(ctypes.addressof(copy), ctypes.addressof(view), ctypes.sizeof(View))
        return copy

    def moved(it):
        view = acquire(it)
        copy = copied(view)
        api.PyBuffer_Release(ctypes.addressof(copy))

    def twice(it):
        view = acquire(it)
        api.Py_IncRef(ctypes.py_object(it))  # the second release takes a reference, too
        copy = copied(view)
        api.PyBuffer_Release(ctypes.addressof(view))
        api.PyBuffer_Release(ctypes.addressof(copy))

    it = Own(8)
    for _ in range(3):
        moved(it)
"""


def test_a_struct_may_be_moved_before_its_release(tmp_path: Path) -> None:
    recorded(tmp_path, RELEASES)
    said = judged(tmp_path)
    assert said["broken"] == []
    assert [one for one in said["held_at_exit"] if one["type"] == "__main__.Own"] == []


@pytest.mark.slow
def test_a_second_release_is_the_consumers_fault(tmp_path: Path) -> None:
    recorded(tmp_path, RELEASES + "\n    twice(it)\n")
    said = judged(tmp_path, code=1)
    (broken,) = said["broken"]
    assert (broken["rule"], broken["by"]) == ("consumer.release.exactly_once", "consumer")
    assert (broken["type"], broken["count"]) == ("__main__.Own", 1)
    assert "(twice)" in broken["places"][0]["frames"][0]
    shown = run("judge", str(tmp_path / "out")).stdout
    assert "a consumer of __main__.Own" in shown
    assert "(twice)" in shown


def test_a_leak_is_named_with_the_place_that_acquired(tmp_path: Path) -> None:
    recorded(tmp_path, RELEASES + "\n    acquire(it)\n")
    said = judged(tmp_path)
    for kind in ("held_at_exit", "never_released"):
        (held,) = [one for one in said[kind] if one["type"] == "__main__.Own"]
        assert held["count"] == 1
        assert "(acquire)" in held["frames"][0]


def found_of_mutants(folder: Path, step: int) -> tuple[dict[str, set[str]], dict[str, Any]]:
    """The rules that each mutant, and each exporter that conforms, was found to break."""
    command = [sys.executable, str(FAKES / "asks_mutants.py"), str(step)]
    done = run("record", "--out", str(folder / "out"), "--", *command)
    assert done.returncode == 0, done.stderr
    judgement = run("judge", str(folder / "out"), "--format", "json", "--fail-on", "none")
    said = json.loads(judgement.stdout)
    found: dict[str, set[str]] = {}
    for one in said["broken"]:
        found.setdefault(one["type"].removeprefix("__main__."), set()).add(one["rule"])
    return found, said


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.nightly)])
@pytest.mark.slow
def test_mutants_are_found_by_their_answers_and_their_twins_are_not(tmp_path: Path, step: int) -> None:
    found, said = found_of_mutants(tmp_path, step)
    table = load_mutants()
    rows = {row.subject: row for row in (*table.twins.values(), *table.conforming)}
    conforming = set(rows)
    alarms = [
        (name, rule)
        for name in found.keys() & conforming
        for rule in found[name]
        if not rows[name].announces(rule)
    ]
    assert alarms == []
    caught = [
        row.subject
        for row in table.mutants
        if isinstance(row, Exporter) and found.get(row.subject, set()) & set(row.caught_by or (row.rule,))
    ]
    assert len(caught) > 60 // step, "a recording sees no bridges, and nothing after operations"
    asked = {name.removeprefix("__main__.") for name in said["types"]}
    assert len(asked & conforming) > 90 // step


CTYPES = """
    import ctypes

    class Packed(ctypes.Structure):
        _pack_ = 1
        _fields_ = [("a", ctypes.c_char), ("b", ctypes.c_int)]

    memoryview((ctypes.c_ubyte * 6)())
    memoryview(Packed())
"""


@pytest.mark.slow
def test_what_expectations_list_is_shown_and_fails_nothing(tmp_path: Path) -> None:
    """ctypes leaves strides NULL where they were asked for; packed structures have the format of one byte
    before 3.12."""
    recorded(tmp_path, CTYPES)
    strides, array = "request.strides.strides_present", "__main__.c_ubyte_Array_6"
    packed = {("format.itemsize.agrees", "__main__.Packed")} if sys.version_info < (3, 12) else set()
    said = judged(tmp_path, code=1 if packed else 0)
    shown = {(one["rule"], one["type"]): one["expected_because"] for one in said["broken"]}
    assert shown.keys() == {(strides, array), *packed}
    assert "ctypes" in shown[strides, array]
    assert all(shown[one] is None for one in packed)
    known = tmp_path / "known.yaml"
    known.write_text(
        "expectations:\n"
        "  - {subject: '__main__.Packed', rule: format.itemsize.agrees, reason: of this test,\n"
        "     link: 'https://example.org'}\n",
        encoding="utf-8",
    )
    out = str(tmp_path / "out")
    done = run("judge", out, "--expectations", str(known))
    assert done.returncode == 0, done.stdout
    assert f"no rule broken, {len(shown)} broken as expected" in done.stdout
    none = run("judge", out, "--no-expectations")
    assert none.returncode == 1 and f"{len(shown)} rule{'s' * (len(shown) > 1)} broken" in none.stdout
    missing = run("judge", out, "--expectations", "no-such.yaml")
    assert missing.returncode == 2 and "no-such.yaml" in missing.stderr
