"""How is a failure of a test seen again?  By the same test, which then replays one case in place of judging.

    BUFSPEC_REPLAY='given.matrix/request.word_0x018 --rule request.nd.shape_present' pytest test_m.py::test_it

What a test makes has no name on a command line, so the test is what runs again: it makes the subject once
more, and where the variable names that subject, it shows the case as `bufspec replay` does, and fails.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from bufspec.errors import SelectionError

if TYPE_CHECKING:
    from bufspec.run.case_id import CaseId

VARIABLE = "BUFSPEC_REPLAY"
CURRENT_TEST = "PYTEST_CURRENT_TEST"
"""In which pytest says what runs: `test_m.py::test_it (call)`."""

invoked_from = Path()
"""Where pytest was started, and where the names of its tests begin; the plugin knows."""
root = Path()


def node_here(rule: str | None = None) -> str:
    """The test that runs, as pytest names it; empty outside of pytest, whose child may see the variable."""
    return "" if "pytest" not in sys.modules else os.environ.get(CURRENT_TEST, "").rpartition(" (")[0]


@frozen
class Again:
    """How to see again what came of a subject."""

    subject: str
    node: Callable[[str | None], str] = node_here
    """The test that is about a rule, None for the end of the process."""

    def command(self, case: str | None, rule: str | None) -> str:
        """The command that shows a case again, to be pasted into a shell where the tests were started."""
        words = shlex.join([f"{self.subject}/{case}", *(["--rule", rule] if rule else [])])
        before = f"{VARIABLE}={shlex.quote(words)} " if case else ""
        if node := self.node(rule):
            return f"{before}{_pytest()} {shlex.quote(_from_here(node))}"
        return f"{before}{shlex.join(sys.orig_argv)}"

    def command_of(self, case: CaseId) -> str:
        """As command()."""
        return self.command(case.case, case.rule)


def _pytest() -> str:
    """The shortest name of the pytest that runs."""
    found = shutil.which("pytest")
    own = Path(sys.executable).parent
    return "pytest" if found and Path(found).parent == own else f"{shlex.quote(sys.executable)} -m pytest"


def _from_here(node: str) -> str:
    """A name of a test that begins where pytest was started."""
    file, colons, test = node.partition("::")
    path = os.path.relpath(root / file, invoked_from) if root.is_absolute() else file
    return f"{path}{colons}{test}"


@frozen
class Wanted:
    """What the variable asks for."""

    case: CaseId
    full: bool


def wanted(subject: str, edition: str, *, discover: bool) -> Wanted | None:
    """The case of this subject that is to be shown; None if none is.

    Raises SelectionError for words that name none.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        return None
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("words")
    parser.add_argument("--rule")
    parser.add_argument("--full", action="store_true")
    try:
        given, strays = parser.parse_known_args(shlex.split(text))
        name, slash, case = given.words.partition("/")
    except (argparse.ArgumentError, ValueError, SystemExit):
        strays, slash = [text], ""
    if strays or not slash:
        hint = f"{VARIABLE}='{subject}/request.word_0x018 --rule RULE --full'"
        raise SelectionError(f"{text!r} names no case", where=VARIABLE, hint=hint)
    if name != subject:
        return None
    from bufspec.run.case_id import CaseId  # loads the engine, which the plugin does not at the start

    return Wanted(CaseId(name, case, edition, given.rule, discover=discover), given.full)
