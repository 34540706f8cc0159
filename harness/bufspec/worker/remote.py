"""The worker's part of a remote subject: its profile, a run of its cases, one of them with all that was seen.

The peer is a child of this process, started for each of these and ended after it.  What it does wrong is
raised as PeerFault, which costs it the case.
"""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Callable, Container, Mapping
from contextlib import ExitStack, suppress
from functools import lru_cache
from typing import Any

from bufspec import _engine
from bufspec.declare import EXPORTER, FUNCTION, Subject
from bufspec.elsewhere import Elsewhere
from bufspec.errors import DeclarationError, SelectionError
from bufspec.remote.messages import README, ProtocolError
from bufspec.remote.peer import CORRUPT, HANG, PeerFault, command_from
from bufspec.remote.schemas import PROTOCOL
from bufspec.remote.subject import Account, RemoteSubject, greeting_of
from bufspec.remote.unseen import unjudged
from bufspec.wire import messages
from bufspec.wire.messages import Message
from bufspec.wire.remote_file import HELLO_SECONDS

SAID = 300
_accounts: dict[str, Account] = {}
"""Of each run by its ledger, over all the processes of its peer."""


def subjects_of_peer(
    command: str, taken: Container[str], seconds: float = HELLO_SECONDS
) -> dict[str, Subject]:
    """The subjects of a peer by name; raises DeclarationError where there is no peer, or one that other
    places declare.  It may take so many seconds to say hello."""
    try:
        greeting = greeting_of(command, seconds)
    except (PeerFault, ProtocolError) as error:
        raise _no_peer(error, command) from error
    subjects = {}
    for name, said in greeting.subjects.items():
        if name.partition(".")[0] in taken:
            raise DeclarationError(
                f"{name} is a stray: other files declare the subjects of {name.partition('.')[0]}",
                where=f"remote:{command}",
                hint="begin the names of the peer's subjects with a package of its own",
            )
        subjects[name] = Subject(
            name,
            said["target"],
            Elsewhere(name),
            build=Elsewhere(name) if said.get("builds") and said["target"] == EXPORTER else None,
            accepts=tuple(said.get("accepts", ())),
            kind=said.get("kind", "reads"),
            remote=command,
            peer=(greeting.implementation, greeting.version),
        )
    return subjects


def _no_peer(error: PeerFault | ProtocolError, command: str) -> DeclarationError:
    hint = f"bufspec remote validate {shlex.quote(command)}"
    if isinstance(error, PeerFault) and error.outcome == HANG:
        hint += "; bufspec check --setup-timeout SECONDS gives it longer"
    return DeclarationError(error.what, where=f"--remote {shlex.quote(command)}", hint=hint)


@lru_cache(maxsize=64)
def memory_of(layout: str, behaviours: tuple[str, ...] = ()) -> tuple[bytes, bytes]:
    """The block of a layout that is JSON, with every element at its place, and the elements in C order.

    `behaviours` are those of our exporter that concern what the elements hold.
    """
    described = json.loads(layout)
    exporter = _engine.InstrumentedExporter(described, behaviours=behaviours)
    elements = exporter.elements_before()
    size, places = exporter.places()
    if described["suboffsets"] is not None and max(described["suboffsets"], default=-1) >= 0:
        return b"", elements
    block = bytearray(size)
    item = len(elements) // max(math.prod(described["shape"]), 1)
    for number, place in enumerate(places):
        block[place : place + item] = elements[number * item : (number + 1) * item]
    return bytes(block), elements


def remote_subject(
    subject: Subject, account: Account | None = None, *, hello_seconds: float = HELLO_SECONDS
) -> RemoteSubject:
    """The subject behind a declaration; to be entered."""
    account = account or Account()
    return RemoteSubject(subject.remote, subject.name, memory_of, account, hello_seconds=hello_seconds)


def remote_profile(subject: Subject, hello_seconds: float = HELLO_SECONDS) -> Message:
    """What the peer says of its subject; raises DeclarationError where it says nothing of the kind."""
    try:
        with remote_subject(subject, hello_seconds=hello_seconds) as remote:
            said, greeting = remote.subject, remote.greeting
    except (PeerFault, ProtocolError) as error:
        raise _no_peer(error, subject.remote) from error
    if said["target"] != subject.target:
        raise DeclarationError(
            f"{subject.name} is declared as {subject.target}, and its peer has it as {said['target']}",
            where=subject.where or subject.remote,
        )
    cases = _cases_follow_from(said)
    operations = cases["operations"]
    return {
        "operations": operations,
        "builds": cases["builds"],
        "volatile": bool(said.get("volatile")),
        "memories": "",
        "facts": {
            "declared": operations,
            "observes": list(said["observes"]),
            "peer": [greeting.peer, greeting.implementation, greeting.version],
            "unjudged": unjudged(said, _engine.rule_ids(), pointer_bytes=greeting.pointer_bytes),
        },
    }


