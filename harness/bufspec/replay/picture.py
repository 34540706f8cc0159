"""What did the memory of a replayed case look like?  Its picture, with what is wrong marked in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bufspec.errors import SelectionError
from bufspec.replay.replayer import Replay
from bufspec.reports.pictures.failures import drawn_memory
from bufspec.reports.pictures.marks import Mark
from bufspec.reports.pictures.memory import memory_from_row
from bufspec.reports.pictures.picture import picture_of
from bufspec.reports.wording.sentences import sentences_of
from bufspec.run.case_memory import memory_from_values


def picture_of_replay(replay: Replay, rule: str | None) -> str:
    """The picture of a replay as SVG, with what is wrong by `rule`, or by the first rule that is broken.

    Raises SelectionError where no memory is known: the process of an exporter died, or all was refused.
    """
    layout = replay.parts["layout"]
    if replay.seen is None:
        if layout is None:
            raise _no_picture(replay, "the process died before its memory was seen")
        died = [Mark(f"the process came to its end: {replay.death.found}")] if replay.death else []
        return picture_of(memory_from_row(layout), died)
    broken = [one for one in replay.seen["violations"] if rule in (None, one["rule"])]
    violation = broken[0] if broken else None
    said = memory_from_values(_shown(replay.seen["trace"], layout, violation["step"] if violation else None))
    if said is None:
        raise _no_picture(replay, "no request was granted, and no memory was given")
    event: dict[str, Any] = {"memory": said, "rule": "", "finding": {"fields": ["buf"], "index": None}}
    if violation is not None:
        sentences = sentences_of(violation["rule"], violation["finding"])
        event = {"memory": said, "rule": violation["rule"], "finding": violation["finding"]}
        event |= {"expected": sentences.expected, "found": sentences.found}
    known = drawn_memory(event, any_finding=True)
    if known is None:
        raise _no_picture(replay, "shape, strides or suboffsets cannot be read")
    return picture_of(*known)


def _shown(trace: Mapping[str, Any], layout: Mapping[str, Any] | None, step: int | None) -> dict[str, Any]:
    """The values that a record has of a failed case's memory, as the engine finds them for it."""
    steps = trace["steps"] if step is None else trace["steps"][: step + 1]
    answers = [one["answer"] for one in steps if (one.get("answer") or {}).get("granted")]
    richest = trace.get("richest")
    answer = answers[-1] if answers else richest
    found: dict[str, Any] = {} if layout is None else {"layout": layout}
    if answer is not None:
        found["view"] = answer["view"]
        found |= {} if answer["wrong"] is None else {"wrong": answer["wrong"]["index"]}
        found |= {} if answer["right_from"] is None else {"right_from": answer["right_from"]}
    return found


def _no_picture(replay: Replay, why: str) -> SelectionError:
    return SelectionError("there is no picture", where=str(replay.id), hint=why)
