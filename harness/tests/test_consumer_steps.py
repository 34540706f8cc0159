"""What the adapter sees of a consumer: how results are compared, and what is recorded of a call."""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bufspec import _engine
from bufspec.run.workspace import load_engine
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import CURRENT

Consumer = Callable[[Any], object]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> _engine.Cases:
    load_engine(load_rulebook(CURRENT, _engine.rule_ids()), Path(tmp_path_factory.mktemp("tables")))
    return _engine.Cases("consumer", CURRENT)


def steps_of(cases: _engine.Cases, consumer: Consumer, case: str, **declared: Any) -> list[dict[str, Any]]:
    seen = _engine.trace_case("consumer", consumer, cases=cases, index=cases.index(case), **declared)
    return [record["consumed"] for record in seen["trace"]["steps"]]


def first_of(cases: _engine.Cases, consumer: Consumer, layout: str, **declared: Any) -> dict[str, Any]:
    return steps_of(cases, consumer, f"consumer.reads_{layout}", **declared)[0]


def broken_rules(cases: _engine.Cases, consumer: Consumer, tmp_path: Path, **declared: Any) -> set[str]:
    failures: list[dict[str, Any]] = []
    ledger = _engine.Ledger(str(tmp_path / "ledger"), True)
    _engine.run_consumer(consumer, ledger, failures.append, cases=cases, **declared)
    return {failure["rule"] for failure in failures}


def linear(exporter: object) -> bytes:
    """Takes a copy's order for the elements': Fortran order."""
    return memoryview(exporter).tobytes(order="F")  # type: ignore[arg-type]


RIGHT: list[tuple[Consumer, dict[str, Any]]] = [
    (bytes, {}),
    (memoryview, {"kind": "keeps", "returns": "bytes"}),
    (memoryview, {}),
    (lambda x: memoryview(x).tolist(), {"returns": "list"}),
    (lambda x: list(memoryview(x)) if memoryview(x).ndim == 1 else None, {"returns": "none"}),
    (lambda x: memoryview(x)[()], {"returns": "scalar"}),
    (lambda x: bytes(x).hex(), {}),
    (lambda x: object(), {}),
    (lambda x: math.nan, {}),
]


@pytest.mark.parametrize(("consumer", "declared"), RIGHT)
def test_a_right_consumer_breaks_nothing(
    cases: _engine.Cases, tmp_path: Path, consumer: Consumer, declared: dict[str, Any]
) -> None:
    assert broken_rules(cases, consumer, tmp_path, **declared) == set()


@pytest.mark.parametrize(
    ("consumer", "declared"),
    [
        (linear, {"returns": "bytes"}),
        (linear, {}),
        (lambda x: linear(x).hex(), {}),
    ],
)
def test_a_wrong_result_is_told_by_the_way_it_was_read(
    cases: _engine.Cases, consumer: Consumer, declared: dict[str, Any]
) -> None:
    seen = first_of(cases, consumer, "c_2d_int", **declared)
    assert (seen["result"], seen["misreading"]) == ("wrong", "fortran_order")
    assert first_of(cases, consumer, "c_1d_int", **declared)["result"] == "right"


def test_values_of_another_format_are_told(cases: _engine.Cases) -> None:
    def unsigned(exporter: object) -> list[int]:
        data = bytes(exporter)  # type: ignore[call-overload]
        return [value + 1 for (value,) in struct.iter_unpack("i", data)]

    seen = first_of(cases, unsigned, "c_1d_int", returns="list")
    assert (seen["result"], seen["difference"]["owed"]) == ("wrong", "[0, 1, 2, 3, 4, 5]")
    assert seen["difference"]["found"] == "[1, 2, 3, 4, 5, 6]"

    def floats(exporter: object) -> list[float]:
        return [value for (value,) in struct.iter_unpack("f", bytes(exporter))]  # type: ignore[call-overload]

    assert first_of(cases, floats, "c_1d_int", returns="elements")["misreading"] == "other_format"


