"""Where in the subject's own source was an exception raised?  As in `matrix.py:12, in make`."""

from __future__ import annotations

import os
import traceback
from contextlib import suppress

from bufspec.errors import text_of

PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep
SUBJECTS = PACKAGE + "subjects" + os.sep
LIBRARY = os.path.dirname(os.__file__) + os.sep
IMPORTING = LIBRARY + "importlib" + os.sep
INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
LONGEST = 200


def text_and_place(error: BaseException) -> str:
    """The kind of an exception, what it says, and after it, in brackets, where it was raised."""
    place = place_of(error)
    return f"{text_of(error)} ({place})" if place else text_of(error)


def place_of(error: BaseException) -> str:
    """The deepest line that is not of bufspec, an installed package or the standard library where there is
    one; else the deepest that is not of bufspec.  Empty if all is in C, in an import that finds no module, or
    in an expression."""
    frames = [
        (frame.f_code.co_filename, line, frame.f_code.co_name)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if _is_foreign(frame.f_code.co_filename)
    ]
    own = [one for one in frames if not _is_of_library(one[0])]
    for file, line, function in (own or frames)[-1:]:
        named = "" if function == "<module>" else f", in {function}"
        return f"{_from_here(file)}:{line}{named}"[:LONGEST]
    return ""


def _is_foreign(file: str) -> bool:
    return not file.startswith(("<", IMPORTING)) and (
        not file.startswith(PACKAGE) or file.startswith(SUBJECTS)
    )


def _is_of_library(file: str) -> bool:
    return file.startswith((LIBRARY, SUBJECTS)) or any(one in file for one in INSTALLED)


def _from_here(file: str) -> str:
    """A path below the current directory without it."""
    with suppress(OSError):
        return file.removeprefix(os.getcwd() + os.sep)
    return file
