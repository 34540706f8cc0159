"""The subjects that a file of somebody's own declares: FILE.py, named with `--subjects`.

Importing such a file runs its code and its package's, so this is called in workers only.  What is wrong with
the error names the file and its line; nothing of it is skipped.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import traceback
from collections.abc import Container
from inspect import signature
from pathlib import Path

from bufspec import declare
from bufspec.declare import Subject, take_declared
from bufspec.errors import DeclarationError, near_names
from bufspec.wire.views import with_views

DECLARE = "declare with bufspec.declare: @exporter('mypackage.matrix') over a function that makes one"


UNKNOWN_KEYWORD = re.compile(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'")


def refuse_unknown_keyword(error: BaseException, where: str) -> None:
    """Raise DeclarationError if `error` comes of a keyword that the called declaration does not know."""
    found = UNKNOWN_KEYWORD.fullmatch(str(error)) if isinstance(error, TypeError) else None
    declaring = {one.__name__: one for one in (declare.exporter, declare.consumer, declare.function)}
    if found is None or found[1] not in declaring:
        return
    known = [name for name in signature(declaring[found[1]]).parameters if name != "name"]
    raise DeclarationError(
        f"{found[1]}() has no keyword {found[2]!r}",
        where=where,
        hint=near_names(found[2], known, otherwise=f"the keywords are {', '.join(known)}"),
    ) from error


def subjects_of_file(path: str, taken: Container[str]) -> dict[str, Subject]:
    """The subjects that the file declares, by name and in its order; neighbours of the file can be imported.

    `taken` holds the packages whose subjects other places declare.  Raises DeclarationError, with the line,
    for a file that is not there, cannot be imported, declares nothing, one name twice, or for one of those.
    """
    file = Path(path)
    if not file.is_file():
        raise DeclarationError("no such file", where=path, hint="--subjects takes the path of a Python file")
    take_declared()
    try:
        _import(file)
        declared = list(with_views(take_declared()))
    except DeclarationError:
        raise
    except (Exception, SystemExit) as error:
        refuse_unknown_keyword(error, where=f"{path}:{_line(file, error)}")
        raise DeclarationError(
            f"the subject file cannot be imported: {type(error).__name__}: {error}",
            where=f"{path}:{_line(file, error)}",
            hint="its imports must be found from its own folder, the current directory, PYTHONPATH or this "
            f"environment (Python {sys.version_info.major}.{sys.version_info.minor})",
        ) from error
    finally:
        take_declared()
    if not declared:
        raise DeclarationError("the subject file declares nothing", where=path, hint=DECLARE)
    subjects: dict[str, Subject] = {}
    for one in declared:
        package = one.name.partition(".")[0]
        if one.name in subjects:
            raise DeclarationError(
                f"{one.name} is declared twice", where=path, hint="each needs its own name"
            )
        if package in taken:
            raise DeclarationError(
                f"{one.name} is a stray: other files declare the subjects of {package}",
                where=path,
                hint="begin its name with the name of your own package",
            )
        subjects[one.name] = one
    return subjects


def _import(file: Path) -> None:
    folder = str(file.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last, so that no file there stands in for a module of ours
    name = f"bufspec_subjects_{file.stem}_{sum(map(ord, str(file.resolve())))}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise DeclarationError("is not a Python file", where=str(file), hint="its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def _line(file: Path, error: BaseException) -> int:
    """The line of the file at which the error came up."""
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return error.lineno or 1
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(file) and frame.lineno]
    return lines[-1] if lines else 1
