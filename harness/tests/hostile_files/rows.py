"""What is a hostile input, and when does bufspec hold against it?

It holds where it refuses with file:line:column, a reason and a hint, or does exactly what it does with the
undamaged file; in time, and without any other exception.  Each row of the table is a kind of input.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import define, field, frozen
from bufspec.errors import EXIT_USAGE, BufspecError

SECONDS, CLOCK_SECONDS = 10.0, 300.0
"""Of the processor; and of the clock, on a machine that is busy with something else."""
ABSENT = ("there is no record", "no such file", "no run was interrupted there", "is not a folder of yours")
"""What is said of a file that is not there, and so has no line."""
PLACE = re.compile(r":\d+:\d+\Z")
Prepare = Callable[[Path], None]


@frozen
class Input:
    """One hostile input: `prepare` makes it of what is good, at the path that it is given."""

    label: str
    prepare: Prepare


@define
class Row:
    """One kind: its name, how a good one is made, the inputs, and what reads one; None says that it held."""

    name: str
    good: Prepare
    inputs: Callable[[random.Random], Iterator[Input]]
    reads: Callable[[Path], str | None]
    tried: int = 0
    failures: list[str] = field(factory=list)

    @property
    def held(self) -> int:
        """How many inputs it held against."""
        return self.tried - len(self.failures)

    def run(self, folder: Path, seed: int, most: int | None = None) -> None:
        """Try the inputs of a seed, or `most` of them, drawn by the seed from all."""
        inputs = list(enumerate(self.inputs(random.Random(seed))))
        chosen = inputs if most is None else random.Random(seed).sample(inputs, min(most, len(inputs)))
        for number, one in chosen:
            path = folder / f"{number}"
            self.good(path)
            one.prepare(path)
            self.tried += 1
            begun, used = time.monotonic(), sum(os.times()[:4])
            fault = self.fault(path)
            seconds, used = time.monotonic() - begun, sum(os.times()[:4]) - used
            _remove(path)
            if fault is None and (used > SECONDS or seconds > CLOCK_SECONDS):
                fault = f"{used:.1f} s of the processor, {seconds:.1f} s"
            if fault is not None:
                self.failures.append(f"{self.name}, seed {seed}: {one.label}: {fault}")

    def fault(self, path: Path) -> str | None:
        """What is wrong with how the input at `path` is met; None if nothing is."""
        try:
            return self.reads(path)
        except BufspecError as error:
            return fault_of(error)
        except Exception as error:
            return f"{type(error).__name__}: {error}"[:300]


def fault_of(error: BufspecError) -> str | None:
    """What is wrong with a refusal; None if it says where, why and what to do, and ends with 2."""
    said = error.render()
    if error.exit_code != EXIT_USAGE:
        return f"ends with {error.exit_code}: {said}"
    if not PLACE.search(error.where) and error.what not in ABSENT:
        return f"no place: {said}"
    if not error.what or not error.hint:
        return f"no reason or no hint: {said}"
    lines = said.split("\n")
    if len(lines) != 3 or not all(line.isprintable() for line in lines):
        return f"not shown as escapes: {said!r}"
    return None


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def writes(text: str | bytes, name: str = "") -> Prepare:
    """Puts this text in place of the file, or of the file `name` in the folder."""

    def prepare(path: Path) -> None:
        file = fresh(path / name if name else path)
        file.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)

    return prepare


def edits(find: str, replacement: str, name: str = "") -> Prepare:
    """Replaces a text that must be there."""

    def prepare(path: Path) -> None:
        file = path / name if name else path
        text = file.read_text(encoding="utf-8")
        assert find in text, find
        file.write_text(text.replace(find, replacement, 1), encoding="utf-8")

    return prepare


def fresh(file: Path) -> Path:
    """The place of a file that is there no more; a link goes, what it leads to stays."""
    file.unlink(missing_ok=True)
    return file


def not_files(name: str = "") -> Iterator[Input]:
    """In place of a file what is none, or never ends."""

    def at(path: Path) -> Path:
        return fresh(path / name if name else path)

    def loop(path: Path) -> None:
        other = at(path).with_name("loop")
        other.unlink(missing_ok=True)
        other.symlink_to(at(path))
        at(path).symlink_to(other)

    def listens(path: Path) -> None:
        # A socket's path is short, whatever the folder's is.
        place = os.open(at(path).parent, os.O_RDONLY)
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(f"/proc/self/fd/{place}/{at(path).name}")
        os.close(place)

    yield Input("a pipe", lambda path: os.mkfifo(at(path)))
    yield Input("a folder", lambda path: at(path).mkdir())
    yield Input("a loop of links", loop)
    yield Input("a socket", listens)
    for device in ("zero", "full", "random", "tty", "stdin"):
        yield Input(f"a link to {device}", lambda path, to=device: at(path).symlink_to(f"/dev/{to}"))  # type: ignore[misc]
    yield Input("a link to nothing", lambda path: at(path).symlink_to("nothing"))
    for label, size in (("100 MB", 100_000_000), ("a million megabytes", 1 << 40)):
        yield Input(label, lambda path, size=size: os.truncate(made(at(path)), size))  # type: ignore[misc]


def made(file: Path) -> Path:
    """The file, empty."""
    file.touch()
    return file


TEXTS: dict[str, str | bytes] = {
    "empty": "",
    "blanks": " \n\t\n",
    "null": "null",
    "a number": "5",
    "a list": "[]",
    "an object": "{}",
    "a text": '"text"',
    "true": "true",
    "NUL": b"a\0b",
    "not UTF-8": b"a: \xff\xfe\n",
    "UTF-16": "a: 1\n".encode("utf-16"),
    "an overlong form": b"\xc0\xaf",
    "a surrogate": b"\xed\xa0\x80",
    "a mark of order": b"\xef\xbb\xbf{}",
    "an escape sequence": "\x1b]0;owned\x07",
    "NEL": "a: \x85b\n",
    "separators": "a: \u2028b\u2029\n",
    "bidi": "a: \u202eb\n",
    "deep lists": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "deep and closed": "[" * 5_000 + "]" * 5_000,
    "1.6 MB of items": "- a\n" * 400_000,
    "half a megabyte of opened keys": "? " * 200_000,
    "commas": "[" + "," * 200_000,
    "quotes": "'" * 200_001,
    "colons": "a: " * 100_000,
}
"""What no file of any kind is."""


def texts(name: str = "") -> Iterator[Input]:
    """Each of TEXTS in place of a file."""
    for label, text in TEXTS.items():
        yield Input(label, writes(text, name))


def cut(draw: random.Random, raw: bytes) -> bytes:
    """The beginning of a file, to a byte that is drawn."""
    return raw[: draw.randrange(len(raw))]


def with_other_byte(draw: random.Random, raw: bytes) -> bytes:
    """A file with one byte that is drawn in a place that is drawn."""
    at = draw.randrange(len(raw))
    return raw[:at] + bytes([draw.randrange(256)]) + raw[at + 1 :]
