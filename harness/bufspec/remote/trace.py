"""What does a peer's trace say in full?  It may leave out what it did not observe, and use short forms.

The result is the neutral encoding (reports/schema/scenario-trace.schema.json), which the engine judges.  What
the subject claims to observe and the trace does not have is an error of the peer's, never a pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define

from bufspec.remote.memory import (
    Seen,
    block_of,
    compared,
    first_wrong,
    is_of_one_element,
)
from bufspec.remote.messages import Message, ProtocolError
from bufspec.remote.schemas import POINTERS, VIEW_FIELDS
from bufspec.values import UNSEEN_ANSWER

HEADING = "Result"
OF_KINDS = {
    "acquire": ("answer",),
    "acquire_direct": ("answer",),
    "release": ("released",),
    "release_copy": ("released",),
    "release_raising": ("released",),
    "read": ("reread",),
    "write": ("written",),
    "mutate": ("mutated",),
    "reenter": ("answer", "released"),
    "repeat": ("repeated",),
    "threads": ("repeated",),
    "collect": (),
    "drop": (),
    "another": (),
    "hold": (),
    "call": ("called",),
}
"""The members that the record of each kind of step may have; those of a consumer have `consumed`."""
OBSERVED_BY: Mapping[str, tuple[tuple[str, ...], str]] = {
    "reread": (("data", "memory_readable"), "memory"),
    "written": (("tried",), "memory"),
    "mutated": (("raised",), "mutation"),
    "repeated": (("granted",), "references"),
}
"""Without one of these members nothing was looked at: the record is none."""
UNSEEN: dict[str, Any] = {
    "buf": "set",
    "obj": "exporter",
    "len": 0,
    "itemsize": 1,
    "readonly": 0,
    "ndim": 1,
    "format": "NULL",
    "shape": "NULL",
    "strides": "NULL",
    "suboffsets": "NULL",
}
"""What stands for a field that the peer cannot see; no rule about it is judged (unseen.py)."""
EMPTY_VIEW = {**UNSEEN, "buf": "NULL", "obj": "NULL", "itemsize": 0, "ndim": 0}


@define
class _Slot:
    """A view that is held."""

    seen: Seen | None
    given: Message


class Completion:
    """Completes the records of one trace, step by step."""

    def __init__(self, subject: Message, *, expected: bytes | None, operations: tuple[str, ...] = ()) -> None:
        self._subject = subject
        self._unseen = frozenset(subject.get("unseen", ()))
        self._observes = frozenset(subject["observes"])
        self._expected = expected
        self._operations = operations
        self._richest: Seen | None = None
        self._slots: dict[int, _Slot] = {}
        self._is_volatile = bool(subject.get("volatile"))
        self._is_changed = False
        """Whether an operation may have changed the object: its elements may not be those declared."""

    def survey(self, record: Message, place: str) -> Message | None:
        """The answer to the richest request, which is in front of the steps; None if it was refused."""
        answer: Message = self._answer(record["answer"], f"{place}.answer", 0) if "answer" in record else {}
        self._slots.clear()
        return answer if answer.get("granted") else None

    def record(self, step: Message, record: Message, place: str) -> Message:
        """The record of one step; raises ProtocolError where it has what the kind of step has not."""
        kind = step["kind"]
        members = ("consumed",) if self._subject["target"] == "consumer" else OF_KINDS.get(kind, ())
        for name in record:
            if name not in members:
                owed = " and ".join(members) or "nothing"
                raise _misfit(f"{place}: {name} of a step {kind}, which has {owed}")
        # Only a BufferError is taken for a sign that nothing was done.
        if kind == "mutate" and record.get("mutated", {}).get("error") != "BufferError":
            self._is_changed = True
        self._is_changed = self._is_changed or kind == "another"  # which may be made of the same memory
        done: Message = {}
        for name, given in record.items():
            told = OBSERVED_BY.get(name)
            if told is not None and not any(member in given for member in told[0]):
                continue
            at = f"{place}.{name}"
            if name == "answer":
                done[name] = self._answer(given, at, -1 if kind == "reenter" else step["slot"])
            elif name == "released":
                done[name] = self._released(given, at, kind)
                self._slots.pop(step.get("slot", -1), None)
            elif name == "reread":
                done[name] = self._reread(given, at, step["slot"])
            elif name == "written":
                done[name] = _written(given, at)
            elif name == "mutated":
                done[name] = self._mutated(given, step)
            elif name == "repeated":
                done[name] = {**REPEATED, **given}
            elif name == "called":
                done[name] = {**CALLED, **given}
            else:
                done[name] = self._consumed(given)
        return done

    def _answer(self, given: Message, place: str, slot: int) -> Message:
        granted = given["granted"]
        answer: Message = {
            **UNSEEN_ANSWER,
            "status": 0 if granted else -1,
            "exception_set": "error" in given or "exception_name" in given,
            **{name: one for name, one in given.items() if name not in ("data", "view")},
        }
        if answer["exception_set"] and "error" not in given:
            answer["error"] = "other"
        if answer["error"] != "none" and not answer["exception_name"]:
            answer["exception_name"] = answer["error"]
        if "canaries" in self._observes and "canaries_intact" not in given:
            raise _misfit(f"{place}: no canaries_intact, and the subject observes canaries")
        view, address = self._view(given, place, granted=granted)
        answer["view"] = view
        data = _data_of(given, granted=granted)
        if granted:
            self._fill_unseen(view, data)
            seen = Seen(view, address, data)
            self._compare(answer, seen, given)
            if slot >= 0:
                self._slots[slot] = _Slot(seen, given)
        return answer

    def _view(self, given: Message, place: str, *, granted: bool) -> tuple[Message, int | None]:
        """The view in its long form, and the number of its first byte."""
        short: Message = given.get("view", {})
        if "struct" in self._observes:
            owed = VIEW_FIELDS if granted else ("obj",)
            for name in owed:
                stands_for = {"buf": "address", "format": "format_text"}.get(name, name)
                if name not in self._unseen and name not in short and stands_for not in short:
                    of = "" if granted else " of a refused request"
                    raise _misfit(
                        f"{place}: no view.{name}{of}, and the subject observes struct: "
                        f"send it, or name it in unseen"
                    )
        view = {**(UNSEEN if granted else EMPTY_VIEW), **short}
        for name in POINTERS:
            view[name] = "NULL" if view[name] is None else view[name]
        if "format_text" in short and "format" not in short:
            view["format"] = "set"
        address = view.pop("address", None)
        if address is not None and "buf" not in short:
            view["buf"] = "set" if address else "NULL"
        view.setdefault("buf_offset", 0)
        view.setdefault("format_text", "")
        view.setdefault("format_truncated", False)
        view.setdefault("format_terminated", True)
        return view, address

    def _fill_unseen(self, view: Message, data: bytes | None) -> None:
        """Let what is not seen agree with what is."""
        if "ndim" in self._unseen and isinstance(view["shape"], list):
            view["ndim"] = len(view["shape"])
        if "len" in self._unseen and data is not None:
            view["len"] = len(data)

    def _compare(self, answer: Message, seen: Seen, given: Message) -> None:
        """Fill in what follows from the elements and from where they lie."""
        richest = self._richest
        if seen.data is not None and "memory_readable" not in given:
            answer["memory_readable"] = True
        if richest is None:
            self._richest = seen
        elif seen.address is not None and richest.address is not None:
            if "buf_offset" not in given.get("view", ()):
                answer["view"]["buf_offset"] = (seen.address - richest.address + 2**63) % 2**64 - 2**63
            if "block" not in given:
                answer["block"] = block_of(seen, richest)
        if answer["block"] == "other" and "is_order_open" not in given:
            answer["is_order_open"] = is_of_one_element(seen)
        is_in_order = seen.shows_in_order(richest) or answer["block"] == "other"
        if not is_in_order or self._is_volatile or self._is_changed or seen.data is None:
            return
        is_moved = richest is not None and answer["view"]["buf_offset"] != 0
        if richest is not None and (is_moved or richest.address is None) and "elements" not in given:
            answer["elements"] = compared(seen.data, richest.data)
        if "declared" not in given:
            answer["declared"] = compared(seen.data, self._expected)
        if "wrong" in given:
            return
        if answer["declared"] == "different" and self._expected is not None:
            answer["wrong"] = first_wrong(seen, richest, self._expected)
        elif answer["elements"] == "different" and answer["block"] == "other" and richest and richest.data:
            answer["wrong"] = first_wrong(seen, richest, richest.data)

    def _released(self, given: Message, place: str, kind: str) -> Message:
        if kind == "release_raising" and "exception" in self._observes and "live_exception_lost" not in given:
            raise _misfit(
                f"{place}: no live_exception_lost of a step release_raising: answer {{}} or skipped"
            )
        if "canaries" in self._observes and "canaries_intact" not in given:
            raise _misfit(f"{place}: no canaries_intact, and the subject observes canaries")
        done = {**RELEASED, **given}
        done["obj"] = "NULL" if done["obj"] is None else done["obj"]
        return done

    def _reread(self, given: Message, place: str, slot: int) -> Message:
        held = self._slots.get(slot)
        done = {**REREAD, **{name: one for name, one in given.items() if name not in ("data", "view")}}
        if "struct" in self._observes and not {"view", "changed"} & set(given):
            raise _misfit(f"{place}: neither view nor changed, and the subject observes struct")
        if held is None or held.seen is None:
            return done
        if "view" in given and "changed" not in given:
            before: Message = held.given.get("view", {})
            done["changed"] = [
                name
                for name in VIEW_FIELDS
                if name not in self._unseen and _told(before, name) != _told(given["view"], name)
            ]
        if "elements" not in given and not self._is_volatile:
            done["elements"] = compared(_data_of(given, granted=True), held.seen.data)
        return done

    def _mutated(self, given: Message, step: Message) -> Message:
        number = step["operation"]
        name = self._operations[number] if number < len(self._operations) else str(number)
        done = {**MUTATED, "operation": name, "views_held": len(self._slots), **given}
        done["error"] = given.get("error", "other" if done["raised"] else "none")
        if done["raised"] and not done["exception_name"]:
            done["exception_name"] = done["error"]
        return done

    def _consumed(self, given: Message) -> Message:
        done = {**CONSUMED, **{name: one for name, one in given.items() if name != "data"}}
        done["requests"] = [{**REQUEST, **one} for one in given.get("requests", ())]
        done["difference"] = {**DIFFERENCE, **given.get("difference", {})}
        if "error" in given and "raised" not in given:
            done["raised"] = given["error"] != "none"
        if done["raised"] and done["error"] == "none":
            done["error"] = "other"
        if done["raised"] and not done["exception_name"]:
            done["exception_name"] = done["error"]
        if "data" in given and "result" not in given and self._expected is not None:
            found = bytes.fromhex(given["data"])
            done["result"] = "right" if found == self._expected else "wrong"
            if found != self._expected:
                done["difference"] = difference_of(found, self._expected)
        return done


def difference_of(found: bytes, owed: bytes) -> Message:
    """In what a result of bytes is wrong."""
    if len(found) != len(owed):
        return {"aspect": "length", "index": -1, "owed": len(owed), "found": len(found)}
    at = next(i for i, (one, other) in enumerate(zip(found, owed, strict=True)) if one != other)
    return {"aspect": "byte", "index": at, "owed": owed[at], "found": found[at]}


def _told(view: Message, name: str) -> Any:
    """What a short view says of a field, in any of its forms."""
    if name == "buf":
        return view.get("address", view.get("buf"))
    if name == "format":
        return view.get("format_text", view.get("format"))
    return view.get(name)


def _data_of(given: Message, *, granted: bool) -> bytes | None:
    return bytes.fromhex(given["data"]) if granted and "data" in given else None


def _written(given: Message, place: str) -> Message:
    if given["tried"] and not {"possible", "read_back"} <= set(given):
        raise _misfit(f"{place}: tried, without possible and read_back")
    return {**WRITTEN, **given}


def _misfit(what: str) -> ProtocolError:
    return ProtocolError(f"result: trace.{what}", heading=HEADING)


RELEASED: Message = {
    "obj": "NULL",
    "exception_set": False,
    "canaries_intact": True,
    "live_exception_lost": False,
    "unraisable": "",
    "references_kept": None,
}
REREAD: Message = {
    "changed": [],
    "unreadable": [],
    "freed": [],
    "memory_readable": True,
    "memory_reused": False,
    "elements": "not_compared",
}
WRITTEN: Message = {"possible": True, "read_back": True, "elsewhere": "not_compared", "restored": True}
MUTATED: Message = {
    "exception_name": "",
    "twin_tried": False,
    "twin_raised": False,
    "twin_exception_name": "",
}
REPEATED: Message = {
    "refused": 0,
    "references_kept": None,
    "first_half_bytes": None,
    "second_half_bytes": None,
    "elements_same": True,
}
REQUEST: Message = {"releases": 0, "changed": []}
DIFFERENCE: Message = {"aspect": "value", "index": -1, "owed": None, "found": None}
CONSUMED: Message = {
    "stray_releases": 0,
    "results_held": 0,
    "called": True,
    "raised": False,
    "error": "none",
    "exception_name": "",
    "is_declared_refusal": False,
    "is_raised_by_bytes": False,
    "result_and_exception_disagree": False,
    "returned_none": False,
    "result": "not_compared",
    "misreading": "unknown",
    "is_in_memory_order": False,
    "filled": "not_compared",
    "elements_changed": False,
    "gaps_changed": False,
    "references_kept": None,
}
CALLED: Message = {"error": "none", "result": 0, "wrong": "", "owed": None, "found": None}


def completed(
    scenario: Message,
    given: Message,
    subject: Message,
    *,
    runtime: int,
    surveyed: int | None = None,
    expected: bytes | None = None,
) -> Message:
    """The trace in full of a scenario, by what the peer gave for its steps.

    `surveyed` is the request that stands in front of them, with its release; `expected` the elements that the
    object, or what a consumer makes of its memory, must show.  Raises ProtocolError for what does not fit.
    """
    records = list(given["steps"])
    ahead = 0 if surveyed is None else 2
    owed = len(scenario["steps"]) + ahead
    if len(records) != owed:
        raise _misfit(f"steps: {len(records)} records of {owed} steps")
    completion = Completion(subject, expected=expected, operations=tuple(subject.get("operations", ())))
    richest = completion.survey({"answer": given["richest"]}, "richest") if given.get("richest") else None
    if ahead and records:
        richest = completion.survey(records[0], "steps[0]")
    steps = [
        completion.record(step, record, f"steps[{number}]")
        for number, (step, record) in enumerate(
            zip(scenario["steps"], records[ahead:], strict=False), start=ahead
        )
    ]
    observes = [one for one in subject["observes"] if one != "content" or not subject.get("volatile")]
    return {
        "observes": observes,
        "runtime": given.get("runtime", runtime),
        "richest_word": given.get("richest_word", surveyed or 0) if richest else 0,
        "richest": richest,
        "declared_readonly": given.get("declared_readonly", bool(subject.get("readonly"))),
        "consumer": subject.get("kind", "reads"),
        "accepts": subject.get("accepts", []),
        "has_fallback": bool(subject.get("fallback")),
        "steps": steps,
    }
