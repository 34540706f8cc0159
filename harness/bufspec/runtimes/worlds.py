"""Which other implementations of Python answer here by a peer of their own, and what are their subjects?

Those are peers of the remote protocol: the worlds that are installed (harness/adapters/remote/worlds), and
any command that is named.  A subject of theirs is compared with the one of the standard library of that name.
"""

from __future__ import annotations

import fnmatch
import shlex
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attrs import field, frozen

from bufspec.declare import FUNCTION
from bufspec.errors import BufspecError
from bufspec.interpreters.found import Unusable
from bufspec.remote.peer import Greeting
from bufspec.remote.subject import greeting_of

WORLDS = Path("harness/adapters/remote/worlds")
"""Where the worlds lie, from the folder of the sources."""
SAID = "; it said: "
NOTHING_ASKED = "none of its subjects is asked for"
TYPE_OF_RUNTIME = {"memoryview_type": "memoryview"}
"""What a subject of the runtime is called there and here, where an exporter has the name there."""


@frozen
class World:
    """An implementation that has answered: the command of its peer, and its subjects by the names that those
    of the standard library and of the runtime have."""

    name: str
    path: str
    subjects: Mapping[str, str] = field(factory=dict)

    def asked(self, patterns: Sequence[str]) -> list[str]:
        """Its own names of the subjects that the patterns mean."""
        return [
            own
            for shared, own in self.subjects.items()
            if any(fnmatch.fnmatchcase(name, pattern) for name in (own, shared) for pattern in patterns)
        ]


def commands_of_worlds() -> list[str]:
    """What starts the peers of the worlds here, installed or not."""
    return [shlex.quote(str(one)) for one in sorted(WORLDS.absolute().glob("*/run"))]


def worlds(commands: Sequence[str]) -> tuple[list[World], list[Unusable]]:
    """Those that answer, each started once and all at a time, and the others with the reason."""
    with ThreadPoolExecutor(max_workers=len(commands) or 1) as pool:
        answers = list(pool.map(_answer, commands))
    usable = [one for one in answers if isinstance(one, World)]
    unusable = [one for one in answers if isinstance(one, Unusable)]
    return sorted(usable, key=lambda one: one.name), sorted(unusable, key=lambda one: one.path)


def _answer(command: str) -> World | Unusable:
    try:
        greeting = greeting_of(command)
    except BufspecError as error:
        _, _, said = error.what.rpartition(SAID)
        return Unusable(command, _named(command), said.removeprefix(f"{_named(command)}: "))
    return World(greeting.peer, command, _shared(greeting))


def _named(command: str) -> str:
    """The folder of a world; of any other peer the command itself."""
    path = Path(shlex.split(command)[0])
    return path.parent.name if path.name == "run" else command


def _shared(greeting: Greeting) -> dict[str, str]:
    shared = {}
    for own, said in greeting.subjects.items():
        name = own.partition(".")[2] or own
        of_runtime = said["target"] == FUNCTION
        shared[f"runtime.{TYPE_OF_RUNTIME.get(name, name)}" if of_runtime else f"stdlib.{name}"] = own
    return shared
