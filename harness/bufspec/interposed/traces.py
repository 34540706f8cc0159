"""What was recorded of a request or a release, as a scenario and a trace that the judge of the engine takes.

An answer is the richest that is known of its object: it is held against itself alone.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from bufspec import _engine
from bufspec.interposed.events import SHAPE, STRIDES, SUBOFFSETS, Answer
from bufspec.interposed.reading import MOST_DIMENSIONS
from bufspec.values import UNSEEN_ANSWER, Finding
from bufspec.words import CURRENT

NOT_SEEN = {
    "field.struct.all_filled": "what the application's struct held before the request is unknown",
}
"""Rules that need no more than the struct, but not as the recorder sees it; and why."""
OBSERVED = ["struct", "exception", "result"]
WITHOUT_EXCEPTION = ["struct", "result"]


def judged_answer(answer: Answer, runtime: int) -> tuple[frozenset[str], list[tuple[str, Finding]]] | None:
    """The rules that one answer was judged by, and those that it breaks; None if it cannot be spelled."""
    return _judged(_trace_text(answer, runtime), answer.word)


@cache
def _judged(trace: str, word: int) -> tuple[frozenset[str], list[tuple[str, Finding]]] | None:
    steps = [{"kind": "acquire_direct", "slot": 0, "flags": word}]
    try:
        said = _engine.judge_trace(json.dumps(scenario_of("exporter", steps)), trace)
    except ValueError:
        return None
    found = {one["rule"]: one["finding"] for one in said["violations"] if one["rule"] not in NOT_SEEN}
    return frozenset(said["judged"]) - set(NOT_SEEN), list(found.items())


def _trace_text(answer: Answer, runtime: int) -> str:
    """One answer as a trace; a granted one is the richest that is known of its object."""
    spelled = _spelled(answer)
    observes = WITHOUT_EXCEPTION if answer.had_exception else OBSERVED
    richest = spelled if not answer.status else None
    return json.dumps(trace_of(observes, runtime, [{"answer": spelled}], richest, answer.word))


def scenario_of(target: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    """A scenario in the neutral encoding."""
    return {
        "target": target,
        "edition": CURRENT,
        "layout": None,
        "function": "is_contiguous",
        "check": None,
        "order": "C",
        "behaviours": [],
        "refused_requests": [],
        "steps": steps,
    }


def trace_of(
    observes: list[str],
    runtime: int,
    steps: list[dict[str, Any]],
    richest: dict[str, Any] | None = None,
    word: int = 0,
) -> dict[str, Any]:
    """A trace in the neutral encoding."""
    return {
        "observes": observes,
        "runtime": runtime,
        "richest_word": word if richest else 0,
        "richest": richest,
        "declared_readonly": False,
        "consumer": "reads",
        "accepts": [],
        "has_fallback": False,
        "steps": steps,
    }


def _spelled(answer: Answer) -> dict[str, Any]:
    exception = answer.exception
    return {
        **UNSEEN_ANSWER,
        "granted": answer.status == 0,
        "status": answer.status,
        "exception_set": exception is not None,
        "error": exception[1] if exception else "none",
        "exception_name": exception[0] if exception else "",
        "view": _view(answer),
    }


def _view(answer: Answer) -> dict[str, Any]:
    """The struct in the neutral encoding."""

    def entries(bit: int) -> list[int] | str:
        if bit not in answer.arrays:
            return "NULL"
        values = answer.arrays[bit]
        return "unreadable" if values is None or answer.ndim > MOST_DIMENSIONS else values

    no_format = "unreadable" if answer.is_format_unreadable else "NULL"
    return {
        "buf": "set" if answer.has_buf else "NULL",
        "buf_offset": 0,
        "obj": answer.owner,
        "len": answer.len,
        "itemsize": answer.itemsize,
        "readonly": answer.readonly,
        "ndim": answer.ndim,
        "format": no_format if answer.format is None else "set",
        "format_text": (answer.format or b"").decode("latin-1"),
        "format_truncated": answer.is_format_cut,
        "format_terminated": True,
        "shape": entries(SHAPE),
        "strides": entries(STRIDES),
        "suboffsets": entries(SUBOFFSETS),
    }


def consumed(request: dict[str, Any]) -> dict[str, Any]:
    """What a consumer did with one request."""
    return {
        "requests": [request],
        "stray_releases": 0,
        "results_held": 0,
        "called": True,
        "raised": False,
        "error": "none",
        "exception_name": "",
        "is_declared_refusal": False,
        "is_raised_by_bytes": False,
        "result_and_exception_disagree": False,
        "returned_none": True,
        "result": "not_compared",
        "misreading": "unknown",
        "is_in_memory_order": False,
        "difference": {"aspect": "value", "index": 0, "owed": None, "found": None},
        "filled": "not_compared",
        "elements_changed": False,
        "gaps_changed": False,
        "references_kept": None,
    }
