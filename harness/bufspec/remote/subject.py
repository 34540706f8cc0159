"""One subject of a peer: gives the trace of each scenario, in full, or what kept it from that."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Callable
from types import TracebackType

from attrs import define, field

from bufspec.errors import LONGEST_TEXT, SelectionError, near_names
from bufspec.remote.messages import Message, ProtocolError
from bufspec.remote.peer import CORRUPT, RAISED, Greeting, Peer, PeerFault, command_from
from bufspec.remote.trace import completed
from bufspec.values import takes_another
from bufspec.visible import visible
from bufspec.wire.remote_file import HELLO_SECONDS

SURVEY_WORDS = (
    *(0x11C, 0x118, 0x01C, 0x018, 0x03C, 0x05C, 0x038, 0x058, 0x00C, 0x008, 0x000),
    *(0x11D, 0x119, 0x01D, 0x019, 0x03D, 0x05D, 0x00D, 0x009, 0x001),
)
"""What is asked before the steps, richest first, as the driver of exporters asks (suites/engine/exporter)."""
SAID = 300
NO_ZERO_BYTE = "no_zero_byte"
"""The behaviour of our exporter that says what elements hold."""
MEMORY_OF = Callable[[str, tuple[str, ...]], tuple[bytes, bytes]]


@define
class Account:
    """What a run of a subject comes to beyond its cases, over all the processes of its peer."""

    skips: Counter[str] = field(factory=Counter)
    """How many scenarios could not be tried, by the reason."""
    given: int = 0
    accepted: int = 0
    """Memories that a consumer was called with, and those for which it raised nothing."""
    raised: dict[str, tuple[int, str]] = field(factory=dict)
    """For each type of exception how often a consumer raised it, and its name."""
    claims: Message = field(factory=dict)
    """What the process that was started last observes, and the rules that it can show nothing of."""

    def add(self, trace: Message) -> None:
        """Count the calls of a consumer in a trace."""
        for record in trace["steps"]:
            consumed = record.get("consumed")
            if consumed is None or not consumed["called"]:
                continue
            self.given += 1
            self.accepted += not consumed["raised"]
            if consumed["raised"]:
                name = consumed["exception_name"]
                self.raised[name] = (self.raised.get(name, (0, name))[0] + 1, name)

    def facts(self) -> Message:
        """As messages have it."""
        found: Message = {"skips": dict(self.skips), **self.claims}
        if self.given:
            found |= {"memories": {"all": (self.given, self.accepted)}, "raised": self.raised, "plain": ""}
        return found


class RemoteSubject:
    """A subject of a peer, in a process of its own; use as a context manager.

    `memory_of` gives the block and the elements of a scenario's layout, which is JSON, and of the behaviours
    that concern them.  The peer may take `hello_seconds` to say hello.
    """

    def __init__(
        self,
        command: str,
        name: str,
        memory_of: MEMORY_OF,
        account: Account,
        *,
        hello_seconds: float = HELLO_SECONDS,
    ) -> None:
        self._peer = Peer(command_from(command))
        self._command = command
        self._name = name
        self._hello_seconds = hello_seconds
        self._memory_of = memory_of
        self.account = account
        self._next_id = 1
        self.last: tuple[Message, Message] | None = None
        """The last message that had an answer, and that."""
        self._word: int | None = None
        self._is_surveyed = False

    def __enter__(self) -> RemoteSubject:
        self._peer.__enter__()
        try:
            self.greeting: Greeting = self._peer.hello(self._hello_seconds)
            self.subject = subject_of(self.greeting, self._name, self._command)
        except BaseException as error:
            self._peer.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._peer.__exit__(kind, error, trace)

    def __call__(self, scenario: str) -> str | None:
        """The trace of a scenario, both as JSON; None if it cannot be tried.

        Raises PeerFault for whatever else the peer does.
        """
        trace = self.trace(json.loads(scenario))
        return None if trace is None else json.dumps(trace)

    def trace(self, scenario: Message) -> Message | None:
        """As the call, of a scenario that is parsed."""
        try:
            return self._trace(scenario)
        except ProtocolError as error:
            raise PeerFault(error.what, outcome=CORRUPT, heading=error.heading, hint=error.hint) from error

    def _trace(self, scenario: Message) -> Message | None:
        if call := scenario.get("call"):
            asked = {"type": "call", "subject": self._name, "call": call["name"], "given": call["given"]}
            result = self._result(asked)
            if result is None:
                return None
            seen: Message = {"steps": [{"called": {"answer": result["answer"]}}]}
            runtime = self.greeting.runtime
            return completed(scenario, seen, self.subject, runtime=runtime, surveyed=None, expected=None)
        if scenario["target"] == "exporter" and scenario["check"] is not None:
            return None  # what an object offers by other interfaces is Python's business
        is_ready_made = scenario["target"] == "exporter" and scenario["layout"] is None
        # A peer makes an object for each scenario: the first request is that of the steps after such a drop.
        steps = scenario["steps"]
        is_first = takes_another(scenario)
        surveyed = self._richest_word(scenario) if is_ready_made and not is_first else None
        expected = bytes.fromhex(self.subject["expect"]) if "expect" in self.subject else None
        message: Message = {"type": "scenario", "subject": self._name, "scenario": scenario}
        if surveyed is not None or is_first:
            sent = steps[1:] if is_first else [*_asking(surveyed or 0), *steps]
            message["scenario"] = {**scenario, "steps": sent}
        if scenario["layout"] is not None:
            contents = tuple(one for one in scenario["behaviours"] if one == NO_ZERO_BYTE)
            block, expected = self._memory_of(json.dumps(scenario["layout"]), contents)
            message["memory"] = {"block": block.hex(), "elements": expected.hex()}
        answer = self._result(message)
        if answer is None:
            return None
        given = answer["trace"]
        if is_first:
            given = {**given, "steps": [{}, *given["steps"]]}
        trace = completed(
            scenario,
            given,
            self.subject,
            runtime=self.greeting.runtime,
            surveyed=surveyed,
            expected=expected,
        )
        self.account.add(trace)
        return trace

    def _richest_word(self, scenario: Message) -> int | None:
        """The richest request that is granted, asked once of each process of the peer; None if none is."""
        if not self._is_surveyed:
            self._is_surveyed = True
            for word in SURVEY_WORDS:
                steps = {**scenario, "steps": _asking(word)}
                asked = {"type": "scenario", "subject": self._name, "scenario": steps}
                answer = self._result(asked, counts=False)
                records = [] if answer is None else answer["trace"]["steps"]
                if records and records[0].get("answer", {}).get("granted"):
                    self._word = word
                    break
        return self._word

    def _result(self, message: Message, *, counts: bool = True) -> Message | None:
        """The result of a message; None if it was skipped."""
        asked = {**message, "id": self._next_id}
        self._next_id += 1
        answer: Message = self._peer.ask(asked)
        self.last = asked, answer
        match answer["type"]:
            case "result":
                wanted = "answer" if message["type"] == "call" else "trace"
                if wanted not in answer:
                    raise ProtocolError(
                        f"result: no {wanted} in answer to {message['type']}", heading="Result"
                    )
                return answer
            case "skipped":
                if counts:
                    self.account.skips[answer["reason"][:SAID]] += 1
                return None
            case "refused" | "error" as kind:
                said = visible(str(answer.get("reason", answer.get("detail", "")))[:LONGEST_TEXT])
                what = "refuses the message" if kind == "refused" else "failed"
                raise PeerFault(f"the peer {what}: {said}", outcome=RAISED, heading="Refused, skipped, error")
            case other:
                raise ProtocolError(f"{other} in answer to {message['type']}", heading="Lines")


def subject_of(greeting: Greeting, name: str, command: str) -> Message:
    """What the greeting says of a subject; raises SelectionError if the peer has none of that name."""
    if name not in greeting.subjects:
        raise SelectionError(
            f"{name} cannot be judged here: the peer {greeting.peer} has no such subject",
            where=f"--remote {shlex.quote(command)}",
            hint=near_names(name, greeting.subjects, otherwise=f"it has {', '.join(greeting.subjects)}"),
        )
    return greeting.subjects[name]


def greeting_of(command: str, seconds: float = HELLO_SECONDS) -> Greeting:
    """What a peer says of itself within so many seconds; it is started and ended for it.

    Raises PeerFault or ProtocolError.
    """
    with Peer(command_from(command)) as peer:
        return peer.hello(seconds)


def _asking(word: int) -> list[Message]:
    return [{"kind": "acquire", "slot": 0, "flags": word}, {"kind": "release", "slot": 0}]
