"""The exporters of the zoo with its consumers: what each pair came to, and whose fault those are that fail.

As values, as text, as JSON and as Markdown.  Nothing here decides anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from bufspec.reports.counting import counted
from bufspec.reports.page.pairs import CODES

if TYPE_CHECKING:
    from bufspec.pairs.recorded import PairsRecord

FAILED, PAIRED, OUTDATED = "pair-failed", "exporter-paired", "expectation-outdated"
FAULTS = ("exporter", "consumer", "both", "contested", "unexplained")
NEWS = "news"


@frozen
class FailedPair:
    """A pair that fails: how, whose fault it is, by which rules of either side, and whether that is known."""

    exporter: str
    consumer: str
    outcome: str
    fault: str
    rules: tuple[str, ...]
    is_known: bool


@frozen
class PairsOfPackage:
    """The pairs of one package's exporters, each with all consumers, by name."""

    module: str
    is_whole: bool
    consumers: tuple[str, ...]
    outcomes: dict[str, dict[str, str]] = field(factory=dict)
    failed: tuple[FailedPair, ...] = ()
    errors: tuple[str, ...] = ()
    outdated: int = 0

    @property
    def code(self) -> int:
        """The exit code that they come to."""
        return int(bool(self.errors or self.outdated) or not all(one.is_known for one in self.failed))

    @property
    def counts(self) -> Counter[str]:
        """How many pairs came to each outcome."""
        return Counter(one for row in self.outcomes.values() for one in row.values())

    @property
    def faults(self) -> Counter[str]:
        """How many failing pairs are the fault of whom."""
        return Counter(one.fault for one in self.failed)


def pairs_from(module: str, record: PairsRecord) -> PairsOfPackage:
    """What a record says of the pairs of a package's exporters."""
    consumers: tuple[str, ...] = ()
    outcomes: dict[str, dict[str, str]] = {}
    failed, errors, outdated = [], [], 0
    for event in record:
        outdated += event["event"] == OUTDATED
        consumers = tuple(event.get("consumers", consumers))
        if event["event"] == FAILED:
            rules = [one["rule"] for side in ("exporter", "consumer") for one in event[f"{side}_rules"][:1]]
            rules += [one["rule"] for one in event["readings"][:1]]
            names = event["exporter"], event["consumer"], event["outcome"], event["fault"]
            failed.append(FailedPair(*names, tuple(rules), event["verdict"] != NEWS))
        elif event["event"] == PAIRED:
            outcomes[event["exporter"]] = event["outcomes"]
            errors += [f"{event['exporter']}: {event[key]}" for key in ("error", "end") if key in event]
    whole = record.is_whole and bool(record.foot["complete"])
    return PairsOfPackage(module, whole, consumers, outcomes, tuple(failed), tuple(errors), outdated)


def line_of_pairs(one: PairsOfPackage) -> str:
    """The pairs of a package in a line."""
    outcomes = ", ".join(f"{number} {name}" for name, number in sorted(one.counts.items()))
    faults = ", ".join(f"{number} {name}" for name, number in sorted(one.faults.items()))
    news = sum(not each.is_known for each in one.failed)
    said = f"; at fault: {faults}; {news} new" if one.failed else ""
    said += f"; {counted(one.outdated, 'outdated expectation')}" if one.outdated else ""
    cut = "" if one.is_whole else "; incomplete"
    return f"{one.module}: {counted(len(one.outcomes), 'exporter')}, {outcomes}{said}{cut}"


def totals_of_pairs(every: Iterable[PairsOfPackage]) -> str:
    """All of them in a line."""
    every = list(every)
    exporters = sum(len(one.outcomes) for one in every)
    consumers = {name for one in every for row in one.outcomes.values() for name in row}
    counts: Counter[str] = sum((one.counts for one in every), Counter())
    outcomes = ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))
    sides = f"{counted(exporters, 'exporter')}, {counted(len(consumers), 'consumer')}"
    return f"{sides}, {counted(counts.total(), 'pair')}: {outcomes}"


def causes_of(every: Iterable[PairsOfPackage]) -> list[tuple[str, str, str, int, bool]]:
    """Why pairs fail, what explains most of them first: fault, subjects, rules, how many, and whether known.

    A side at fault stands for all its pairs; where it is none, or both, the pair stands for itself.
    """
    found: Counter[tuple[str, str, str, bool]] = Counter()
    for one in every:
        for pair in one.failed:
            side = {"exporter": pair.exporter, "consumer": pair.consumer}.get(pair.fault)
            who = side or f"{pair.exporter} -> {pair.consumer}"
            found[pair.fault, who, ", ".join(pair.rules), pair.is_known] += 1
    return [
        (fault, who, rules, number, known)
        for (fault, who, rules, known), number in sorted(found.items(), key=lambda each: (-each[1], each[0]))
    ]


def markdown_of_pairs(every: Sequence[PairsOfPackage]) -> str:
    """The tables: the pairs of each package's exporters, and why the failing ones fail."""
    outcomes = [name for name in CODES if any(one.counts[name] for one in every)]
    faults = [name for name in FAULTS if any(one.faults[name] for one in every)]
    heads = ["package", "exporters", "pairs", *outcomes, *(f"fault: {one}" for one in faults)]
    lines = ["# The zoo: pairs", "", f"{totals_of_pairs(every)}.", ""]
    lines += ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for one in every:
        numbers = [len(one.outcomes), one.counts.total(), *(one.counts[name] for name in outcomes)]
        numbers += [one.faults[name] for name in faults]
        lines.append("| " + " | ".join([one.module, *(str(each or "-") for each in numbers)]) + " |")
    lines += ["", "## Why pairs fail", "", "| pairs | at fault | subject | rule |", "|---|---|---|---|"]
    for fault, who, rules, number, known in causes_of(every):
        said = fault if known else f"{fault} (new)"
        lines.append(f"| {number} | {said} | `{who}` | {rules or '-'} |")
    return "\n".join([*lines, ""])


def published_pairs(every: Sequence[PairsOfPackage], bufspec: str, python: str) -> dict[str, Any]:
    """The small file: a letter for each pair, a row for each exporter in the order of the consumers."""
    names = list(dict.fromkeys(name for one in every for row in one.outcomes.values() for name in row))
    letters = {letter: name for name, letter in CODES.items()}
    rows = {
        exporter: "".join(CODES[row[name]] if name in row else " " for name in names)
        for one in every
        for exporter, row in one.outcomes.items()
    }
    causes = [
        {"fault": fault, "subject": who, "rules": rules, "pairs": number, "known": known}
        for fault, who, rules, number, known in causes_of(every)
    ]
    return {
        "bufspec": bufspec,
        "python": python,
        "letters": letters,
        "consumers": names,
        "rows": rows,
        "failing": causes,
    }
