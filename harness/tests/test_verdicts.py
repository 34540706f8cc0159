"""Are the verdicts on real packages the ones that are known?

What is asserted here was established outside bufspec; a change is one of the package, or a defect of ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from command_line import Event, Record, record, run

needs_numpy = pytest.mark.skipif(find_spec("numpy") is None, reason="NumPy is not installed")
needs_testbuffer = pytest.mark.skipif(find_spec("_testbuffer") is None, reason="_testbuffer is not installed")


def of_package(found: Record, package: str, target: str) -> dict[str, Event]:
    subjects = found.subjects.items()
    return {name: one for name, one in subjects if name.startswith(f"{package}.") and one["target"] == target}


def broken(found: Record, subject: str) -> set[str]:
    return {id_ for id_, rule in found.subjects[subject]["rules"].items() if rule["failed"]}


def test_ctypes_gives_a_format_that_was_not_asked_for(packages: Record) -> None:
    for name in of_package(packages, "stdlib", "exporter"):
        if name.startswith("stdlib.ctypes_"):
            assert "request.format.absent" in broken(packages, name)


def test_ctypes_arrays_have_no_strides(packages: Record) -> None:
    assert "request.strides.strides_present" in broken(packages, "stdlib.ctypes_array")
    assert "request.strides.strides_present" in broken(packages, "stdlib.ctypes_array_2d")


def test_ctypes_grants_fortran_order_on_c_data(packages: Record) -> None:
    assert "request.f_contiguous.refused_if_not" in broken(packages, "stdlib.ctypes_array_2d")


def test_everything_else_in_the_standard_library_conforms(packages: Record) -> None:
    breaking = [
        name
        for name, one in of_package(packages, "stdlib", "exporter").items()
        if one["conforms"] is not True
    ]
    assert all(name.startswith("stdlib.ctypes_") for name in breaking)
    consumers = of_package(packages, "stdlib", "consumer")
    assert {name for name, one in consumers.items() if one["conforms"] is False} == {
        "stdlib.a2b_uu",
        "stdlib.array_frombytes",
        "stdlib.connection_recv_bytes_into",
        "stdlib.connection_send_bytes",
        "stdlib.memoryview_first",
        "stdlib.memoryview_last",
    }
    assert packages.foot["complete"] is True


def test_bytes_leaves_obj_untouched_when_it_refuses(packages: Record) -> None:
    assert packages.subjects["stdlib.bytes"]["rules"]["error.obj.null_on_failure"]["reading"] == "untouched"


@needs_testbuffer
@pytest.mark.parametrize("kind", ["c", "fortran", "pil", "strided"])
def test_the_exporter_of_cpythons_own_tests_passes_every_required_rule(packages: Record, kind: str) -> None:
    subject = packages.subjects[f"stdlib.testbuffer_{kind}"]
    required = [rule for rule in subject["rules"].values() if rule["level"] == "required"]
    assert subject["conforms"] is True
    assert {rule["outcome"] for rule in required} <= {"pass", "skip"}


def test_all_three_directions_of_the_seam_are_judged(packages: Record) -> None:
    targets = {one["target"] for one in packages.subjects.values() if one["cases"]}
    assert targets == {"exporter", "consumer", "function"}


@needs_numpy
def test_numpy_refuses_with_value_error(packages: Record) -> None:
    assert packages.subjects["numpy.strided"]["rules"]["error.type.buffer_error"]["reading"] == "value_error"


@needs_numpy
def test_numpy_arrays_conform(packages: Record) -> None:
    found = of_package(packages, "numpy", "exporter")
    arrays = {name: one for name, one in found.items() if not name.startswith("numpy.scalar_")}
    assert arrays
    assert [name for name, one in arrays.items() if one["conforms"] is not True] == []


@needs_numpy
@pytest.mark.slow
def test_there_are_arrays_of_numpy_enough() -> None:
    listed = json.loads(run("subjects", "--format", "json").stdout)["subjects"]
    exporters = [one["name"] for one in listed if one["available"] and one["target"] == "exporter"]
    arrays = [name for name in exporters if name.startswith("numpy.") and "numpy.scalar_" not in name]
    assert len(arrays) >= 20


@needs_numpy
def test_packed_fields_of_numpy_are_legal(packages: Record) -> None:
    assert broken(packages, "numpy.packed_field") == set()


def replayed(found: Record) -> Iterator[tuple[str, str, str]]:
    """One failure of each subject and rule: its rule, subject and replay command."""
    seen = set()
    for event in found.named("case-failed"):
        if (event["subject"], event["rule"]) not in seen:
            seen.add((event["subject"], event["rule"]))
            yield event["rule"], event["subject"], event["replay"]


@pytest.mark.slow
def test_the_replay_command_of_a_failure_shows_the_failure() -> None:
    found = record("stdlib.ctypes_array_2d")
    for rule, subject, command in replayed(found):
        words = command.split()
        assert words[:2] == ["bufspec", "replay"]
        assert words[2].startswith(f"{subject}/")
        done = run(*words[1:], seconds=60)
        assert done.returncode == 1
        assert f"broken: {rule}" in done.stdout
