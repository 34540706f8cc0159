"""Is what a pair does to the process, or to memory that others share, held against that pair alone?"""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import run
from test_pairs import Event, validated

DAMAGE = """
import ctypes
import os
from bufspec.declare import consumer, exporter

shared = bytearray(b"abcdef")
exporter("mine.shares", expect=b"abcdef")(lambda: memoryview(shared))
exporter("mine.memory", expect=b"abcdef")(lambda: bytearray(b"abcdef"))
written_past = []

consumer("mine.scribbles", returns="none")(lambda it: memoryview(it).__setitem__(0, 99))
consumer("mine.copies", returns="bytes")(bytes)

@consumer("mine.writes_past", kind="fills")
def writes_past(it):
    with memoryview(it).cast("B") as view:
        place = ctypes.addressof(ctypes.c_char.from_buffer(view))
        ctypes.memmove(place, bytes(range(65, 66 + view.nbytes)), view.nbytes + 1)
    written_past.append(it)

@consumer("mine.is_next", returns="none")
def is_next(it):
    if written_past:
        os.abort()
"""


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    folder = tmp_path_factory.mktemp("damage")
    (folder / "mine.py").write_text(DAMAGE, encoding="utf-8")
    words = ["--subjects", "mine.py", "--exporters", "mine.*", "--consumers", "mine.*", "--json"]
    done = run("pairs", *words, cwd=folder)
    assert done.returncode == 1, done.stderr
    return validated(done.stdout)


@pytest.mark.slow
def test_what_one_pair_wrote_is_not_held_against_the_next(damaged: list[Event]) -> None:
    rows = {one["exporter"]: one["outcomes"] for one in damaged if one["event"] == "exporter-paired"}
    assert rows["mine.shares"]["mine.scribbles"] == "fail"
    assert rows["mine.shares"]["mine.copies"] == "pass"
    scribbled = next(one for one in damaged if one.get("consumer") == "mine.scribbles")
    assert scribbled["fault"] == "consumer", "the exporter is judged where nobody has written"


def test_a_death_that_needs_an_earlier_pair_is_the_earlier_ones(damaged: list[Event]) -> None:
    row = next(one for one in damaged if one.get("outcomes") and one["exporter"] == "mine.memory")["outcomes"]
    assert row["mine.is_next"] == "pass"
    assert row["mine.writes_past"] == "crash"
    (failed,) = [
        one
        for one in damaged
        if (one.get("exporter"), one.get("consumer")) == ("mine.memory", "mine.writes_past")
    ]
    assert (failed["fault"], failed["rule"]) == ("consumer", "consumer.write.inside_elements")
    assert failed["reason"] == "the process died later, with mine.is_next"


REFUSED = """
import array
from bufspec.declare import consumer, exporter

exporter("mine.rows")(lambda: memoryview(bytes(12)).cast("B", (3, 4)))
exporter("mine.shared", expect=b"abcdef")(lambda held=bytearray(b"abcdef"): memoryview(held))
calls = []

consumer("mine.shows")(memoryview)

@consumer("mine.comes_later", returns="elements")
def comes_later(it):
    with memoryview(it) as view:
        yield from view

@consumer("mine.writes_later")
def writes_later(it):
    calls.append(len(calls))
    with memoryview(it) as view:
        if len(calls) % 4 == 0 and not view.readonly and view.ndim == 1:
            view[0] = 99
        return len(view.tobytes())
"""


@pytest.mark.slow
def test_results_that_refuse_to_be_listed_and_late_writes_cost_their_own_pair(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(REFUSED, encoding="utf-8")
    words = ["--subjects", "mine.py", "--exporters", "mine.*", "--consumers", "mine.*"]
    done = run("pairs", *words, "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    paired = [one for one in validated(done.stdout) if one["event"] == "exporter-paired"]
    rows = {one["exporter"]: one["outcomes"] for one in paired}
    assert rows["mine.rows"] == dict.fromkeys(["mine.shows", "mine.comes_later", "mine.writes_later"], "pass")
    assert rows["mine.shared"]["mine.writes_later"] == "fail"


BETWEEN = """
import os
from bufspec.declare import consumer, exporter
from bufspec.worker.pairs import Journal

exporter("mine.memory", expect=b"abcdef")(lambda: bytearray(b"abcdef"))
consumer("mine.copies", returns="bytes")(bytes)

write = Journal.write


def write_and_die(journal, entry):
    write(journal, entry)
    if "pair" in entry:
        os.abort()


@consumer("mine.dies_behind", returns="none")
def dies_behind(it):
    Journal.write = write_and_die

consumer("mine.length")(len)
"""


@pytest.mark.slow
def test_a_death_between_two_pairs_is_the_first_ones_and_the_others_are_tried(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(BETWEEN, encoding="utf-8")
    words = ["--subjects", "mine.py", "--exporters", "mine.*", "--consumers", "mine.*"]
    done = run("pairs", *words, "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    events = validated(done.stdout)
    (row,) = [one["outcomes"] for one in events if one["event"] == "exporter-paired"]
    assert row == {"mine.copies": "pass", "mine.dies_behind": "crash", "mine.length": "pass"}
    assert events[-1]["complete"]
    (failed,) = [one for one in events if one["event"] == "pair-failed"]
    assert failed["reason"] == "the process died when the pair was over"


UNINITIALISED = """
import ctypes
import itertools
from bufspec.declare import consumer, exporter

library = ctypes.CDLL(None)
library.malloc.argtypes, library.malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
library.free.argtypes, library.free.restype = [ctypes.c_void_p], None
SIZE = 1000
HEAD = 64  # where a free block has the allocator's own data

def leave_in_free_blocks(byte):
    blocks = [library.malloc(SIZE) for _ in range(200)]
    for block in blocks:
        ctypes.memset(block, byte, SIZE)
    for block in blocks:
        library.free(block)

leave_in_free_blocks(0)
numbers = itertools.count()
exporter("mine.clock")(lambda: bytearray([next(numbers) // 8] * 6))
exporter("mine.raw")(lambda: (ctypes.c_char * (SIZE - HEAD)).from_address(library.malloc(SIZE) + HEAD))

@consumer("mine.leaves_marks", returns="bytes")
def leaves_marks(it):
    leave_in_free_blocks(0x77)
    return bytes(it)
"""


@pytest.mark.slow
def test_what_new_objects_show_by_themselves_was_written_by_nobody(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(UNINITIALISED, encoding="utf-8")
    words = ["--subjects", "mine.py", "--exporters", "mine.*", "--consumers", "mine.*"]
    done = run("pairs", *words, "--json", cwd=tmp_path)
    rows = [one["outcomes"] for one in validated(done.stdout) if one["event"] == "exporter-paired"]
    assert rows == [{"mine.leaves_marks": "pass"}] * 2
