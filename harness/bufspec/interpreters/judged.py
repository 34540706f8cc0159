"""In which interpreter are subjects judged?  That of this process, unless a command says another.

Workers are started by its command; expectations hold, and records say versions, as it answers.  A command
says so once, before anything is judged, for the whole process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache

from attrs import field, frozen

from bufspec.interpreters.facts import Facts, facts_here

OF_THIS_ONE = ("PYTHONHOME", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__")
"""What the environment says of the driver's interpreter alone."""


@frozen
class Judged:
    """An interpreter ready to judge in: what starts it, what its environment has besides, what it is.

    `asked` is how --python named it, empty for the interpreter of the driver.
    """

    command: tuple[str, ...]
    facts: Facts
    asked: str = ""
    variables: Mapping[str, str] = field(factory=dict)

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a process of it."""
        if not self.asked:
            return {**os.environ, **more}
        kept = {name: value for name, value in os.environ.items() if name not in OF_THIS_ONE}
        return {**kept, **self.variables, **more}


_chosen: Judged | None = None


def judge_in(chosen: Judged) -> None:
    """From now on judge there."""
    global _chosen
    _chosen = chosen


def judged() -> Judged:
    """Where subjects are judged."""
    return _chosen or _here()


@cache
def _here() -> Judged:
    return Judged((sys.executable,), facts_here())
