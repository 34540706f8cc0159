"""Does a command start a peer that speaks the protocol, and if not, what is wrong and where does it stand?

Plays the driver with a small set of messages, each answer held against its schema and against what the peer
claims to observe.  After a fault the peer is started again, so that one fault hides no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from attrs import frozen

from bufspec.errors import BufspecError
from bufspec.remote.messages import README, Message, ProtocolError
from bufspec.remote.peer import Greeting, Peer, PeerFault
from bufspec.remote.trace import completed

OK, SKIPPED, WRONG = "ok", "skipped", "wrong"
MOST_SUBJECTS = 20
FULL_RO = 0x11C


@frozen
class Row:
    """What one thing that was tried came to; `heading` is that of the README which says how it should be."""

    what: str
    outcome: str
    said: str = ""
    heading: str = ""

    @property
    def hint(self) -> str:
        """Where to read on; empty if nothing is wrong."""
        return f'see "{self.heading}" in {README}' if self.outcome == WRONG and self.heading else ""


def acquire(flags: int = FULL_RO, slot: int = 0) -> Message:
    """The step that requests a view."""
    return {"kind": "acquire", "slot": slot, "flags": flags}


def release(slot: int = 0, kind: str = "release") -> Message:
    """The step that gives it back."""
    return {"kind": kind, "slot": slot}


EXPORTED: dict[str, list[Message]] = {
    "acquire, release": [acquire(), release()],
    "a request that is poorer": [acquire(0), release()],
    "a request for writable memory": [acquire(0x11D)],
    "two views, read": [
        *(acquire(), acquire(slot=1), {"kind": "read", "slot": 0}),
        *({"kind": "read", "slot": 1}, release(1), release()),
    ],
    "a step on a slot that is empty": [{"kind": "read", "slot": 3}, release(3)],
    "write": [acquire(0x11D), {"kind": "write", "slot": 0}, release()],
    "acquire_direct": [{"kind": "acquire_direct", "slot": 0, "flags": FULL_RO}, release()],
    "release_copy": [acquire(), release(kind="release_copy")],
    "release_raising": [acquire(), release(kind="release_raising")],
    "reenter": [{"kind": "reenter", "flags": FULL_RO}],
    "repeat": [{"kind": "repeat", "flags": FULL_RO, "count": 10}],
    "threads": [{"kind": "threads", "flags": FULL_RO, "count": 10}],
    "collect, drop": [
        acquire(),
        {"kind": "collect"},
        {"kind": "drop"},
        {"kind": "read", "slot": 0},
        release(),
    ],
    "mutate": [{"kind": "mutate", "operation": 0}],
    "another": [acquire(), {"kind": "another", "operation": 0}, {"kind": "read", "slot": 0}, release()],
    "hold": [{"kind": "hold", "flags": FULL_RO, "count": 3}, acquire(), release()],
    "mutate while a view is held": [acquire(), {"kind": "mutate", "operation": 0}, release()],
}
"""The steps that a peer of an exporter is asked to do: each kind once."""
LAYOUT: Message = {
    "format": "B",
    "itemsize": 1,
    "shape": [3],
    "strides": None,
    "suboffsets": None,
    "offset": 0,
    "block": 3,
    "readonly": False,
}
MEMORY: Message = {"block": "000102", "elements": "000102"}
CONSUMED: dict[str, list[Message]] = {
    "consume, release": [{"kind": "consume", "slot": 0}, release()],
    "consume, read": [{"kind": "consume", "slot": 0}, {"kind": "read", "slot": 0}, release()],
}


def scenario_of(target: str, steps: Sequence[Message], layout: Message | None = None) -> Message:
    """A scenario in the neutral encoding."""
    return {
        "target": target,
        "edition": "current",
        "layout": layout,
        "function": "is_contiguous",
        "check": None,
        "order": "C",
        "behaviours": [],
        "refused_requests": [],
        "steps": list(steps),
    }


class Validation:
    """Plays the driver with one peer; rows() says what each thing came to."""

    def __init__(self, command: Sequence[str], seconds: float) -> None:
        self._command = command
        self._seconds = seconds
        self._next_id = 1
        self._peer: Peer | None = None

    def rows(self) -> Iterator[Row]:
        """One row for each thing that is tried; none follows on a hello that is wrong."""
        try:
            greeting = self._started()
        except BufspecError as error:
            yield _wrong("hello", error)
            self._drop(error)
            return
        yield Row("hello", OK, _described(greeting))
        for subject in list(greeting.subjects.values())[:MOST_SUBJECTS]:
            yield from self._of_subject(subject, greeting)
        if len(greeting.subjects) > MOST_SUBJECTS:
            yield Row(
                "subjects", SKIPPED, f"only the first {MOST_SUBJECTS} of {len(greeting.subjects)} are tried"
            )
        yield self._unknown_subject()
        yield self._bye()

    def _of_subject(self, subject: Message, greeting: Greeting) -> Iterator[Row]:
        name, target = subject["name"], subject["target"]
        if target == "exporter":
            for what, steps in EXPORTED.items():
                if what.startswith("mutate") and not subject.get("operations"):
                    continue
                yield self._scenario(name, what, scenario_of(target, steps), subject, greeting)
            if subject.get("builds"):
                built = scenario_of(target, EXPORTED["acquire, release"], LAYOUT)
                yield self._scenario(name, "an object of a layout", built, subject, greeting)
        elif target == "consumer":
            for what, steps in CONSUMED.items():
                yield self._scenario(name, what, scenario_of(target, steps, LAYOUT), subject, greeting)
        else:
            for call in subject.get("calls", ()):
                yield self._call(name, call)
            if not subject.get("calls"):
                yield Row(f"{name}: calls", WRONG, "a function without calls cannot be judged", "Hello")

    def _scenario(self, name: str, what: str, scenario: Message, subject: Message, greeting: Greeting) -> Row:
        message: Message = {"type": "scenario", "subject": name, "scenario": scenario}
        expected = bytes.fromhex(subject["expect"]) if "expect" in subject else None
        if scenario["layout"] is not None:
            message["memory"], expected = MEMORY, bytes.fromhex(MEMORY["elements"])
        what = f"{name}: {what}"

        def judged(answer: Message) -> Row:
            if "trace" not in answer:
                raise ProtocolError("result: no trace in answer to scenario", heading="Result")
            trace = completed(scenario, answer["trace"], subject, runtime=greeting.runtime, expected=expected)
            return Row(what, OK, _told(trace))

        return self._asked(what, message, judged)

    def _call(self, name: str, call: str) -> Row:
        def judged(answer: Message) -> Row:
            if "answer" not in answer:
                raise ProtocolError("result: no answer in answer to call", heading="Call")
            return Row(f"{name}: {call}", OK)

        given = _given_in_tables().get(call, {})
        message: Message = {"type": "call", "subject": name, "call": call, "given": given}
        row = self._asked(f"{name}: {call}", message, judged)
        # A call that the tables do not know is given nothing, so that it may well refuse or fail.
        is_answer = row.outcome == WRONG and row.heading == "Refused, skipped, error"
        return Row(row.what, OK, row.said) if is_answer and not given else row

    def _unknown_subject(self) -> Row:
        what = "a subject that it does not have"
        steps = scenario_of("exporter", EXPORTED["acquire, release"])
        message = {"type": "scenario", "subject": "no_such.subject", "scenario": steps}

        def judged(answer: Message) -> Row:
            raise ProtocolError(
                "result in answer to a scenario for a subject that hello does not name: refuse it",
                heading="Refused, skipped, error",
            )

        row = self._asked(what, message, judged)
        if row.outcome == WRONG and row.said.startswith("the peer refuses"):
            return Row(what, OK, row.said)
        return row

    def _asked(self, what: str, message: Message, judged: Any) -> Row:
        """The row of one message that has an id."""
        try:
            if self._peer is None:
                self._started()
            assert self._peer is not None
            self._next_id += 1
            answer = self._peer.ask({**message, "id": self._next_id - 1}, self._seconds)
            if answer["type"] == "skipped":
                return Row(what, SKIPPED, answer["reason"])
            if answer["type"] == "refused":
                return Row(what, WRONG, f"the peer refuses: {answer['reason']}", "Refused, skipped, error")
            if answer["type"] == "error":
                return Row(what, WRONG, f"the peer failed: {answer['detail']}", "Refused, skipped, error")
            row: Row = judged(answer)
            return row
        except (ProtocolError, PeerFault) as error:
            if not (isinstance(error, ProtocolError) and error.is_of_content):
                self._drop(error)
            return _wrong(what, error)

    def _bye(self) -> Row:
        try:
            if self._peer is None:
                self._started()
            assert self._peer is not None
            self._peer.bye()
        except (ProtocolError, PeerFault) as error:
            self._drop(error)
            return _wrong("bye", error)
        self._drop(None)
        return Row("bye", OK)

    def _started(self) -> Greeting:
        self._peer = Peer(self._command).__enter__()
        return self._peer.hello(self._seconds)

    def _drop(self, error: BaseException | None) -> None:
        peer, self._peer = self._peer, None
        if peer is not None:
            peer.end()


@cache
def _given_in_tables() -> dict[str, Message]:
    """What the first data case of each call is given."""
    from bufspec.spec.tables import Spec, default_directory

    cases = [case for rule in Spec.load(default_directory()).rules for case in rule.cases]
    return {case.call: dict(case.given) for case in reversed(cases)}


def _described(greeting: Greeting) -> str:
    names = ", ".join(list(greeting.subjects)[:5])
    more = f" and {len(greeting.subjects) - 5} more" if len(greeting.subjects) > 5 else ""
    return f"{greeting.peer}, {greeting.implementation} {greeting.version}: {names}{more}"


def _told(trace: Mapping[str, Any]) -> str:
    """What the steps came to, in a word each."""
    words = []
    for record in trace["steps"]:
        if answer := record.get("answer"):
            words.append("granted" if answer["granted"] else answer["exception_name"] or "refused")
        else:
            words.append(next(iter(record), "nothing"))
    return ", ".join(words)


def _wrong(what: str, error: BufspecError) -> Row:
    return Row(what, WRONG, error.what, getattr(error, "heading", "") or "Lines")
