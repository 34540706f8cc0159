"""Was anything really judged?  A subject that grants or accepts nothing breaks no rule, and says nothing.

Looks at what the engine counted as exercised; where a run was narrowed to some rules or cases, at what an
unfiltered probe counted.  Deaths and errors have outcomes of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from bufspec.declare import CONSUMER, EXPORTER
from bufspec.isolation.job import SubjectRun


@frozen
class Undecided:
    """Why nothing was judged, and whether the declaration is at fault, so that no run can come to more."""

    reason: str
    by_declaration: bool


def undecided(target: str, run: SubjectRun) -> Undecided | None:
    """Why nothing of a subject was really judged; None if something was, or it died or failed otherwise."""
    if run.deaths or run.error:
        return None
    has_judged = any(one["cases"] for one in run.totals.get("rules", {}).values())
    if (skips := run.facts.get("skips")) and not (has_judged or grants(run.totals) or grants(run.probed)):
        most = max(skips, key=lambda reason: (skips[reason], reason))
        return Undecided(f"its peer skipped {sum(skips.values()):,} cases: {most}", by_declaration=False)
    if "peer" in run.facts and run.totals.get("rules") and not has_judged:
        observed = ", ".join(run.facts.get("observes", ())) or "nothing"
        return Undecided(f"no rule could be judged: its peer observes {observed}", by_declaration=False)
    if target == EXPORTER:
        return _undecided_exporter(run)
    return _undecided_consumer(run) if target == CONSUMER else None


def _undecided_exporter(run: SubjectRun) -> Undecided | None:
    if grants(run.totals) or grants(run.probed):
        return None
    if only_views_export(run):
        return None
    if not run.facts.get("exports", True):
        kind = run.facts.get("type", "the object")
        if kind == NOTHING:
            return Undecided(RETURNED_NOTHING, by_declaration=True)
        return Undecided(
            f"{kind} exports no buffer: its type has neither bf_getbuffer nor __buffer__", by_declaration=True
        )
    asked = max(run.totals.get("requests", 0), run.probed.get("requests", 0))
    return Undecided(f"it refused all {asked:,} requests", by_declaration=False)


def _undecided_consumer(run: SubjectRun) -> Undecided | None:
    if differs := run.facts.get("differs"):
        return Undecided(differs, by_declaration=True)
    given, accepted = run.facts.get("memories", {}).get("all", (0, 0))
    if accepted or not given:
        return None
    raised = run.facts["raised"]
    if not raised:
        return Undecided(f"it requested no buffer of any of {given:,} memories", by_declaration=True)
    _, first = max(raised.values(), key=lambda one: one[0])
    plain = run.facts["plain"]
    text = f"it refused all {given:,} memories: {first}"
    if plain and plain.partition(":")[0] == first.partition(":")[0]:
        text = f"it refused all {given:,} memories, and plain bytes, too: {plain}"
    useless = plain.startswith(NEVER) or (plain.startswith("TypeError") and "positional argument" in plain)
    hint = "" if useless else " (say which memory it takes: fits=)"
    return Undecided(text + hint, by_declaration=useless)


NOTHING = "an object of type NoneType"
RETURNED_NOTHING = "its factory returned None; it must return the object: return Matrix(2, 3)"
NAMED = 3
"""So many of a subject's left pieces of shared memory are named."""
SHOW_CONTENTS = ("consumer.data.elements_right", "consumer.fill.elements_right")
"""The rules by which a consumer's result, or what it writes, is compared."""
FEW = 50
"""One of so many memories is few: most cases say nothing then."""
NEVER = ("NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError")
"""Exceptions that a callable raises whatever it is given."""


def only_views_export(run: SubjectRun) -> bool:
    """Whether the object exports nothing itself and is there for the views that its methods make."""
    return bool(run.facts.get("views")) and not run.facts.get("exports", True)


def grants(totals: Mapping[str, Any]) -> bool:
    """Whether a request was granted."""
    return bool(totals.get("exercised", {}).get("granted", 0))


def has_no_result_compared(run: SubjectRun) -> bool:
    """Whether a consumer took memory, and nothing says what it had to make of it."""
    if run.facts.get("returns") != "" or "plain" not in run.facts:
        return False
    rules = run.totals.get("rules", {})
    judged = [rules[rule]["cases"] for rule in SHOW_CONTENTS if rule in rules]
    return bool(judged) and not any(judged) and run.facts["memories"]["all"][1] > 0


def _took_few(run: SubjectRun) -> str:
    """How few memories a consumer took that does not say which ones it takes; empty if it took more."""
    given, accepted = run.facts.get("memories", {}).get("all", (0, 0))
    if run.profile.memories or not accepted or accepted * FEW > given:
        return ""
    return (
        f"it took {accepted:,} of {given:,} memories; say which it takes (fits=), and all cases are of these"
    )


def notes(run: SubjectRun) -> list[str]:
    """What else was declared and could not be tried, and what the subject left behind, in sentences."""
    exercised: Mapping[str, int] = run.totals.get("exercised", {})
    found = []
    if inferred := run.facts.get("inferred"):
        found.append(f'returns="{inferred}" was inferred from a call on typed memory')
    declared = run.facts.get("declared", [])
    raising = exercised.get("operations_raising", 0)
    for number, name in enumerate(run.profile.operations):
        if raising >> number & 1 and name in declared:
            found.append(f"operation {name} raises also while no view is held, so its refusal shows nothing")
    if run.profile.builds and exercised.get("builds_asked", 0) and not exercised.get("builds_made", 0):
        found.append(f"build made no object for any of {exercised['builds_asked']:,} layouts")
    if left_out := exercised.get("cases_for_small", 0):
        size = exercised.get("richest_len", 0)
        found.append(f"large memory ({size:,} bytes): {left_out:,} random sequences left out")
    expects, length = run.facts.get("expects", -1), exercised.get("richest_len", -1)
    if expects < 0 and length > 0 and "expects" in run.facts and not run.profile.builds:
        found.append("contents not compared: no expect given")
    if has_no_result_compared(run):
        reason = (
            "it refuses plain bytes, and memoryviews of such items; say what it takes (fits=) and returns "
            "(returns=), or convert the bytes for it"
            if run.facts["plain"]
            else "what it makes of the same bytes twice is not equal; return what can be compared, or say "
            "what it returns (returns=)"
        )
        found.append(f"contents not compared: {reason}")
    if few := _took_few(run):
        found.append(few)
    for reason, number in run.facts.get("skips", {}).items():
        found.append(f"its peer skipped {number:,} case{'s' * (number != 1)}: {reason}")
    if left := run.facts.get("shared_memory"):
        more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
        found.append(f"shared memory left under /dev/shm: {', '.join(left[:NAMED])}{more}")
    if not_again := run.facts.get("not_again"):
        found.append(
            f"broken once, in a process that had judged other subjects, and not again in a new one: "
            f"{', '.join(not_again)}; another subject may damage memory"
        )
    copies = run.totals.get("rules", {}).get("request.contiguous.copy", {}).get("readings", {})
    if exercised.get("orders_open", 0) and copies.get("copy"):
        found.append("order not compared: all elements are alike")
    if expects >= 0 and length >= 0 and expects != length:
        found.append(f"expect has {expects:,} bytes, the object exports {length:,}")
    return found
