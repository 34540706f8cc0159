"""The findings in reports/published/upstream, read from their files; run, it writes findings.md of them.

A file has a title, a list of facts (`- key: value`; `also` may be missing), and a script of Python that ends
with 1 where the defect is, with 0 where it is not.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from attrs import frozen

PUBLISHED = Path(__file__).resolve().parents[2] / "reports" / "published"
IMPACTS = ("memory_safety", "wrong_data", "leak", "interop")
HEADS = {
    "memory_safety": "Memory safety",
    "wrong_data": "Wrong data",
    "leak": "Leaks",
    "interop": "Interoperability",
}
KEYS = ("package", "module", "rule", "impact", "clause", "source")
ALSO = "also"
"""The other rules that the same script shows, or that break for what it shows: `death` is one."""


@frozen
class Finding:
    """One defect: its file, its title, its facts by key, and the script that shows it."""

    file: Path
    title: str
    facts: dict[str, str]
    script: str

    @property
    def rules(self) -> set[str]:
        """The rules that it shows."""
        return {self.facts["rule"], *filter(None, self.facts.get(ALSO, "").split(", "))}

    @property
    def line(self) -> str:
        """The link to the first line of the source, empty where the source was not read."""
        link = re.match(r"\[[^]]+\]\([^)]+\)", self.facts["source"])
        return link[0] if link else ""


def finding_from(file: Path) -> Finding:
    """The finding of a file; raises ValueError for one that lacks something."""
    text = file.read_text("utf-8")
    title = re.match(r"# (.+)\n", text)
    facts = dict(re.findall(r"^- (\w+): (.+)$", text, re.MULTILINE))
    script = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    if title is None or script is None or set(facts) - {ALSO} != set(KEYS) or facts["impact"] not in IMPACTS:
        raise ValueError(f"{file.name} lacks a title, a script, or one of {', '.join(KEYS)}")
    return Finding(file, title[1], facts, script[1])


def every_finding() -> list[Finding]:
    """All findings, worst first."""
    found = [finding_from(file) for file in (PUBLISHED / "upstream").glob("*.md")]
    return sorted(found, key=lambda one: (IMPACTS.index(one.facts["impact"]), one.file.name.lower()))


def text_of(findings: list[Finding]) -> str:
    """What findings.md says of them."""
    lines = [
        "# Findings",
        "",
        f"{len(findings)} defects of packages that people use, worst first. Each is shown by a script "
        "that needs the package alone. "
        f"Of {sum(bool(one.line) for one in findings)} the line is named, in the source of that version.",
    ]
    for impact in IMPACTS:
        of_impact = [one for one in findings if one.facts["impact"] == impact]
        if of_impact:
            lines += [
                "",
                f"## {HEADS[impact]}",
                "",
                "| package | defect | rule | line |",
                "|---|---|---|---|",
            ]
        for one in of_impact:
            title = f"[{one.title}](upstream/{one.file.name})"
            version = one.facts["package"].partition(",")[0]
            lines.append(f"| {version} | {title} | `{one.facts['rule']}` | {one.line or '-'} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    (PUBLISHED / "findings.md").write_text(text_of(every_finding()), "utf-8")
    sys.exit(0)