def run_remote(
    subject: Subject,
    request: messages.Run,
    cases: _engine.Cases,
    on_failure: Callable[[Mapping[str, Any]], None],
    begin: Callable[[], None],
) -> Message:
    """Judge the cases of a run; `begin` says that they begin."""
    account = _accounts.setdefault(request["ledger"], Account())
    try:
        _run(subject, request, cases, on_failure, begin, account)
    except PeerFault as fault:
        return {**raised_by_peer(fault), "done": "run", "facts": account.facts()}
    return {"facts": account.facts()}


def _run(
    subject: Subject,
    request: messages.Run,
    cases: _engine.Cases,
    on_failure: Callable[[Mapping[str, Any]], None],
    begin: Callable[[], None],
    account: Account,
) -> None:
    begin()  # to start the peer is to set up, and may take as long as that may
    seconds = request.get("hello_seconds", HELLO_SECONDS)
    with ExitStack() as stack:
        try:
            remote = stack.enter_context(remote_subject(subject, account, hello_seconds=seconds))
        except (ProtocolError, SelectionError) as error:  # it was a peer with that subject when it was listed
            raise PeerFault(error.what, outcome=CORRUPT, heading="Hello") from error
        _refuse_other_claims(remote.subject, subject.target, request)
        ledger = _engine.Ledger(request["ledger"], False)
        unseen = _unjudged(remote)
        account.claims = {"observes": list(remote.subject["observes"]), "unjudged": unseen}
        rules = _engine.rule_ids() if request["rules"] is None else request["rules"]
        try:
            _engine.run_traced(
                remote,
                ledger,
                on_failure,
                cases=cases,
                rules=[rule for rule in rules if rule not in unseen],
                first_case=request["first_case"],
                ranges=request["ranges"],
                stop_on_failure=request["stop_on_failure"],
            )
        except ValueError as error:  # of an answer that the schema takes and the engine does not
            raise _unreadable(error) from error


def _cases_follow_from(said: Message) -> Message:
    """What of a subject, as its peer has it, decides which cases there are."""
    return {
        "target": said["target"],
        "operations": list(said.get("calls" if said["target"] == FUNCTION else "operations", ())),
        "builds": bool(said.get("builds")) and said["target"] == EXPORTER,
    }


def _refuse_other_claims(said: Message, target: str, request: messages.Run) -> None:
    """Raise PeerFault where a peer says something else of its subject than when its cases were chosen."""
    claimed = {"target": target, "operations": request["operations"], "builds": request["builds"]}
    for what, now in _cases_follow_from(said).items():
        if now != claimed[what]:
            raise PeerFault(
                f"hello says something else of {what} than at an earlier start of the peer",
                outcome=CORRUPT,
                heading="Hello",
            )


def _unreadable(error: ValueError) -> PeerFault:
    return PeerFault(f"result: {str(error)[:SAID]}", outcome=CORRUPT, heading="Result")


def _unjudged(remote: RemoteSubject) -> dict[str, str]:
    return unjudged(remote.subject, _engine.rule_ids(), pointer_bytes=remote.greeting.pointer_bytes)


def raised_by_peer(fault: PeerFault) -> Message:
    """The answer that says what a peer did in place of an answer of its own."""
    where = f" (see {fault.heading} in {README})" if fault.heading else ""
    said: Message = {"raised": fault.what + where, "kind": "PeerFault", "trace": "", "peer": fault.outcome}
    return said if fault.status is None else {**said, "status": fault.status}


def trace_remote(subject: Subject, scenario: bytes, case: str) -> Message:
    """One scenario with all that was seen in it, as _engine.trace_scenario() gives it, or what the peer did
    in place of an answer."""
    parts = _engine.parts(scenario)
    try:
        with remote_subject(subject) as remote:
            trace = remote.trace(parts)
            unseen = _unjudged(remote)
    except PeerFault as fault:
        return raised_by_peer(fault)
    seen = {
        "case": case,
        "scenario": parts,
        "described": _engine.describe(scenario),
        "trace": trace or {**NOTHING_SEEN, "observes": []},
    }
    try:
        found = _engine.judge_trace(json.dumps(parts), json.dumps(seen["trace"]))
    except ValueError as error:
        return raised_by_peer(_unreadable(error))
    found["violations"] = [one for one in found["violations"] if one["rule"] not in unseen]
    found["judged"] = [one for one in found["judged"] if one not in unseen]
    return {"trace": {**seen, **found}}


NOTHING_SEEN: Message = {
    "runtime": 0,
    "richest_word": 0,
    "richest": None,
    "declared_readonly": False,
    "consumer": "reads",
    "accepts": [],
    "has_fallback": False,
    "steps": [],
}


def source_of_remote(subject: Subject, scenario: bytes) -> Message:
    """What a script needs that sends a scenario to the peer as it was sent here."""
    with remote_subject(subject) as remote:
        with suppress(PeerFault):
            remote.trace(_engine.parts(scenario))
        asked, answered = remote.last or ({"type": "bye"}, {})
    hello = {"type": "hello", "protocol": PROTOCOL}
    command = command_from(subject.remote)
    return {"make": "", "peer": {"command": command, "messages": [hello, asked], "answered": answered}}
