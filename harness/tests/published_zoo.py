"""The table of the zoo in README.md, made of reports/published/zoo.json; run, it writes it there.

A row a group: the packages of which no required rule is broken by a defect, and those with defects, each with
its version.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ZOO = ROOT / "reports" / "published" / "zoo.json"
BEGIN, END = "<!-- zoo: the table of published_zoo.py -->", "<!-- zoo: end -->"


def of_zoo() -> list[dict[str, Any]]:
    """The packages of the last full run."""
    packages: list[dict[str, Any]] = json.loads(ZOO.read_text("utf-8"))["packages"]
    return packages


def counted_subjects(packages: list[dict[str, Any]], target: str) -> tuple[int, int]:
    """How many subjects there are of that target, and of how many packages."""
    numbers = [sum(one["target"] == target for one in package["subjects"]) for package in packages]
    return sum(numbers), sum(map(bool, numbers))


def has_defect(package: dict[str, Any]) -> bool:
    """Whether a required rule is broken in a way that is a defect."""
    return any(
        broken["level"] == "required" and broken["class"] == "defect"
        for subject in package["subjects"]
        for broken in subject["broken"]
    )


def table_of(packages: list[dict[str, Any]]) -> str:
    """The table."""
    exporters, of_exporters = counted_subjects(packages, "exporter")
    consumers, of_consumers = counted_subjects(packages, "consumer")
    lines = [
        f"{len(packages)} packages: {exporters} exporters of {of_exporters}, {consumers} consumers of "
        f"{of_consumers}.",
        "",
        "| group | no defect in what is required | defects |",
        "|---|---|---|",
    ]
    for group in dict.fromkeys(one["group"] for one in packages):
        cells = ["", ""]
        for wanted in (False, True):
            kept = [one for one in packages if one["group"] == group and has_defect(one) is wanted]
            named = [f"{one['module']} {one['version']}" for one in kept]
            cells[wanted] = ", ".join(named) or "-"
        lines.append(f"| {group.replace('_', ' ')} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def with_table(readme: str, table: str) -> str:
    """README.md with this table between its marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


if __name__ == "__main__":
    file = ROOT / "README.md"
    file.write_text(with_table(file.read_text("utf-8"), table_of(of_zoo())), "utf-8")
    sys.exit(0)
