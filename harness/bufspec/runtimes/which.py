"""Which interpreters are meant: those that are named, or all that are found; and which words name one."""

from __future__ import annotations

import os
from collections.abc import Sequence

from bufspec.errors import InterpreterError
from bufspec.interpreters.found import Interpreters, Unusable, interpreters, programs

NAMED_ONLY = "single cases are judged there, but whole subjects do not end yet: name its path to try"
"""Why an interpreter that is no CPython is judged only if it is named."""


def is_path(word: str) -> bool:
    """Whether a word names a program and not a subject, whose names have no slash but in an expression."""
    return ":" not in word and (os.sep in word or word.startswith("~"))


def interpreters_asked(paths: Sequence[str]) -> Interpreters:
    """Those of the paths, or all of this machine; raises InterpreterError if none of them can be judged."""
    found = interpreters(paths or programs())
    if not paths:
        others = [one for one in found.usable if one.facts.implementation != "CPython"]
        found.usable = [one for one in found.usable if one not in others]
        found.unusable += [Unusable(one.path, one.facts.name, NAMED_ONLY) for one in others]
    if not found.usable:
        first = found.unusable[0]
        raise InterpreterError(
            f"no interpreter that can be judged: {first.reason}",
            where=first.path,
            hint="name the program of a CPython or PyPy from 3.11 on; bufspec doctor lists those here",
        )
    return found
