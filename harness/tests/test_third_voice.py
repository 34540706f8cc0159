"""Does live CPython say what the tables and the reference say?

Tables and reference state the protocol independently; this interpreter is the third voice.  It may differ
only where a rule names several readings, or where a page of spec/decisions explains the difference.
Judges no subject.
"""

from __future__ import annotations

import copy
import importlib
import itertools
import math
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bufspec.tables.rulebook import load_rulebook
from known_here import DIES, FAILS, in_tables

_engine: Any = importlib.import_module("bufspec._engine")

pytestmark = pytest.mark.interpreter

DECISIONS = Path(__file__).resolve().parents[2] / "spec" / "decisions"

# What explains a difference; each of them is met within the short bound.
DECIDED = {
    "copy_data_writes_the_first_element_last",
    "memoryview_keeps_negative_suboffsets",
    "to_contiguous_follows_pointers_to_nothing",
}
KNOWN, DEADLY = in_tables(FAILS), (in_tables(DIES),)
CONTESTED = {"error.obj.null_on_failure", "layout.contiguous.empty"}
FUNCTIONS = {
    "PyBuffer_FillContiguousStrides",
    "PyBuffer_FillInfo",
    "PyBuffer_FromContiguous",
    "PyBuffer_GetPointer",
    "PyBuffer_IsContiguous",
    "PyBuffer_SizeFromFormat",
    "PyBuffer_ToContiguous",
    "PyObject_CopyData",
    "memoryview",
    "memoryview of the reference",
}


@pytest.fixture(scope="module")
def trees() -> Any:
    """The trees of all tables, which the engine works with from here on."""
    loaded = load_rulebook("current", _engine.rule_ids()).trees
    _engine.load_tables(loaded)
    return loaded


def ndarray_of(testbuffer: Any, layout: dict[str, Any]) -> Any:
    """The layout as an ndarray of _testbuffer, None where that cannot describe it."""
    try:
        values = struct.unpack(layout["format"], bytes(layout["itemsize"]))
        item = values[0] if len(values) == 1 else values
        described = indirect_ndarrays if "suboffsets" in layout else direct_ndarrays
        arrays = [one for one in described(testbuffer, layout, item) if is_described(one, layout)]
    except (TypeError, ValueError, struct.error):
        return None
    return arrays[0] if arrays else None


