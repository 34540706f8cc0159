"""Is a consumer that writes where it must not blamed for that, whatever it writes into, and nobody else?

It writes through an address, so that neither the exporter nor the interpreter can stop it.  What its
result is compared with must not be what it has written.
"""

from __future__ import annotations

import array
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from bufspec import _engine
from bufspec.declare import FILLS, Subject
from bufspec.worker.comparison import Comparison
from command_line import Event, run

SUBJECTS = """
import array
import ctypes
import numpy
from bufspec.declare import consumer, exporter
from by_ctypes.view import View, get, release

def of_numpy(nbytes):
    made = numpy.arange(nbytes // 4, dtype="i4")
    made.flags.writeable = False
    return made

for nbytes in (120, 4096, 70_000):
    some = bytes(range(120)) * (nbytes // 120)
    exporter(f"mine.bytes_{nbytes}")(lambda some=some: bytes(bytearray(some)))
    exporter(f"mine.numpy_{nbytes}")(lambda nbytes=nbytes: of_numpy(nbytes))
    exporter(f"mine.array_{nbytes}")(lambda some=some: array.array("h", some))

def address_of(memory):
    view = View()
    get(memory, ctypes.byref(view), 0x11c)
    found = view.buf, view.len
    release(ctypes.byref(view))
    return found

@consumer("mine.fills_anyway", kind="fills", returns="none")
def fills_anyway(memory):
    address, length = address_of(memory)
    ctypes.memset(address, 0x5a, length)

@consumer("mine.sorts_in_place")
def sorts_in_place(memory):
    address, length = address_of(memory)
    ctypes.memmove(address, bytes(sorted(ctypes.string_at(address, length), reverse=True)), length)
    return sum(ctypes.string_at(address, length))

@consumer("mine.marks_the_last_byte", returns="bytes")
def marks_the_last_byte(memory):
    address, length = address_of(memory)
    before = ctypes.string_at(address, length)
    ctypes.c_ubyte.from_address(address + length - 1).value ^= 0xff
    return before

consumer("mine.reads", returns="bytes")(bytes)
"""
BY_CTYPES = Path(__file__).resolve().parents[2] / "suites" / "regress"
WRITERS = ("mine.fills_anyway", "mine.sorts_in_place", "mine.marks_the_last_byte")


def pairs(folder: Path, exporters: str) -> list[Event]:
    (folder / "mine.py").write_text(SUBJECTS, encoding="utf-8")
    words = [
        "--subjects",
        "mine.py",
        "--exporters",
        exporters,
        "--consumers",
        "mine.*",
        "--jobs",
        "1",
        "--json",
    ]
    done = run("pairs", *words, cwd=folder, environment={"PYTHONPATH": str(BY_CTYPES)})
    assert done.returncode == 1, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge(folder: Path, exporters: str) -> None:
    events = pairs(folder, exporters)
    rows = {one["exporter"]: one["outcomes"] for one in events if one["event"] == "exporter-paired"}
    assert rows
    failed = {(one["exporter"], one["consumer"]): one for one in events if one["event"] == "pair-failed"}
    for exporter, row in rows.items():
        assert row["mine.reads"] == "pass"
        for consumer in WRITERS:
            if "array" in exporter and consumer == "mine.fills_anyway":
                assert row[consumer] == "pass"  # it may be written, and is filled
                continue
            assert row[consumer] == "fail", (exporter, consumer)
            blame = failed[exporter, consumer]
            assert (blame["fault"], blame["rule"], blame["exporter_rules"]) == (
                "consumer",
                "consumer.write.only_if_asked",
                [],
            ), blame


@pytest.mark.slow
def test_who_writes_into_readonly_memory_is_blamed(tmp_path: Path) -> None:
    judge(tmp_path, "mine.*_120")


@pytest.mark.nightly
@pytest.mark.parametrize("exporters", ["mine.bytes_*", "mine.numpy_*", "mine.array_*"])
def test_who_writes_into_readonly_memory_is_blamed_at_every_size(exporters: str, tmp_path: Path) -> None:
    judge(tmp_path, exporters)


def writes_into(memory: object) -> bytes:
    import ctypes

    before = bytes(bytearray(memory))  # type: ignore[call-overload]
    ctypes.memset(id(memory) + bytes.__basicsize__ - 1, 0x5A, len(before))
    return before


@pytest.mark.parametrize("size", [1, 120, 70_000])
def test_what_writes_into_plain_bytes_changes_nothing_that_others_are_compared_with(size: int) -> None:
    elements = bytes(bytearray(k & 0xFF for k in range(size)))
    comparison = Comparison()
    writer = Subject("mine.writer", "consumer", writes_into)
    reader = Subject("mine.reader", "consumer", lambda memory: bytes(memory)[::-1])
    truth = bytes(bytearray(elements))
    assert comparison.of_result(writer, truth, elements, None) is None
    assert elements == truth
    assert comparison.of_result(writer, truth[::-1] + b"!", elements, None) is not None
    assert comparison.of_result(reader, truth[::-1], elements, None) is None
    assert elements == truth


def negates(memory: object) -> None:
    items = memoryview(memory)  # type: ignore[arg-type]
    if items.format == "B":
        raise TypeError("no numbers")
    for number in range(items.shape[0]):
        items[number] = -items[number] or 9


def counts_up(memory: object) -> None:
    items = memoryview(memory)  # type: ignore[arg-type]
    for number in range(items.shape[0]):
        items[number] = number + 1


@pytest.mark.parametrize("fill", [negates, counts_up])
def test_what_is_left_in_typed_memory_is_compared_with_a_memoryview_of_the_same_items(
    fill: Callable[[object], None],
) -> None:
    consumer = Subject("mine.fills", "consumer", fill, kind=FILLS)
    before = array.array("h", [0, 1, -2, 300])
    memory = _engine.memory_of(before)
    assert memory is not None
    layout = memory["layout"]
    filled = array.array("h", before)
    fill(filled)
    comparison = Comparison()
    assert comparison.of_memory(consumer, before.tobytes(), filled.tobytes(), layout) is None
    lost = comparison.of_memory(consumer, before.tobytes(), before.tobytes(), layout)
    assert lost is not None
    assert lost.found == "8 bytes: 00 00 01 00 fe ff 2c 01"
