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
from types import CodeType, ModuleType

from bufspec import declare
from bufspec.declare import Subject, collecting
from bufspec.errors import DeclarationError, near_names, text_of
from bufspec.files.opened import MEGABYTE, read_bytes
from bufspec.files.problem import Refused
from bufspec.wire.views import with_views
from bufspec.worker.surroundings import own_modules_kept

DECLARE = "declare with bufspec.declare: @exporter('mypackage.matrix') over a function that makes one"
MOST = 4 * MEGABYTE
UNKNOWN_KEYWORD = re.compile(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'")


def refuse_unknown_keyword(error: BaseException, where: str) -> None:
    """Raise DeclarationError if `error` comes of a keyword that the called declaration does not know."""
    found = UNKNOWN_KEYWORD.fullmatch(str(error)) if type(error) is TypeError else None
    declaring = {one.__name__: one for one in (declare.exporter, declare.consumer, declare.function)}
    if found is None or found[1] not in declaring:
        return
    known = [name for name in signature(declaring[found[1]]).parameters if name != "name"]
    raise DeclarationError(
        f"{found[1]}() has no keyword {found[2]!r}",
        where=where,
        hint=near_names(found[2], known, otherwise=f"the keywords are {', '.join(known)}"),
    ) from error


def refuse_changes(changed: list[str], where: str) -> None:
    """Raise DeclarationError where the import of what `where` names changed these names of bufspec."""
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise DeclarationError(
            f"its import replaces {changed[0]}{more}",
            where=where,
            hint="a subject file must leave bufspec as it is",
        )


def subjects_of_file(path: str, taken: Container[str]) -> dict[str, Subject]:
    """The subjects that the file declares, by name and in its order; neighbours of the file can be imported.

    `taken` holds the packages whose subjects other places declare.  Raises DeclarationError, with the line,
    for a file that is not there, cannot be imported, declares nothing, one name twice, or for one of those.
    """
    file = Path(path)
    code = _compiled(file, path)
    try:
        with own_modules_kept() as changed, collecting() as made:
            _import(file, code)
        refuse_changes(changed, f"{path}:1:1")
        declared = list(with_views(made))
    except DeclarationError:
        raise
    except BaseException as error:  # whatever somebody's file may raise
        where = f"{path}:{_line(file, error)}"
        refuse_unknown_keyword(error, where=where)
        raise DeclarationError(
            f"the subject file cannot be imported: {text_of(error)}",
            where=where,
            hint="its imports must be found from its own folder, the current directory, PYTHONPATH or this "
            f"environment (Python {sys.version_info.major}.{sys.version_info.minor})",
        ) from error
    if not declared:
        raise DeclarationError("the subject file declares nothing", where=f"{path}:1:1", hint=DECLARE)
    subjects: dict[str, Subject] = {}
    for one in declared:
        package = one.name.partition(".")[0]
        if one.name in subjects:
            raise DeclarationError(
                f"{one.name} is declared twice", where=f"{path}:1:1", hint="each needs its own name"
            )
        if package in taken:
            raise DeclarationError(
                f"{one.name} is a stray: other files declare the subjects of {package}",
                where=f"{path}:1:1",
                hint="begin its name with the name of your own package",
            )
        subjects[one.name] = one
    return subjects


def _compiled(file: Path, name: str) -> CodeType:
    """The code of a file; raises DeclarationError, with the place, for what is not a file, or not Python."""
    if file.suffix != ".py":
        raise DeclarationError("is not a Python file", where=name, hint="its name must end in .py")
    try:
        source = read_bytes(file, MOST, name)
    except FileNotFoundError as error:
        hint = "--subjects takes the path of a Python file"
        raise DeclarationError("no such file", where=name, hint=hint) from error
    except Refused as refused:
        raise DeclarationError(refused.what, where=refused.where, hint=refused.hint) from refused
    try:
        return compile(source, str(file), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f"{name}:1:1"
        if isinstance(error, SyntaxError):
            where = f"{name}:{error.lineno or 1}:{max(error.offset or 1, 1)}"
        raise DeclarationError(
            f"is not Python: {text_of(error)}", where=where, hint="python -m py_compile FILE.py says the same"
        ) from error


def _import(file: Path, code: CodeType) -> None:
    folder = str(file.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last, so that no file there stands in for a module of ours
    name = f"bufspec_subjects_{file.stem}_{sum(map(ord, str(file.resolve())))}"
    module = ModuleType(name)
    module.__file__ = str(file)
    # For whoever looks for its source: it is that of the file, read once.
    module.__spec__ = importlib.util.spec_from_file_location(name, file)
    module.__loader__ = module.__spec__.loader if module.__spec__ else None
    sys.modules[name] = module
    exec(code, module.__dict__)


def _line(file: Path, error: BaseException) -> str:
    """The line and the column of the file at which the error came up."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename == str(file)]
    if not frames:
        return "1:1"
    return f"{frames[-1].lineno or 1}:{(getattr(frames[-1], 'colno', None) or 0) + 1}"
