"""What a subject may do to the files and the line by which its worker is heard, and to the worker itself.

One function a kind, for faults.exporter(flags, fault) and consumer_faults.reader(format, fault); factories
that fail late or slowly stand at the end.  Nothing here breaks a rule of the buffer protocol.
"""

import array
import builtins
import ctypes
import fcntl
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import shared_memory
from pathlib import Path

from bad_exporters import exporter  # noqa: F401
from bufspec.errors import WorkerError

PLACE_AT = 24
"""Where a ledger says in which case its first thread is: the upper half of a word of eight bytes."""
AT_THE_END = 0xFFFFFFFE
_kept: list[object] = []


def answers() -> int:
    """The descriptor of the line to the driver: the one end of a pipe that can be written to."""
    for name in os.listdir("/proc/self/fd"):
        try:
            is_pipe = os.readlink(f"/proc/self/fd/{name}").startswith("pipe:")
            if is_pipe and fcntl.fcntl(int(name), fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY:
                return int(name)
        except OSError:
            continue
    raise LookupError("no line to the driver")


def journal() -> Path:
    """The journal, an open file of this process."""
    links = (f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd"))
    return next(Path(os.readlink(one)) for one in links if os.path.realpath(one).endswith(".jsonl"))


def ledger() -> Path:
    """The ledger, which is mapped."""
    lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    return Path(next(line.split(maxsplit=5)[5] for line in lines if line.endswith(".ledger")))


def says(line: bytes) -> Callable[[], object]:
    """Send a line to the driver in the worker's name."""

    def say() -> None:
        rest = line
        while rest:
            rest = rest[os.write(answers(), rest) :]

    return say


def floods_the_line(megabytes: int) -> Callable[[], object]:
    """Send so much to the driver without ever ending the line."""

    def flood() -> None:
        for _ in range(megabytes):
            says(b"x" * (1 << 20))()

    return flood


def writes(line: bytes) -> Callable[[], object]:
    """Append to the journal in the worker's name."""

    def write() -> None:
        with journal().open("ab") as file:
            file.write(line)

    return write


def forges_a_failure() -> None:
    """Append a failure that fits its type and was never found."""
    finding = {
        "aspect": "value",
        "fields": ["len"],
        "flags": 0,
        "name": "SIMPLE",
        "order": None,
        "index": None,
        "times": None,
        "owed": 4,
        "found": 5,
        "given": None,
    }
    failure = {"rule": "field.len.product", "step": 0, "finding": finding, "scenario": "acquire 0x000"}
    writes(json.dumps({**failure, "case": "request.word_0x000", "case_index": 0}).encode() + b"\n")()


def _replaced(make: Callable[[Path], object]) -> None:
    path = journal()
    path.unlink()
    make(path)


def journal_is_a_fifo() -> None:
    """Put a pipe that nobody writes to in the place of the journal."""
    _replaced(os.mkfifo)


def journal_is_a_folder() -> None:
    """Put a folder in its place."""
    _replaced(lambda path: path.mkdir())


def journal_is_a_link() -> None:
    """Put a link to a device without end in its place."""
    _replaced(lambda path: path.symlink_to("/dev/zero"))


def journal_is_gone() -> None:
    """Remove it."""
    journal().unlink()


def journal_is_cut() -> None:
    """Cut it short."""
    os.truncate(journal(), 0)


def work_is_gone() -> None:
    """Remove the whole folder that the run works in."""
    shutil.rmtree(journal().parent)


def scribbles(*places: tuple[int, bytes]) -> Callable[[], object]:
    """Write into the ledger; places after its end count from there."""

    def scribble() -> None:
        size = ledger().stat().st_size
        with ledger().open("r+b") as file:
            for at, what in places:
                file.seek(at if at >= 0 else size + at)
                file.write(what)

    return scribble


def scribbles_by_seed(seed: int) -> Callable[[], object]:
    """Overwrite a drawn part of the counters with drawn bytes."""

    def scribble() -> None:
        draw = random.Random(seed)
        at = draw.randrange(448, 2048)
        scribbles((at, draw.randbytes(draw.randrange(8, 256))))()

    return scribble


def ledger_is_zero() -> None:
    """Fill the ledger with zeros."""
    scribbles((0, bytes(ledger().stat().st_size)))()


def ledger_is_cut() -> None:
    """Cut it to nothing: whoever has it mapped dies of it at the next look."""
    os.truncate(ledger(), 0)


def ledger_is_long() -> None:
    """Let it grow without end, full of holes."""
    os.truncate(ledger(), 1 << 40)


def lies_about_its_place() -> None:
    """Say that the run is in a case that there is not; the next step says where it is."""
    scribbles((PLACE_AT, bytes([7]) * 8))()


def is_at_the_end() -> bool:
    """Whether the run has done its last case."""
    with ledger().open("rb") as file:
        file.seek(PLACE_AT)
        return int.from_bytes(file.read(8), sys.byteorder) >> 32 == AT_THE_END


class DiesAtTheEnd(bytearray):
    """Does its worst when it is freed after the last case."""

    worst: Callable[[], object] = os.abort

    def __del__(self) -> None:
        if is_at_the_end():
            type(self).worst()


def dies_at_the_end(worst: Callable[[], object]) -> object:
    """An object that does its worst after the last case."""
    DiesAtTheEnd.worst = staticmethod(worst)
    return DiesAtTheEnd(4)


def forget_sys() -> None:
    """Take everything from sys that can be called."""
    for name, value in list(vars(sys).items()):
        if callable(value) and not name.startswith("__"):
            delattr(sys, name)


def forget_sys_data() -> None:
    """Take from sys where modules are and come from."""
    for name in ("path", "meta_path", "path_hooks", "stdout", "argv", "modules"):
        if hasattr(sys, name):
            delattr(sys, name)


def break_imports() -> None:
    """Let nothing be imported any more."""

    def refuse(*what: object, **how: object) -> None:
        raise ImportError("no more")

    builtins.__import__ = refuse  # type: ignore[assignment]
    sys.path_hooks.clear()
    sys.meta_path.clear()


def break_all_builtins() -> None:
    """Let every builtin function raise."""

    def refuse(*what: object, **how: object) -> None:
        raise RuntimeError("broken")

    for name, value in list(vars(builtins).items()):
        if type(value) is type(len):
            setattr(builtins, name, refuse)


def lie_about_the_process() -> None:
    """Let os.getpid() say something else each time."""
    os.getpid = lambda: random.randrange(2, 1 << 15)


def break_json() -> None:
    """Let json write nonsense, and read nothing."""
    json.dumps = lambda *what, **how: "{"
    json.loads = lambda *what, **how: None


def break_os() -> None:
    """Let os write and open nothing."""
    os.write = lambda number, what: len(what)
    os.open = lambda *what, **how: -1  # type: ignore[misc]


def take_arrays() -> None:
    """Let who asks for an array have something else."""
    array.array = lambda *what: ctypes.c_int(3)  # type: ignore[assignment, misc]


def take_arrays_and_fail() -> None:
    """The same, and raise an exception then."""
    take_arrays()
    raise ValueError("no more")


def make_dicts_lists() -> None:
    """Let no request be an object any more."""
    builtins.dict = list  # type: ignore[misc, assignment]


def raise_one_of_ours() -> None:
    """Raise what only bufspec raises, of a worker that did not do its part."""
    raise WorkerError("not mine")


def allow_no_file() -> None:
    """Let no file grow any more in this process."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def let_the_line_be_empty() -> None:
    """Let who reads the line to this process never wait."""
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            os.set_blocking(int(name), False)


def leave_a_stranger() -> None:
    """Leave a process without a session, a parent, an environment or a name of ours."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execve("/bin/sleep", ["sleep", STRANGER], {})
        os._exit(0)
    os.wait()


STRANGER = "607.731"
"""How long it sleeps, by which tests know it."""


def leave_a_family() -> None:
    """Leave processes that start others when they are asked to end, and that do not hear it."""
    for _ in range(3):
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.setsid()
            for _ in range(3):
                if os.fork() == 0:
                    break
            os.execve("/bin/sleep", ["sleep", STRANGER], {})


def kill_the_parent() -> None:
    """Kill whoever has started this process."""
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)


def stop_the_parent() -> None:
    """Let whoever has started this process stand still, and die."""
    os.kill(os.getppid(), signal.SIGSTOP)
    os.abort()


def outlive_the_parent() -> None:
    """Refuse to die with the parent, and kill it."""
    ctypes.CDLL(None).prctl(1, 0)
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)


