"""Which case of which subject is it, and which command line shows it again?"""

from __future__ import annotations

import shlex

from attrs import frozen

from bufspec.library import option_for
from bufspec.wire.profile import DEFAULT_SEED
from bufspec.wire.remote_file import command_of
from bufspec.words import CURRENT

SCENARIO = "scenario:"
"""What a case begins with that is no case of the suites but the bytes of a scenario, in hexadecimal."""


@frozen
class CaseId:
    """Which case of which subject, in which edition; `rule` is the broken rule of interest, if one is."""

    subject: str
    case: str
    edition: str = CURRENT
    rule: str | None = None
    files: tuple[str, ...] = ()
    """The files outside the package that declare the subject."""
    seed: int = DEFAULT_SEED
    discover: bool = True
    """Whether the usual operations found on the object count too: the numbers of operations depend on it."""
    python: str = ""
    """The interpreter to judge it in, empty for that of the driver."""

    def __str__(self) -> str:
        return f"{self.subject}/{self.case}"

    @property
    def runs(self) -> tuple[str, ...]:
        """What runs with the case besides installed packages: the expression, the files, the interpreter."""
        programs = (self.python,) if self.python else ()
        return (*((self.subject,) if ":" in self.subject else ()), *self.files, *programs)

    @property
    def command(self) -> str:
        """The command line that replays the case, ready to be pasted into a shell."""
        words = ["bufspec", "replay"]
        words += ["--python", self.python] if self.python else []
        words += [word for file in self.files for word in _option_of(file)]
        words += [str(self)]
        words += ["--rule", self.rule] if self.rule else []
        words += ["--seed", str(self.seed)] if self.seed != DEFAULT_SEED else []
        words += [] if self.discover else ["--no-discover"]
        if self.edition != CURRENT:
            words += ["--edition", self.edition]
        return shlex.join(words)


def _option_of(file: str) -> tuple[str, str]:
    """What names the file, or the command of the peer that it stands for, on a command line."""
    command = command_of(file)
    return ("--remote", command) if command else (option_for(file), file)


def replay_command(
    subject: str,
    case: str,
    edition: str,
    file: str = "",
    *,
    rule: str | None = None,
    seed: int = DEFAULT_SEED,
    discover: bool = True,
    python: str = "",
) -> str:
    """The command line that replays a case for a broken rule, ready to be pasted into a shell.

    `file` declares the subject; without a rule it is for the death of the process.
    """
    files = (file,) if file else ()
    return CaseId(subject, case, edition, rule, files, seed, discover, python).command
