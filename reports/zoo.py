"""The packages of the zoo side by side: what each came to, as values, as text and as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from bufspec.reports.counting import counted

if TYPE_CHECKING:
    from bufspec.reports.zoo_pairs import PairsOfPackage
    from bufspec.run.recorded import Record

EXPORTER, CONSUMER = "exporter", "consumer"
CLASSES = ("defect", "contested", "documented", "ours")
NEW = "new"


@frozen
class SubjectRow:
    """A subject: whether it conforms, and the rules that it breaks, each with its level and class."""

    name: str
    target: str
    conforms: bool
    broken: tuple[tuple[str, str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """As the published file has it."""
        broken = [{"rule": rule, "level": level, "class": known} for rule, level, known in self.broken]
        return {"name": self.name, "target": self.target, "conforms": self.conforms, "broken": broken}


@frozen
class PackageRow:
    """A package: its version, and what its subjects came to."""

    module: str
    group: str
    version: str
    started: str
    is_whole: bool
    code: int
    subjects: tuple[SubjectRow, ...] = field(factory=tuple)
    outdated: int = 0

    def of_target(self, target: str) -> list[SubjectRow]:
        """Its exporters, or its consumers."""
        return [one for one in self.subjects if one.target == target]

    @property
    def classes(self) -> Counter[str]:
        """How many rules are broken, of each class; one that no expectation lists is `new`."""
        rules = {(rule, known) for one in self.subjects for rule, _, known in one.broken}
        return Counter(known for _, known in rules)

    def to_json(self) -> dict[str, Any]:
        """As the published file has it."""
        return {
            "module": self.module,
            "group": self.group,
            "version": self.version,
            "date": self.started[:10],
            "complete": self.is_whole,
            "subjects": [one.to_json() for one in self.subjects],
        }


def row_of(module: str, group: str, record: Record) -> PackageRow:
    """What a record says of a package."""
    subjects = []
    deaths: dict[str, set[str]] = {}
    outdated = 0
    for event in record:
        if event["event"] == "case-failed" and event["rule"] is None:
            deaths.setdefault(event["subject"], set()).add(_class_of(event))
        elif event["event"] == "expectation-outdated":
            outdated += 1
        elif event["event"] == "subject-finished":
            broken = [
                (rule, found["level"], _class_of(found))
                for rule, found in event["rules"].items()
                if found["outcome"] not in ("pass", "skip", "contested") and "verdict" in found
            ]
            broken += [("death", "required", one) for one in sorted(deaths.pop(event["subject"], ()))]
            subjects.append(
                SubjectRow(event["subject"], event["target"], event["conforms"] is True, tuple(broken))
            )
    versions = record.head["versions"]
    is_new = any(known == NEW for one in subjects for _, level, known in one.broken if level == "required")
    whole = record.is_whole and bool(record.foot["complete"])
    return PackageRow(
        module,
        group,
        versions.get(module, ""),
        record.head["started"],
        whole,
        int(is_new or outdated > 0),
        tuple(subjects),
        outdated,
    )


def _class_of(found: dict[str, Any]) -> str:
    """The class of a break or a death: that of the entry that lists it, or that it is new."""
    return found.get("known_as") or ("known" if found["verdict"] == "as_expected" else NEW)


def line_of(row: PackageRow) -> str:
    """A package in a line."""
    sizes = [
        counted(len(of_target), target)
        for target in (EXPORTER, CONSUMER)
        if (of_target := row.of_target(target))
    ]
    conform = sum(one.conforms for one in row.subjects)
    classes = ", ".join(f"{number} {name}" for name, number in sorted(row.classes.items()))
    broken = f"; broken rules: {classes}" if classes else ""
    outdated = f"; {counted(row.outdated, 'outdated expectation')}" if row.outdated else ""
    return f"{row.module} {row.version}: {', '.join(sizes)}, {conform} conforming{broken}{outdated}"


def totals_of(rows: Iterable[PackageRow]) -> str:
    """All of them in a line."""
    every = list(rows)
    parts = []
    for target in (EXPORTER, CONSUMER):
        number = sum(len(one.of_target(target)) for one in every)
        packages = sum(bool(one.of_target(target)) for one in every)
        parts.append(f"{counted(number, target)} of {counted(packages, 'package')}")
    classes: Counter[str] = sum((one.classes for one in every), Counter())
    return "; ".join([*parts, ", ".join(f"{number} {name}" for name, number in sorted(classes.items()))])


def markdown_of(rows: Sequence[PackageRow]) -> str:
    """The table, a row a package."""
    heads = ["package", "version", "exporters", "consumers", "conforming", *CLASSES, NEW]
    lines = [
        "# The zoo",
        "",
        f"{totals_of(rows)}. The columns from `defect` on count broken rules by class; `new` is what no "
        "expectation lists.",
        "",
        "| " + " | ".join(heads) + " |",
        "|" + "---|" * len(heads),
    ]
    for row in rows:
        cells = [row.module, row.version, *(str(one or "-") for one in _numbers(row))]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def index_page(rows: Sequence[PackageRow], paired: Sequence[PairsOfPackage] = ()) -> str:
    """The page that compares all: the table, each package with a link to its own page, and to that of its
    pairs."""
    pairs = {one.module: one for one in paired}
    heads = ["package", "version", "exporters", "consumers", "conforming", *CLASSES, NEW]
    heads += ["pairs that fail"] if paired else []
    lines = [
        "<!doctype html>",
        '<html lang="en"><meta charset="utf-8"><title>Buffer protocol, the zoo</title>',
        "<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
        "table{border-collapse:collapse}td,th{border-bottom:1px solid #8888;padding:.2rem .8rem}"
        "th{text-align:left}"
        "td+td+td{text-align:right}</style>",
        f"<h1>The zoo</h1><p>{escape(totals_of(rows))}.</p>"
        "<p>The columns from <i>defect</i> on count broken rules by class; <i>new</i> is what no expectation "
        "lists. Each package has a page of its own.</p><table>",
        "<tr>" + "".join(f'<th scope="col">{escape(head)}' for head in heads),
    ]
    for row in rows:
        module = escape(row.module)
        numbers = [str(one or "-") for one in _numbers(row)]
        cells = [f'<a href="{module}.html">{module}</a>', escape(row.version), *numbers]
        if found := pairs.get(row.module):
            said = f"{len(found.failed) or '-'} of {found.counts.total()}"
            cells.append(f'<a href="{module}.pairs.html">{said}</a>')
        lines.append("<tr>" + "".join(f"<td>{cell}" for cell in cells))
    return "\n".join([*lines, "</table></html>", ""])


def _numbers(row: PackageRow) -> list[int]:
    sizes = [len(row.of_target(EXPORTER)), len(row.of_target(CONSUMER))]
    return [*sizes, sum(one.conforms for one in row.subjects), *(row.classes[one] for one in (*CLASSES, NEW))]


def published(rows: Sequence[PackageRow], bufspec: str, python: str) -> dict[str, Any]:
    """The small file of the last run."""
    return {"bufspec": bufspec, "python": python, "packages": [one.to_json() for one in rows]}
