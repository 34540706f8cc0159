"""What was expected and what was found, in words?  The only place that makes sentences of a finding.

Whatever shows a broken rule asks here: the record, the terminal, a replay, a script, pytest.  Nobody reads a
sentence back: who decides something goes by the values (bufspec.values).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bufspec.reports.wording import consumers, exporters, lifetimes, runtimes
from bufspec.reports.wording.values import Sentences
from bufspec.values import Difference, Finding
from bufspec.words import SURVIVES

Event = dict[str, Any]
FINE = ("pass", "contested", "skip")
"""The outcomes of a case or a rule that did not fail."""

__all__ = [
    "Sentences",
    "blame_in_words",
    "in_words",
    "sentences_of",
    "sentences_of_difference",
    "trace_in_words",
    "where_without_case",
    "with_sentences",
]

BY_RULE = {
    **exporters.BY_RULE,
    **lifetimes.BY_RULE,
    **runtimes.BY_RULE,
    **consumers.BY_RULE,
}


def sentences_of(rule: str, finding: Finding) -> Sentences:
    """The two sentences of a finding of that rule."""
    aspect = finding["aspect"]
    make = exporters.BY_ASPECT.get(aspect) or runtimes.BY_ASPECT.get(aspect) or BY_RULE[rule]
    return make(finding)


def sentences_of_difference(difference: Difference) -> Sentences:
    """The two sentences of what is wrong with a consumer's result, or with a memory that it filled."""
    return consumers.of_difference(difference)


def in_words(event: Event) -> Event:
    """An event of a record with the sentences of what it holds; any other event as it is."""
    match event["event"]:
        case "case-failed":
            said = with_sentences(event)
            place = f"{event['scenario']} | step {event['step']}" if event.get("scenario") else _place(event)
            if event["rule"] is None:
                return {**said, "message": f"{place}: {said['found']}"}
            message = f"{place}: expected {said['expected']}, found {said['found']}"
            return {**said, "message": message}
        case "pair-failed":
            sides = ("exporter_rules", "consumer_rules")
            return {**event, **{side: [with_sentences(one) for one in event[side]] for side in sides}}
    return event


def blame_in_words(blame: Mapping[str, Any]) -> dict[str, Any]:
    """Who is at fault in a pair, with the sentences of the rules that either side breaks."""
    sides = ("exporter", "consumer")
    return {**blame, **{side: [with_sentences(one) for one in blame[side]] for side in sides}}


def trace_in_words(seen: Mapping[str, Any]) -> dict[str, Any]:
    """What was seen in a case that was traced, with the sentences of the rules that it breaks."""
    return {**seen, "violations": [with_sentences(one) for one in seen["violations"]]}


def with_sentences(broken: Mapping[str, Any]) -> dict[str, Any]:
    """A broken rule, or an end of the process, with `expected` and `found`.

    How a process ended is found by who saw it end, and has no finding.
    """
    often = how_often(broken["runs"]) if broken.get("runs") else ""
    if broken.get("finding") is None:
        # A death of a pair has no words of its own.
        found = {"found": broken["found"] + often} if often else {}
        return {**broken, "expected": SURVIVES, **found}
    said = sentences_of(broken["rule"], broken["finding"])
    return {**broken, "expected": said.expected, "found": said.found + often}


def how_often(runs: Mapping[str, int]) -> str:
    """In how many of the repeats something failed that is flaky."""
    fine = sum(count for outcome, count in runs.items() if outcome in FINE)
    every = sum(runs.values())
    return f" (flaky: in {every - fine} of {every} repeats)"


def where_without_case(death: Event) -> str:
    """Where a process died that was in no case, in words."""
    return "after the last case" if death.get("place") else "before the first case"


def _place(event: Event) -> str:
    return f"case {event['case']}, step {event['step']}" if event["case"] else where_without_case(event)
