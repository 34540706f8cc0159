"""Does a replay show one case completely, and say so when there is none?"""

from __future__ import annotations

import json

from command_line import run

CASE = "request.word_0x018"


def test_a_clean_case_ends_with_0_and_shows_every_field() -> None:
    done = run("replay", "stdlib.bytearray", CASE)
    assert done.returncode == 0
    for field in ("len", "itemsize", "readonly", "ndim", "format", "shape", "strides", "suboffsets", "obj"):
        assert field in done.stdout
    assert "STRIDES" in done.stdout


def test_a_broken_case_shows_expected_and_found() -> None:
    done = run("replay", "stdlib.ctypes_array", CASE)
    assert done.returncode == 1
    assert "broken: request.strides.strides_present" in done.stdout
    assert "strides NULL" in done.stdout


def test_an_expression_is_replayed_by_option_or_as_the_subject() -> None:
    expression = "ctypes:(c_int * 3)()"
    by_option = run("replay", "--exporter", expression, CASE)
    assert by_option.returncode == 1
    assert run("replay", expression, CASE).stdout == by_option.stdout


def test_consumers_and_functions_are_replayed_too() -> None:
    for subject in ("stdlib.memoryview_tobytes", "stdlib.PyBuffer_IsContiguous"):
        listing = json.loads(run("check", subject, "--list", "--format", "json").stdout)
        ((_, planned),) = listing["targets"].items()
        done = run("replay", subject, planned["cases"][3], "--format", "json")
        assert done.returncode == 0
        assert json.loads(done.stdout)["trace"]["steps"]


def test_an_unknown_case_or_subject_is_refused_with_a_hint() -> None:
    case = run("replay", "stdlib.bytes", "request.word_0x1")
    assert (case.returncode, "did you mean request.word_0x" in case.stderr) == (2, True)
    subject = run("replay", "stdlib.byte", CASE)
    assert (subject.returncode, "did you mean stdlib.bytes" in subject.stderr) == (2, True)
    assert run("replay", "stdlib.bytes").returncode == 2
    several = run("replay", "stdlib.b*", CASE)
    assert (several.returncode, "means several" in several.stderr) == (2, True)
