"""What did the interpreter owe, and what was found?  Two sentences a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bufspec.reports.wording.values import (
    Make,
    Sentences,
    number_in,
    order_in,
    text_in,
)
from bufspec.values import Finding, of_kind
from bufspec.words import CHECKS_OF_PEP688, CHECKS_OF_STRUCTS, CHECKS_OF_VIEWS


def _function(one: Finding) -> Sentences:
    return Sentences(f"{number_in(one['owed'])} for order {order_in(one)}", text_in(one["found"]))


def _in_words(value: Any) -> str:
    """A part of a call or of its answer."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    if isinstance(value, list):
        return f"[{', '.join(_in_words(one) for one in value)}]"
    if isinstance(value, Mapping):
        return f"({entries_in_words(value)})"
    return f'"{value}"' if isinstance(value, str) else str(value)


def entries_in_words(entries: Mapping[str, Any]) -> str:
    """What a call was given: `shape [2, 3], order "C"`."""
    return ", ".join(f"{key} {_in_words(value)}" for key, value in entries.items())


def answer_of_call_in_words(answer: Mapping[str, Any], *, otherwise: str = "done") -> str:
    """What a call answered: its entries, or the exception that it raised."""
    if "error" in answer:
        return f"{answer['error']} raised"
    return entries_in_words(answer) or otherwise


def _answer(one: Finding) -> Sentences:
    call = of_kind(one["given"], "map") or {}
    given = entries_in_words(call.get("given", {}))
    owed, answered = (of_kind(one[side], "map") or {} for side in ("owed", "found"))
    expected = answer_of_call_in_words(owed, otherwise="no exception")
    found = answer_of_call_in_words(answered, otherwise=_nothing(owed))
    return Sentences(f"{expected} from {call.get('call', '')}" + (f" of {given}" if given else ""), found)


def _nothing(owed: Mapping[str, Any]) -> str:
    """An answer that has nothing of what is owed."""
    return (
        "no exception" if "error" in owed else f"an answer without {' and '.join(owed)}" if owed else "done"
    )


BY_ASPECT: dict[str, Make] = {"answer": _answer}


def _check(one: Finding) -> Sentences:
    found = text_in(one["found"] if one["aspect"] == "raised" else one["given"])
    return Sentences("what the rule says", found)


def _pep688(one: Finding) -> Sentences:
    found = text_in(one["found"] if one["aspect"] == "raised" else one["given"])
    return Sentences("what PEP 688 says", found)


BY_RULE: dict[str, Make] = {
    "function.is_contiguous.agrees": _function,
    **dict.fromkeys(CHECKS_OF_PEP688, _pep688),
    **dict.fromkeys((*CHECKS_OF_STRUCTS, *CHECKS_OF_VIEWS), _check),
}