def direct_ndarrays(testbuffer: Any, layout: dict[str, Any], item: Any) -> Iterator[Any]:
    """The one array with these strides."""
    shape, itemsize = layout["shape"], layout["itemsize"]
    flags = 0 if layout.get("readonly") else testbuffer.ND_WRITABLE
    if not shape:
        yield testbuffer.ndarray(item, shape=[], format=layout["format"], flags=flags)
        return
    block = layout.get("block", itemsize * max(1, math.prod(shape)))
    keywords = {key: layout[key] for key in ("strides", "offset") if key in layout}
    items = [item] * -(-block // itemsize)
    yield testbuffer.ndarray(items, shape=shape, format=layout["format"], flags=flags, **keywords)


def indirect_ndarrays(testbuffer: Any, layout: dict[str, Any], item: Any) -> Iterator[Any]:
    """Parts of tables of rows: each extent whole, cut at the front, every second of it, or backwards."""
    flags = testbuffer.ND_PIL if layout.get("readonly") else testbuffer.ND_PIL | testbuffer.ND_WRITABLE
    parts = [
        [(n, slice(None)), (n + 1, slice(1, None)), (2 * n, slice(None, None, 2)), (n, slice(None, None, -1))]
        for n in layout["shape"]
    ]
    for chosen in itertools.product(*parts):
        shape = [extent for extent, _ in chosen]
        items = [item] * max(1, math.prod(shape))
        whole = testbuffer.ndarray(items, shape=shape, format=layout["format"], flags=flags)
        cuts = tuple(cut for _, cut in chosen)
        yield whole if all(cut == slice(None) for cut in cuts) else whole[cuts if len(cuts) > 1 else cuts[0]]


def is_described(array: Any, layout: dict[str, Any]) -> bool:
    """Whether the array came out as the layout says."""
    strides = layout.get("strides", list(array.strides))
    return (
        (list(array.shape), list(array.strides)) == (layout["shape"], strides)
        and list(array.suboffsets) == layout.get("suboffsets", [])
        and array.itemsize == layout["itemsize"]
        and array.readonly == layout.get("readonly", False)
    )


@pytest.fixture(scope="module")
def ndarrays(trees: Any) -> list[tuple[str, Any]]:
    """Named layouts as ndarrays of _testbuffer; none where this interpreter has no such module."""
    try:
        testbuffer = importlib.import_module("_testbuffer")
    except ImportError:
        return []
    made = [(row["name"], ndarray_of(testbuffer, row)) for row in trees["layouts.yaml"]["layouts"]]
    return [(name, array) for name, array in made if array is not None]


@pytest.fixture(scope="module")
def compared(ndarrays: list[tuple[str, Any]]) -> dict[str, Any]:
    """The comparison within the short bound."""
    result: dict[str, Any] = _engine.compare_with_cpython("short", testbuffer=ndarrays)
    return result


@pytest.mark.slow
def test_reference_and_interpreter_agree_within_the_short_bound(compared: dict[str, Any]) -> None:
    assert compared["disagreements"] == []
    assert compared["disagreement_count"] == 0
    assert compared["runtime"] == sys.hexversion
    assert set(compared["compared"]) - {"testbuffer"} == FUNCTIONS
    words = compared["layouts"] * 1024
    assert words > 10_000_000
    assert compared["compared"]["memoryview"] == words


@pytest.mark.nightly
def test_reference_and_interpreter_agree_within_the_full_bound(ndarrays: list[tuple[str, Any]]) -> None:
    full: dict[str, Any] = _engine.compare_with_cpython("full", testbuffer=ndarrays)
    assert full["disagreements"] == []
    assert full["disagreement_count"] == 0
    assert set(full["contested"]) == CONTESTED


def test_what_differs_is_contested_by_name(compared: dict[str, Any]) -> None:
    assert set(compared["contested"]) == CONTESTED
    # Empty lines of another stride than the itemsize: memoryview takes them for not contiguous.
    assert compared["contested"]["layout.contiguous.empty"] < compared["compared"]["memoryview"] / 1000


def test_what_else_differs_has_its_page(compared: dict[str, Any]) -> None:
    assert set(compared["decided"]) == DECIDED
    assert [page for page in DECIDED if not (DECISIONS / f"{page}.md").is_file()] == []


def test_every_case_of_the_tables_holds_here(trees: Any) -> None:
    result = _engine.run_table_cases(DEADLY)
    assert [text for text in result["failed"] if not text.startswith(KNOWN)] == []
    assert result["run"] > 500
    without = {call for call in result["no_counterpart"] if not call.startswith("compound_value")}
    assert without <= {"copy_to_object", "format_size_pep3118", "formats_equal"}
    assert (result["later_runtime"] == 0) == (sys.version_info >= (3, 13))


def falsified(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case int():
            return value ^ 1
        case list():
            return [*value, -7]
        case _:
            return f"not {value}"


@pytest.mark.parametrize("which", [0, -1], ids=["first key", "last key"])
def test_a_case_that_says_something_else_does_not_hold(trees: Any, which: int) -> None:
    wrong = copy.deepcopy(trees)
    for tree in wrong.values():
        for rule in tree.get("rules", ()):
            for case in rule.get("cases", ()):
                keys = [*case["expect"], "error"]
                key = keys[0 if which == 0 else max(len(keys) - 2, 0)]
                case["expect"][key] = falsified(case["expect"].get(key))
    try:
        _engine.load_tables(wrong)
        result = _engine.run_table_cases(DEADLY)
    finally:
        _engine.load_tables(trees)
    assert result["run"] > 500
    assert len(result["failed"]) == result["run"]


def test_a_case_that_cannot_be_run_is_reported(trees: Any) -> None:
    wrong = copy.deepcopy(trees)
    cases = [
        case
        for tree in wrong.values()
        for rule in tree.get("rules", ())
        for case in rule.get("cases", ())
        if case["call"] == "get_pointer"
    ]
    assert cases
    for case in cases:
        case["given"]["index"] = "not a list"
    try:
        _engine.load_tables(wrong)
        result = _engine.run_table_cases(DEADLY)
    finally:
        _engine.load_tables(trees)
    failed = [text for text in result["failed"] if not text.startswith(KNOWN)]
    assert len(failed) == len(cases)
    for text in failed:
        assert text.endswith("cannot be run: 'index' of `given` must be a list"), text


def test_testbuffer_answers_as_the_reference(
    ndarrays: list[tuple[str, Any]], compared: dict[str, Any]
) -> None:
    if not ndarrays:
        pytest.skip("this interpreter has no _testbuffer")
    assert not [text for text in compared["disagreements"] if "object of" in text]
    assert compared["compared"]["testbuffer"] == len(ndarrays) * 1024
    assert len(ndarrays) > 100
    assert any(array.suboffsets for _, array in ndarrays)


def test_comparing_leaves_nothing_behind(trees: Any) -> None:
    """Neither an exception nor memory: the objects that are compared are as free afterwards as before."""
    victim = bytearray(8)
    before = sys.getrefcount(victim)
    with pytest.raises(ValueError, match="no layout is called"):
        _engine.compare_with_cpython("short", testbuffer=[("no_such_layout", victim)])
    with pytest.raises(ValueError, match="no sweep is called"):
        _engine.compare_with_cpython("no_such_bound")
    assert sys.getrefcount(victim) == before
    victim.append(0)
