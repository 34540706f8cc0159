"""What is wrong with the tables of a directory?

A report is a list of problems with the counts of what was looked at.  Nothing here reads a table.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict, field, frozen

from bufspec.files.problem import Problem
from bufspec.visible import visible

if TYPE_CHECKING:
    from rich.console import Console

JSON = dict[str, object]


class TableError(Exception):
    """A spec directory cannot be used; carries every problem that was found."""

    def __init__(self, directory: Path, problems: list[Problem]) -> None:
        self.directory = directory
        self.problems = problems
        super().__init__(self.render())

    def render(self) -> str:
        """The problems, one a line with its hint below it."""
        lines = []
        for problem in self.problems:
            lines.append(visible(f"{self.directory}/{problem}"))
            lines.append(visible(f"    hint: {problem.hint}"))
        return "\n".join(lines)


@frozen
class Report:
    """What `spec check` found in one directory: problems (none: the tables are good) and counts."""

    directory: str
    problems: list[Problem] = field(factory=list)
    counts: dict[str, int] = field(factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the tables are good."""
        return not self.problems

    def to_json(self) -> JSON:
        """The report as plain values, for `--format json`."""
        return {
            "directory": self.directory,
            "ok": self.ok,
            "problems": [asdict(problem) for problem in self.problems],
            "counts": dict(self.counts),
        }

    def render(self, console: Console) -> None:
        """Print the problems with their hints, or the counts."""
        from rich.text import Text

        for problem in self.problems:
            place = Text(visible(f"{self.directory}/{problem.place}: "), style="bold")
            console.print(place + Text(visible(problem.message)), soft_wrap=True)
            console.print(Text(visible(f"    hint: {problem.hint}")), soft_wrap=True)
        if self.problems:
            console.print(Text(f"{len(self.problems)} problem(s): these tables are refused"), soft_wrap=True)
            return
        for name, count in self.counts.items():
            console.print(Text(f"{name.replace('_', ' ')}: {count:,}"))
