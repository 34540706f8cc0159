"""Which subjects exist: the files of bufspec/subjects, and objects made by MODULE:EXPRESSION.

Importing a subject file runs a package's code, so this is called in workers only; the driver asks one.
"""

from __future__ import annotations

import ctypes
import importlib
import pkgutil
import sys
from collections.abc import Callable

from attrs import field, frozen

from bufspec import subjects
from bufspec.declare import EXPORTER, Subject, take_declared
from bufspec.errors import ExpressionError, SelectionError


@frozen
class Group:
    """One subject file: what it declares, or the reason why it cannot be loaded here."""

    name: str
    subjects: dict[str, Subject] = field(factory=dict)
    unavailable: str = ""


HIDDEN = frozenset({"mutants"})
"""Subject files that are meant only where they are named."""


def shown_group_names() -> list[str]:
    """The names of the subject files that a list of all subjects has."""
    return [name for name in group_names() if name not in HIDDEN]


def group_names() -> list[str]:
    """The names of the subject files, sorted; none of them is imported."""
    return sorted(
        module.name for module in pkgutil.iter_modules(subjects.__path__) if not module.name.startswith("_")
    )


_loaded: dict[str, Group] = {}


def load_group(name: str) -> Group:
    """The subjects of one file; one that cannot be imported is unavailable, which is no error."""
    if name not in _loaded:
        _loaded[name] = _import_group(name)
    return _loaded[name]


def _import_group(name: str) -> Group:
    take_declared()
    try:
        importlib.import_module(f"bufspec.subjects.{name}")
    except (Exception, SystemExit) as error:
        take_declared()
        return Group(name, unavailable=f"{type(error).__name__}: {error}")
    declared = take_declared()
    names = {subject.name: subject for subject in declared}
    strays = [one for one in names if not one.startswith(f"{name}.")]
    if strays or len(names) != len(declared):
        fault = f"declares {strays[0]}" if strays else "declares a name twice"
        return Group(name, unavailable=f"the file subjects/{name}.py {fault}")
    return Group(name, names)


def find_subject(name: str) -> Subject:
    """The declared subject of that name; raises SelectionError if there is none or it is unavailable."""
    group = load_group(name.partition(".")[0])
    subject = group.subjects.get(name)
    reason = group.unavailable if subject is None else subject.unavailable
    if subject is None or reason:
        raise SelectionError(f"{name} cannot be judged here: {reason or 'no such subject'}")
    return subject


def subject_from_expression(text: str) -> Subject:
    """The exporter that `MODULE:EXPRESSION` makes, evaluated afresh for each object.

    Raises ExpressionError, with the place and a hint, if the module cannot be imported, the expression
    fails, or what it gives exports no buffer.
    """
    module_name, _, expression = text.partition(":")
    make = _evaluation(text, module_name.strip(), expression.strip())
    try:
        value = make()
    except (Exception, SystemExit) as error:
        raise ExpressionError(
            f"the expression raises {type(error).__name__}: {error}",
            where=f"--exporter {text}",
            hint=f"it is evaluated with the names of the module {module_name}; try it there",
        ) from error
    if not ctypes.pythonapi.PyObject_CheckBuffer(ctypes.py_object(value)):
        raise ExpressionError(
            f"the expression gives {_kind(value)}, which exports no buffer",
            where=f"--exporter {text}",
            hint="name an object whose type has bf_getbuffer or __buffer__ (Python 3.12 and later)",
        )
    return Subject(text, EXPORTER, make)


def _evaluation(text: str, module_name: str, expression: str) -> Callable[[], object]:
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise ExpressionError(
            f"the module {module_name} cannot be imported: {type(error).__name__}: {error}",
            where=f"--exporter {text}",
            hint="it must be reachable from the current directory, PYTHONPATH or this environment "
            f"(Python {sys.version_info.major}.{sys.version_info.minor})",
        ) from error
    try:
        code = compile(expression, f"<{text}>", "eval")
    except (SyntaxError, ValueError) as error:
        raise ExpressionError(
            f"the expression is not Python: {error}",
            where=f"--exporter {text}",
            hint="one expression, no statement",
        ) from error
    names = vars(module)
    return lambda: eval(code, names, {})


def _kind(value: object) -> str:
    return "None" if value is None else f"an object of type {type(value).__name__}"
