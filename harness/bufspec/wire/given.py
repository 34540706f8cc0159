"""Which subjects did a test give, which no file declares?  Known in this process and in its forks."""

from __future__ import annotations

from bufspec.declare import Subject

GIVEN = "given"
"""The name of their group."""

given: dict[str, Subject] = {}


def give(subject: Subject) -> None:
    """Let a subject that no file declares be known in this process and its forks; the last of a name."""
    given[subject.name] = subject


def withdraw(name: str) -> None:
    """Forget a subject that was given."""
    given.pop(name, None)
