"""The process of a peer: started, asked one message at a time, and ended, whatever it does.

What it writes comes from anybody: a line has a longest length, an answer a time, and one question one answer.
Whatever else it does raises PeerFault, with the outcome that it is for the case; after that it is of no use.
"""

from __future__ import annotations

import os
import re
import selectors
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, BinaryIO

from attrs import field, frozen

from bufspec.errors import BufspecError, DeclarationError
from bufspec.remote.messages import FROM_PEER, Message, ProtocolError, line_of, message_from
from bufspec.remote.schemas import MOST_BYTES, PROTOCOL
from bufspec.visible import visible
from bufspec.wire.line import quoted
from bufspec.wire.remote_file import HELLO_SECONDS

BYE_SECONDS = 2.0
"""Twice that is less than a worker may take for it (isolation/job.py)."""
POINTER_BYTES = 8
"""Of the machines whose formats the tables have."""
LAST_BYTES = 2000
"""How much of what it wrote last to standard error is shown."""
MOST_SHOWN = 100
POLL_SECONDS = 0.25
MOST_ERRORS = 1 << 20
"""Of what it writes to standard error at most so much is kept, in bytes on the disk."""
BLOCK = 512
VERSION = re.compile(r"[0-9]+\.[0-9]+(\.[0-9]+)?")
NO_OUTPUT = "was it flushed after each line?"

CORRUPT, EXIT, CRASH, HANG, RAISED = "corrupt", "exit", "crash", "hang", "raised"
"""The outcomes that a fault can be; `raised` is what the peer said itself, that it failed."""


class PeerFault(BufspecError):
    """What a peer did in place of an answer; `status` is that of a process that ended."""

    def __init__(
        self, what: str, *, outcome: str, heading: str = "", hint: str = "", status: int | None = None
    ) -> None:
        super().__init__(what, where="remote peer", hint=hint)
        self.outcome = outcome
        self.heading = heading
        self.status = status


@frozen
class Greeting:
    """What a peer said of itself."""

    peer: str
    implementation: str
    version: str
    python: str
    pointer_bytes: int
    subjects: Mapping[str, Message] = field(hash=False)

    @property
    def runtime(self) -> int:
        """The version of Python whose rules hold, as PY_VERSION_HEX; the latest if the peer names none."""
        if not self.python:
            return 0xFFFFFFFF
        major, minor, micro = (*map(int, self.python.split(".")), 0)[:3]
        return (min(major, 255) << 24) | (min(minor, 255) << 16) | (min(micro, 255) << 8) | 0xF0


def greeting_from(hello: Message) -> Greeting:
    """The greeting that a hello is; raises ProtocolError for another protocol, or one name twice."""
    if hello["protocol"] != PROTOCOL:
        raise ProtocolError(
            f"the peer speaks protocol {hello['protocol']}, and bufspec {PROTOCOL}", heading="Hello"
        )
    subjects = {one["name"]: one for one in hello["subjects"]}
    if len(subjects) != len(hello["subjects"]):
        raise ProtocolError("hello names a subject twice", heading="Hello")
    runtime = hello["runtime"]
    is_cpython = runtime["implementation"] == "CPython" and VERSION.fullmatch(runtime["version"])
    python = runtime.get("python", runtime["version"] if is_cpython else "")
    return Greeting(
        hello["peer"],
        runtime["implementation"],
        runtime["version"],
        python,
        runtime.get("pointer_bytes", POINTER_BYTES),
        subjects,
    )


