"""What was done in a case, and what came of it, in a line a step?

Also which fields of a step are not as they are where all is well: those are worth a look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bufspec.reports.counting import counted
from bufspec.reports.wording.runtimes import answer_of_call_in_words, entries_in_words
from bufspec.values import takes_another

if TYPE_CHECKING:
    from bufspec.replay.replayer import Replay

NOT_OBSERVED, NOT_COMPARED = "not observed", "not compared"
WORDS = {
    "acquire_direct": "acquire directly",
    "release_copy": "release through a copy",
    "release_raising": "release with an exception set",
    "collect": "collect garbage",
    "drop": "drop the object",
    "reenter": "request again while being asked",
    "threads": "request in threads",
    "repeat": "request and release",
    "hold": "request and hold",
    "call": "call the function",
}
OF_CONSUMERS = {
    "consume": "call the consumer",
    "read": "look at the result again",
    "release": "drop the result",
}
OF_STRUCT = ("len", "itemsize", "readonly", "ndim", "format", "shape", "strides", "suboffsets")
RIGHT: dict[str, dict[str, Any]] = {
    "granted": {
        "status": 0,
        "unwritten": [],
        "exception_set": False,
        "canaries_intact": True,
        "references_gained": 1,
        "memory_readable": True,
        "elements": "same",
        "declared": "same",
    },
    "refused": {
        "status": -1,
        "exception_set": True,
        "canaries_intact": True,
        "references_gained": 0,
    },
    "released": {
        "obj": "NULL",
        "exception_set": False,
        "canaries_intact": True,
        "live_exception_lost": False,
        "unraisable": "",
        "references_kept": 0,
    },
    "reread": {
        "changed": [],
        "unreadable": [],
        "freed": [],
        "memory_readable": True,
        "memory_reused": False,
        "elements": "same",
    },
    "written": {"possible": True, "read_back": True, "elsewhere": "same", "restored": True},
    "repeated": {"references_kept": 0, "elements_same": True},
    "consumed": {
        "stray_releases": 0,
        "elements_changed": False,
        "gaps_changed": False,
        "references_kept": 0,
        "result_and_exception_disagree": False,
    },
    "called": {"error": "none"},
}
"""What each field of a step holds where no rule is broken, but for what sentences name."""


def _operation(replay: Replay, step: Mapping[str, Any]) -> str:
    """The name of the operation of a step; empty if there is none of that number."""
    names, number = replay.operations, step["operation"]
    return names[number] if number < len(names) else ""


def step_in_words(replay: Replay, number: int, step: Mapping[str, Any]) -> str:
    """What is done, with which flags, to which view; `number` is that of the step."""
    kind = step["kind"]
    if kind == "mutate":
        return f"operation {_operation(replay, step) or step['operation']}"
    if kind == "another":
        shape = "" if replay.parts["layout"] is None else " of another shape"
        after = f" after {name}" if (name := _operation(replay, step)) and not shape else ""
        return f"ask another object{shape}{after}, and give it up"
    if kind == "call" and (call := replay.parts.get("call")):
        given = entries_in_words(call["given"])
        return f"call {call['name']}" + (f" of {given}" if given else "")
    if number == 0 and takes_another(replay.parts):
        return "take an object that nobody has asked"
    of_consumers = OF_CONSUMERS if replay.target == "consumer" else {}
    words = of_consumers.get(kind) or WORDS.get(kind, kind)
    flags = f" {step['flags']:#05x} ({replay.request_name(step['flags'])})" if "flags" in step else ""
    held = "result" if of_consumers else "view"
    slot = f", {held} {step['slot']}" if step.get("slot") else ""
    count = f", {step['count']:,} times" if step.get("count") else ""
    return f"{words}{flags}{slot}{count}"


def outcome_in_words(kind: str, record: Mapping[str, Any]) -> str:
    """What came of a step, in a few words; empty where there is nothing to say but that it was done."""
    match kind:
        case "answer":
            return "granted" if record["granted"] else f"refused with {record['exception_name'] or 'nothing'}"
        case "reread" if record["elements"] == "different":
            return "other elements"
        case "written":
            return "" if record["tried"] else "not tried"
        case "mutated":
            raised = f"raised {record['exception_name']}" if record["raised"] else "returned"
            held = record["views_held"]
            return f"{raised}, with {counted(held, 'view')} held" if held else raised
        case "repeated":
            return f"{record['granted']:,} granted, {record['refused']:,} refused"
        case "called" if "answer" in record:
            return answer_of_call_in_words(record["answer"])
        case "called" if record["wrong"]:
            return str(record["wrong"])
        case "consumed" if record["called"]:
            if record["raised"]:
                return f"raised {record['exception_name']}"
            return "returned" if record["result"] == "not_compared" else f"a {record['result']} result"
    return ""


def answer_in_words(view: Mapping[str, Any]) -> str:
    """The fields of a granted struct that a consumer goes by, on one line."""
    shown = {**view, "format": f'"{view["format_text"]}"' if view["format"] == "set" else view["format"]}
    return ", ".join(f"{name} {value_in_words(shown[name])}" for name in OF_STRUCT)


def not_right(kind: str, record: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The fields of a step that are not as they are where all is well: the name, that value, and this one."""
    of = ("granted" if record["granted"] else "refused") if kind == "answer" else kind
    if kind == "written" and not record["tried"]:
        return []
    return [
        (name, value_in_words(right), value_in_words(record[name]))
        for name, right in RIGHT.get(of, {}).items()
        if record.get(name) not in (None, "not_compared", right)
    ]


def value_in_words(value: Any) -> str:
    """A value of a field; an array as a tuple."""
    if value is None:
        return NOT_OBSERVED
    if value == "not_compared":
        return NOT_COMPARED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value) or "none"
    if isinstance(value, list):
        return str(tuple(value))
    return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def request_in_words(replay: Replay, request: Mapping[str, Any]) -> str:
    """A request that a consumer made, and what became of it."""
    granted = f"granted, released {counted(request['releases'], 'time')}" if request["granted"] else "refused"
    return f"{request['flags']:#05x} {replay.request_name(request['flags'])}: {granted}"
