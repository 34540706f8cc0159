"""Does --measure say what a request, a release and a read cost, and does a slow one show?"""

from __future__ import annotations

import pytest
from bufspec.reports.costs import costs_in_words, ratio_of
from bufspec.worker import measured as module
from bufspec.worker.measured import measured
from command_line import Event, exporters, record, run

ONE_CASE = ("--case", "request.word_0x018")


class Slow:
    """An exporter in Python, whose requests take many times as long as a bytearray's."""

    def __init__(self) -> None:
        self.memory = bytearray(24)

    def __buffer__(self, flags: int, /) -> memoryview:
        sum(range(500))
        return memoryview(self.memory)


@pytest.mark.slow
def test_each_exporter_is_measured() -> None:
    found = record("stdlib.array_i", "stdlib.bytes", "--measure", *ONE_CASE)
    assert len(found.subjects) == 2
    for event in found.subjects.values():
        costs = event["measured"]
        assert costs["bytes"] > 0
        for whose in ("own", "bytearray"):
            assert {"request_ns", "release_ns", "read_ns"} == set(costs[whose])
            assert 0 < costs[whose]["request_ns"] < 1_000_000


def test_without_the_option_nothing_is_measured() -> None:
    (subject,) = record("stdlib.bytes", *ONE_CASE).subjects.values()
    assert "measured" not in subject


def test_a_bytearray_costs_about_what_a_bytearray_costs() -> None:
    found = measured(bytearray(1000))
    assert found is not None and found["bytes"] == 1000
    assert 0.2 < ratio_of(found, "request") < 5
    assert 0.2 < ratio_of(found, "read") < 5


@pytest.mark.skipif(not hasattr(memoryview, "_from_flags"), reason="__buffer__ of a class needs Python 3.12")
def test_a_slow_request_shows() -> None:
    found = measured(Slow())
    assert found is not None and ratio_of(found, "request") > 10


def test_memory_that_is_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_READ", 10)
    found = measured(bytearray(11))
    assert found is not None and "read_ns" not in found["own"]
    assert costs_in_words(found)[-1] == "-"


@pytest.mark.slow
def test_what_exports_nothing_or_dies_is_not_measured_and_nothing_else_changes() -> None:
    assert measured(object()) is None
    arguments = [*exporters(["exporter(0x11c, abort)"]), *ONE_CASE]
    (without,), (found,) = (
        list(record(*arguments, *more).subjects.values()) for more in ((), ("--measure",))
    )

    def plain(event: Event) -> Event:
        return {key: value for key, value in event.items() if key != "seconds"}

    assert plain(found) == plain(without) and "measured" not in found


@pytest.mark.slow
def test_the_report_has_a_row_for_each() -> None:
    for output in ("pretty", "markdown"):
        done = run("check", "stdlib.bytes", *ONE_CASE, "--measure", "--format", output)
        assert done.returncode == 0
        assert "bytearray of the same size" in done.stdout and "ns (" in done.stdout