def command_from(text: str) -> list[str]:
    """The words of a command; raises DeclarationError for a text that has none."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise DeclarationError(
            f"not a command: {error}", where=text, hint="quote it as for a shell"
        ) from error
    if not words:
        raise DeclarationError("an empty command", where="--remote", hint="for example 'python3 peer.py'")
    return words


class Peer:
    """One process of a peer; use as a context manager, which starts it and leaves none."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._waiting = bytearray()
        self._errors: BinaryIO
        self.asked: int | None = None
        """The id of the last message that was sent."""

    def __enter__(self) -> Peer:
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self._errors.close()
            raise PeerFault(
                f"the peer cannot be started: {error}",
                outcome=CORRUPT,
                hint=f"the command is {shlex.join(self._command)}",
            ) from error
        assert self._process.stdin and self._process.stdout
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None and self._process.poll() is None:
                # What it answered counts, however it leaves.
                with suppress(PeerFault, OSError, subprocess.TimeoutExpired):
                    self._send(line_of({"type": "bye"}), time.monotonic() + BYE_SECONDS)
                    self._process.stdin.close()  # type: ignore[union-attr]
                    self._process.wait(BYE_SECONDS)
        finally:
            self.end()

    def bye(self) -> None:
        """Say bye; raises PeerFault for a peer that stays, ProtocolError for one that answers."""
        self._send(line_of({"type": "bye"}), time.monotonic() + BYE_SECONDS)
        assert self._process.stdin
        self._process.stdin.close()
        if self._read(time.monotonic() + BYE_SECONDS):
            raise ProtocolError(
                f"an answer to bye: {quoted(bytes(self._waiting[:MOST_SHOWN]))}", heading="Bye"
            )
        try:
            self._process.wait(BYE_SECONDS)
        except subprocess.TimeoutExpired:
            raise PeerFault(
                f"the peer has not ended {BYE_SECONDS:g} s after bye", outcome=HANG, heading="Bye"
            ) from None

    def end(self) -> None:
        """Kill it, and what it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            with suppress(OSError):
                assert stream
                stream.close()

    def hello(self, seconds: float = HELLO_SECONDS) -> Greeting:
        """What the peer says of itself; raises PeerFault or ProtocolError."""
        answer = self.ask({"type": "hello", "protocol": PROTOCOL}, seconds)
        if answer["type"] != "hello":
            raise ProtocolError(f"{answer['type']} in answer to hello", heading="Hello")
        return greeting_from(answer)

    def ask(self, message: Mapping[str, Any], seconds: float | None = None) -> Message:
        """The answer to one message, in any type; raises PeerFault, or ProtocolError for what is no answer.

        Without `seconds` it may take for ever: somebody else watches.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        self._refuse_unasked()
        self._bound_errors()
        self.asked = message.get("id", self.asked)
        self._send(line_of(message), deadline, seconds)
        line = self._line(deadline, seconds, message["type"])
        answer = message_from(line, FROM_PEER)
        if answer.get("id") != message.get("id"):
            raise ProtocolError(
                f"an answer to id {answer.get('id', 'none')}, where {message.get('id', 'none')} was asked: "
                f"{quoted(line)}",
                heading="Lines",
            )
        self._read_what_is_there()
        if self._waiting:
            raise ProtocolError(
                f"more than one answer to {message['type']}: after {quoted(line)} "
                f"also {quoted(bytes(self._waiting[:MOST_SHOWN]))}",
                heading="Lines",
            )
        return answer

    def _refuse_unasked(self) -> None:
        self._read_what_is_there()
        if self._waiting:
            after = "" if self.asked is None else f", after the answer to id {self.asked}"
            raise ProtocolError(
                f"a line that nothing asked for{after}: {quoted(bytes(self._waiting[:MOST_SHOWN]))}",
                heading="Lines",
            )

    def _send(self, line: bytes, deadline: float | None, seconds: float | None = None) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._to, selectors.EVENT_WRITE)
            while line:
                if not selector.select(self._left(deadline)) and self._is_over(deadline):
                    raise self._late("reads nothing", seconds)
                try:
                    line = line[os.write(self._to, line) :]
                except BlockingIOError:
                    continue
                except OSError:
                    raise self._ended("before it had read the message", "input") from None

    def _line(self, deadline: float | None, seconds: float | None, asked: str) -> bytes:
        looked_at = 0
        while self._waiting.find(b"\n", looked_at) < 0:
            if len(self._waiting) > MOST_BYTES:
                return bytes(self._waiting)  # which is refused for its length
            looked_at = len(self._waiting)
            if not self._read(deadline):
                if self._is_over(deadline):
                    raise self._late(f"gave no answer to {asked}", seconds)
                raise self._ended(f"without an answer to {asked}")
        line, _, self._waiting = self._waiting.partition(b"\n")
        return bytes(line)

    def _read(self, deadline: float | None) -> bool:
        """Read more; False at the end, or if it is too late."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._from, selectors.EVENT_READ)
            while not selector.select(self._left(deadline)):
                # A child of it may hold its output open when it has ended.
                has_ended = self._process.poll() is not None
                self._bound_errors()
                if self._is_over(deadline) or (has_ended and not selector.select(0)):
                    return False
        more = os.read(self._from, 1 << 18)
        self._waiting += more
        return bool(more)

    def _read_what_is_there(self) -> None:
        while len(self._waiting) <= MOST_BYTES and self._read(time.monotonic()):
            pass

    def _bound_errors(self) -> None:
        if os.fstat(self._errors.fileno()).st_blocks * BLOCK > MOST_ERRORS:
            self._errors.truncate(0)

    @staticmethod
    def _left(deadline: float | None) -> float:
        """How long to wait before anything else is looked at."""
        return POLL_SECONDS if deadline is None else min(POLL_SECONDS, max(0.0, deadline - time.monotonic()))

    @staticmethod
    def _is_over(deadline: float | None) -> bool:
        return deadline is not None and time.monotonic() >= deadline

    def _late(self, what: str, seconds: float | None) -> PeerFault:
        rest = (
            f"; it wrote {quoted(bytes(self._waiting[:MOST_SHOWN]))} without an end of line"
            if self._waiting
            else ""
        )
        return PeerFault(
            f"the peer {what} within {seconds or BYE_SECONDS:g} s{rest}",
            outcome=HANG,
            heading="Lines",
            hint=NO_OUTPUT,
        )

    def _ended(self, when: str, closed: str = "output") -> PeerFault:
        """The fault of a peer that closed its input or output, or ended."""
        try:
            status = self._process.wait(BYE_SECONDS)
        except subprocess.TimeoutExpired:
            return PeerFault(
                f"the peer closed its standard {closed} {when}", outcome=CORRUPT, heading="Lines"
            )
        half = f", after half a line: {quoted(bytes(self._waiting[:MOST_SHOWN]))}" if self._waiting else ""
        said = self._last_words()
        ended = f"ended by {_signal_name(-status)}" if status < 0 else f"exited with status {status}"
        return PeerFault(
            f"the peer {ended} {when}{half}" + (f"; it said: {said}" if said else ""),
            outcome=CRASH if status < 0 else EXIT,
            heading="Lines",
            status=status,
        )

    def _last_words(self) -> str:
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - LAST_BYTES))
        lines = self._errors.read().decode("utf-8", "replace").strip("\0 \r\n\t").splitlines()
        return visible(lines[-1][:300]) if lines else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