def says_much(megabytes: int) -> object:
    """An object that raises an exception with a message of that size, from its 20th making on."""
    return failing_from(20, lambda: ValueError("x" * (megabytes << 20)))


def at_making(number: int, damage: Callable[[], object]) -> object:
    """A bytearray; with the one made at that call there is damage done to the worker."""
    global _calls
    _calls += 1
    if _calls == number:
        damage()
    return bytearray(4)


_calls = 0


def failing_from(
    number: int, error: Callable[[], BaseException] = lambda: OSError("no more"), times: int = 1 << 30
) -> object:
    """A bytearray; from that call on, so many times, an exception instead."""
    global _calls
    _calls += 1
    if number <= _calls < number + times:
        raise error()
    return bytearray(4)


def nothing_from(number: int) -> object:
    """A bytearray; from that call on nothing that exports a buffer."""
    global _calls
    _calls += 1
    return bytearray(4) if _calls < number else None


class Unspeakable(Exception):
    """An exception whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("not this either")


def slow(seconds: float) -> object:
    """A bytearray that takes so long to make, each time that it is made for a run."""
    _kept.append(None)
    if len(_kept) > 2:
        time.sleep(seconds)
    return bytearray(4)


def shared(megabytes: int = 1) -> object:
    """Shared memory that nobody removes."""
    block = shared_memory.SharedMemory(create=True, size=megabytes << 20)
    _kept.append(block)
    return block.buf


class Unequal:
    """A result that nothing can be done with: it raises whatever it is asked."""

    def __eq__(self, other: object) -> bool:
        raise SystemExit(3)

    def __repr__(self) -> str:
        raise KeyboardInterrupt

    def __len__(self) -> int:
        raise MemoryError

    __hash__ = None  # type: ignore[assignment]


def reader(misdeed: Callable[[], object], format: str = "h") -> Callable[[object], bytes]:
    """A consumer that gives the elements in C order, or what `misdeed` does where they are of that format."""

    def read(exported: object) -> bytes:
        with memoryview(exported) as view:  # type: ignore[arg-type]
            if view.format == format:
                given = misdeed()
                if given is not None:
                    return given  # type: ignore[return-value]
            return view.tobytes()

    return read


def raises(error: BaseException) -> Callable[[], object]:
    """Raise that."""

    def fail() -> None:
        raise error

    return fail
