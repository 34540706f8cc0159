"""What is wrong with a file, and where?

A problem always names a place that a reader can jump to (file:line:column), the reason, and how to fix it.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from bufspec.errors import EXIT_USAGE, BufspecError

UNHINTED = "compare it with a file that is good, or put back the version that was"


LONGEST = 500


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _hinted(text: str) -> str:
    return _cut(text) or UNHINTED


@frozen(order=True)
class Problem:
    """One reason to refuse a file, with the place it stands at (line and column count from 1)."""

    file: str
    line: int
    column: int
    message: str = field(converter=_cut)
    hint: str = field(default=UNHINTED, converter=_hinted)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"

    @property
    def place(self) -> str:
        """file:line:column."""
        return f"{self.file}:{self.line}:{self.column}"


class Refused(BufspecError):
    """A file cannot be used, for this problem."""

    exit_code: ClassVar[int] = EXIT_USAGE

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message, where=problem.place, hint=problem.hint)
        self.problem = problem


def place_in(text: str, offset: int) -> tuple[int, int]:
    """The line and the column of a place in a text."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1
