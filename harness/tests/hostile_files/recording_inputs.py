"""Recordings that mean harm: what `bufspec judge` is handed by others."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bufspec import _engine
from bufspec.interposed.judgement import judge_recordings
from bufspec.tables.rulebook import Rulebook, load_rulebook
from bufspec.words import CURRENT
from hostile_files.rows import Input, Row, cut, not_files, texts, with_other_byte, writes

NAME = "1.1.requests"
HEAD = 4096


@cache
def good() -> bytes:
    """What the recorder writes for a small application."""
    script = "b = bytearray(9); m = memoryview(b); bytes(b); memoryview(m)[::2].tobytes()"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-P", "-m", "bufspec.cli", "record", "--out", folder, "--"]
        subprocess.run([*command, sys.executable, "-c", script], check=True, capture_output=True)
        (file,) = Path(folder).glob("*.requests")
        return file.read_bytes()


@cache
def rulebook() -> Rulebook:
    """The rules."""
    return load_rulebook(CURRENT, _engine.rule_ids())


def recorded(path: Path) -> None:
    """A folder with a good recording."""
    path.mkdir()
    (path / NAME).write_bytes(good())


def judged(path: Path) -> str | None:
    """Judge a recording; with another address or place in it, it is another recording."""
    judgement = judge_recordings(path, rulebook())
    return None if judgement.folder == path else "another folder was judged"


def recordings(draw: random.Random) -> Iterator[Input]:
    """Files that are none, heads and numbers that make no sense, good ones cut or with another byte."""
    yield from not_files(NAME)
    yield from texts(NAME)
    whole = good()
    head, events = whole[:HEAD], whole[HEAD:]
    unclosed = bytearray(head)
    unclosed[96:104] = bytes(8)
    for label, data in {
        "another version": whole[:8] + struct.pack("<I", 1) + whole[12:],
        "a state that is none": whole[:80] + b"\xff" * 8 + whole[88:],
        "its own parent": whole[:24] + struct.pack("<3Q", 1, 1, 1 << 63) + whole[48:],
        "a kind that is none": head + b"\x7f" + events,
        "a run of nothing": head + b"\xff" * 100_000,
        "a run without end": whole + b"\xff" * 100_000,
        "a slot with nothing": head + b"\x11\x00" + events,
        "an endless number": head + b"\x02" + b"\xff" * 100_000,
        "a type without a name": bytes(unclosed) + b"\x02\x00\x00",
        "a place before any": head + b"\x06\x00\x01\x01\x00\x00\x00",
        "an answer of no bytes": head + b"\x05\x00",
        "an answer of many bytes": head + b"\x05\xff\x7f" + b"\xff" * 20_000,
        "a stack of many frames": head + b"\x04\xff\xff\xff\xff\x0f",
        "a text of many bytes": head + b"\x02\xff\xff\xff\xff\x0f",
        "zeros without end": whole + bytes(8 << 20),
        "zeros without end, of a process that died": bytes(unclosed) + bytes(8 << 20),
        "something after the end": whole + bytes(100_000) + b"x",
    }.items():
        yield Input(label, writes(data, NAME))
    for _ in range(200):
        yield Input("cut", writes(cut(draw, whole), NAME))
        yield Input("another byte", writes(head + with_other_byte(draw, events), NAME))
    for _ in range(50):
        yield Input("another byte of the head", writes(with_other_byte(draw, head[:128]) + whole[128:], NAME))
        yield Input("random events", writes(head + draw.randbytes(3000), NAME))


ROWS = [lambda: Row("recordings", recorded, recordings, judged)]