def test_what_is_no_bytes_is_wrong_where_bytes_are_declared(cases: _engine.Cases) -> None:
    seen = first_of(cases, lambda x: len(bytes(x)), "c_1d_int", returns="bytes")
    difference = {"aspect": "no_bytes", "index": -1, "owed": 24, "found": "24"}
    assert (seen["result"], seen["difference"]) == ("wrong", difference)


def test_what_raises_on_plain_bytes_is_compared_with_a_memoryview(cases: _engine.Cases) -> None:
    def length(exporter: object, *rejected: type) -> int:
        if isinstance(exporter, rejected):
            raise TypeError("not these")
        return len(bytes(exporter))  # type: ignore[call-overload]

    def rejects_bytes(exporter: object) -> int:
        return length(exporter, bytes)

    def rejects_both(exporter: object) -> int:
        return length(exporter, bytes, memoryview)

    assert first_of(cases, rejects_bytes, "c_1d_int")["result"] == "right"
    assert first_of(cases, rejects_both, "c_1d_int")["result"] == "not_compared"


def test_a_memory_that_is_filled_is_compared_with_a_bytearray(cases: _engine.Cases) -> None:
    def fills(exporter: object) -> None:
        with memoryview(exporter).cast("B") as view:  # type: ignore[arg-type]
            view[:] = bytes(len(view))

    def forgets_one(exporter: object) -> None:
        with memoryview(exporter).cast("B") as view:  # type: ignore[arg-type]
            view[: len(view) - (not isinstance(exporter, bytearray))] = bytes(
                len(view) - (not isinstance(exporter, bytearray))
            )

    assert first_of(cases, fills, "c_1d_int", kind="fills")["filled"] == "right"
    seen = first_of(cases, forgets_one, "bytes_one_dim", kind="fills")
    difference = {"aspect": "filled_byte", "index": 11, "owed": 0, "found": 11}
    assert (seen["filled"], seen["difference"]) == ("wrong", difference)


def test_what_is_kept_is_seen(cases: _engine.Cases) -> None:
    kept: list[object] = []
    last = steps_of(cases, lambda x: kept.append(memoryview(x)), "consumer.reads_c_1d_int")[-1]
    assert [one["releases"] for one in last["requests"]] == [0]
    assert last["references_kept"] == 1
    kept.clear()
    last = steps_of(cases, kept.append, "consumer.reads_c_1d_int")[-1]
    assert (last["requests"], last["references_kept"]) == ([], 1)


def test_a_result_is_held_until_it_is_given_up(cases: _engine.Cases) -> None:
    held = [step["results_held"] for step in steps_of(cases, memoryview, "consumer.reads_c_1d_int")]
    assert held == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("text", "disagrees"),
    [
        ("<function f> returned NULL without setting an exception", True),
        ("<function f> returned a result with an exception set", True),
        ("error return without exception set", True),
        ("something else", False),
    ],
)
def test_results_and_exceptions_that_disagree_are_seen(
    cases: _engine.Cases, text: str, disagrees: bool
) -> None:
    def complains(exporter: object) -> None:
        raise SystemError(text)

    seen = first_of(cases, complains, "c_1d_int")
    assert (seen["raised"], seen["exception_name"]) == (True, "SystemError")
    assert seen["result_and_exception_disagree"] is disagrees


def test_no_exception_is_left_and_nothing_printed(
    cases: _engine.Cases, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hook = sys.unraisablehook

    def raises(exporter: object) -> None:
        with memoryview(exporter):  # type: ignore[arg-type]
            raise KeyError(exporter)

    assert broken_rules(cases, raises, tmp_path) == set()
    assert sys.unraisablehook is hook
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("declared", "error", "told"),
    [
        ({"kind": "eats"}, ValueError, "'reads', 'fills', 'keeps'"),
        ({"returns": "text"}, ValueError, "'bytes'"),
        ({"accepts": ("everything",)}, ValueError, "'strided'"),
        ({"accepts": "strided"}, TypeError, "a sequence of names"),
    ],
)
def test_bad_declarations_are_refused_with_what_is_allowed(
    cases: _engine.Cases, declared: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        first_of(cases, bytes, "c_1d_int", **declared)
    with pytest.raises(TypeError, match="a callable of one argument"):
        first_of(cases, 3, "c_1d_int")  # type: ignore[arg-type]
