"""Does a new object of an exporter show what its first ones did?

Where a pair has written into memory that the exporter's objects share, it does not, and what comes next is
for another process.
"""

from __future__ import annotations

from typing import Any

from attrs import define, field

from bufspec import _engine
from bufspec.declare import Subject

SHARED_MEMORY = "memory that the exporter's objects share"
"""What is worn where a pair has changed what new objects show."""


def made(exporter: Subject) -> Any:
    """A new object of an exporter."""
    assert not isinstance(exporter.what, str), "a function exports nothing"
    return exporter.what()


@define
class NewObjects:
    """What each new object of an exporter shows at first; nothing is known where that is not always the
    same."""

    exporter: Subject
    _shown: bytes | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        first = self._shown_by_another()
        self._shown = first if first == self._shown_by_another() else None

    def _shown_by_another(self) -> bytes | None:
        if self.exporter.volatile:
            return None
        try:
            memory = _engine.memory_of(made(self.exporter))
        except BaseException:
            return None
        return memory["elements"] if memory else None

    def have_changed(self) -> bool:
        """Whether they show something else since: their memory is shared, and somebody wrote to it."""
        return self._shown is not None and self._shown_by_another() != self._shown
