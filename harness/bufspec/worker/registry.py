"""Which subjects exist: the files of bufspec/subjects, the entry points of other packages, files of one's
own, and objects made by MODULE:EXPRESSION.

A file PACKAGE_consumers.py, or PACKAGE_consumers_AREA.py, of bufspec/subjects belongs to the same package as
PACKAGE.py.  Those of bufspec/subjects/zoo are imported only for a run that names their package: there are
many, of packages that may be large, and that need not get on with each other in one process.

Importing a subject file runs a package's code, so this is called in workers only; the driver asks one.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import field, frozen

from bufspec import subjects
from bufspec.declare import CONSUMER, Subject, collecting, take_declared
from bufspec.errors import DeclarationError, ExpressionError, SelectionError, text_of
from bufspec.library import is_library
from bufspec.wire.expression import Expression, expression_from_name
from bufspec.wire.given import GIVEN, given
from bufspec.wire.remote_file import HELLO_SECONDS, command_of
from bufspec.wire.views import with_views
from bufspec.words import MUTANTS
from bufspec.worker.native import subjects_of_library
from bufspec.worker.raised_at import text_and_place
from bufspec.worker.slots import exports
from bufspec.worker.subject_files import refuse_changes, subjects_of_file
from bufspec.worker.surroundings import own_modules_kept

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "bufspec.subjects"
"""The group of entry points whose modules declare subjects; each is named after their package."""


@frozen
class Group:
    """The subject files of a package: what they declare, or the reason why they cannot be loaded here."""

    name: str
    subjects: dict[str, Subject] = field(factory=dict)
    unavailable: str = ""


HIDDEN = frozenset({MUTANTS})
"""Subject files that are meant only where they are named."""


def shown_group_names() -> list[str]:
    """The names of the subject files that a glob such as `*` means."""
    return [name for name in group_names() if name not in HIDDEN and not _is_of_zoo(name)]


def group_names() -> list[str]:
    """The names of the subject files and entry points, sorted; none of them is imported."""
    return sorted({*_own_files(), *_entry_points()})


CONSUMERS = "_consumers"


ZOO = "zoo"
"""The folder of subject files about packages that are installed for the zoo."""


@lru_cache(maxsize=1)
def _own_files() -> dict[str, list[str]]:
    """The modules of bufspec/subjects by the package that they are about, its exporters first."""
    files: dict[str, list[str]] = {}
    of_zoo = [os.path.join(one, ZOO) for one in subjects.__path__]
    for path, within in ((subjects.__path__, ""), (of_zoo, f"{ZOO}.")):
        for module in sorted(pkgutil.iter_modules(path), key=lambda one: one.name):
            if not module.name.startswith("_") and module.name != ZOO:
                files.setdefault(module.name.partition(CONSUMERS)[0], []).append(within + module.name)
    return files


def _is_of_zoo(name: str) -> bool:
    return any(one.startswith(f"{ZOO}.") for one in _own_files().get(name, ()))


@lru_cache(maxsize=1)
def _entry_points() -> dict[str, EntryPoint]:
    # A third of a worker's start, which one that begins after a death seldom needs.
    from importlib.metadata import entry_points

    return {one.name: one for one in entry_points(group=ENTRY_POINTS)}


_loaded: dict[str, Group] = {}


def load_group(name: str) -> Group:
    """The subjects of one file; one that cannot be imported is unavailable, which is no error."""
    if name not in _loaded:
        _loaded[name] = _import_group(name)
    return _loaded[name]


def _import_group(name: str) -> Group:
    own = name in _own_files()
    modules = [f"bufspec.subjects.{one}" for one in _own_files().get(name, [])]
    modules = modules or [_entry_points()[name].module]
    file = f"the file subjects/{name}.py" if own else f"the module {modules[0]}"
    earlier = take_declared(name)
    try:
        with own_modules_kept() as changed, collecting() as made:
            for module in modules:
                importlib.import_module(module)
        refuse_changes(changed, modules[0])
        declared = list(with_views([*earlier, *made]))
    except BaseException as error:  # whatever a package or an expression may raise
        return Group(name, unavailable=_why_not(error))
    names = {subject.name: subject for subject in declared}
    strays = [one for one in names if not one.startswith(f"{name}.")]
    if strays or len(names) != len(declared):
        fault = f"declares {strays[0]}" if strays else "declares a name twice"
        return Group(name, unavailable=f"{file} {fault}")
    if not own and not declared:
        return Group(name, unavailable=f"{file} declares nothing")
    return Group(name, names)


def _why_not(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"the module {error.name} is not installed"
    return text_and_place(error)


_files: dict[str, Group] = {}
"""The files in use."""
_known_files: dict[str, Group] = {}
"""Every file that was ever loaded here."""


def use_files(paths: Sequence[str], hello_seconds: float = HELLO_SECONDS) -> None:
    """Let these files of somebody's own, and no others, be in use; each is loaded once.

    A peer among them may take `hello_seconds` to say hello.
    Raises DeclarationError for a file that cannot be used, or that declares what an earlier one has declared.
    """
    known: dict[str, Group] = {}
    owner: dict[str, str] = {}
    for path in paths:
        if path not in _known_files:
            _known_files[path] = Group(path, _declared_by(path, hello_seconds))
        known[path] = _known_files[path]
        for name in known[path].subjects:
            if owner.setdefault(name, path) != path:
                raise DeclarationError(
                    f"{name} is declared twice", where=path, hint=f"first declared in {owner[name]}"
                )
    _files.clear()
    _files.update(known)


def _declared_by(path: str, hello_seconds: float) -> dict[str, Subject]:
    command = command_of(path)
    if not command:
        declared = subjects_of_library if is_library(path) else subjects_of_file
        return declared(path, taken=group_names())
    from bufspec.worker.remote import subjects_of_peer

    return subjects_of_peer(command, taken=group_names(), seconds=hello_seconds)


def _given_here() -> Group:
    return Group(GIVEN, given)


def file_groups() -> list[Group]:
    """What the files in use declare, in their order, and what was given."""
    return [*_files.values(), *([_given_here()] if given else [])]


def subject_named(name: str) -> Subject:
    """The subject that is declared under a name, or that MODULE:EXPRESSION makes; raises as those two do."""
    return subject_from_expression(name) if ":" in name else find_subject(name)


def find_subject(name: str) -> Subject:
    """The declared subject of that name; raises SelectionError if there is none or it is unavailable."""
    package = name.partition(".")[0]
    in_files = [one for one in (_given_here(), *_files.values()) if name in one.subjects]
    group = in_files[0] if in_files else load_group(package) if package in group_names() else Group(package)
    subject = group.subjects.get(name)
    reason = group.unavailable if subject is None else subject.unavailable
    if subject is None or reason:
        raise SelectionError(f"{name} cannot be judged here: {reason or 'no such subject'}")
    return subject


def subject_from_expression(name: str) -> Subject:
    """The exporter that `MODULE:EXPRESSION` makes, evaluated afresh for each object, or the consumer that
    `consumer MODULE:EXPRESSION` gives.

    Raises ExpressionError, with the place and a hint, if the module cannot be imported, the expression
    fails, or what it gives exports no buffer, or cannot be called.
    """
    expression = expression_from_name(name)
    make = _evaluation(expression)
    try:
        value = make()
    except BaseException as error:  # whatever a package or an expression may raise
        raise ExpressionError(
            f"the expression raises {text_and_place(error)}",
            where=expression.where,
            hint=f"it is evaluated with the names of the module {expression.module}; try it there",
        ) from error
    if expression.target == CONSUMER:
        return _consumer(expression, value)
    if not exports(value):
        raise ExpressionError(
            f"the expression gives {_kind(value)}, which exports no buffer",
            where=expression.where,
            hint=f"a consumer goes with --consumer {expression.name}"
            if callable(value)
            else "name an object whose type has bf_getbuffer or __buffer__ (Python 3.12 and later)",
        )
    expect = _expected(expression.expect_of) if expression.expect_of else expression.expect
    return Subject(name, expression.target, make, readonly=expression.readonly, expect=expect)


@lru_cache(maxsize=1)
def _expected(text: str) -> bytes:
    """What the text of --expect gives; the driver has evaluated it before."""
    return bytes(eval(text, {}, {}))


def _consumer(expression: Expression, value: object) -> Subject:
    if not callable(value):
        raise ExpressionError(
            f"the expression gives {_kind(value)}, which cannot be called",
            where=expression.where,
            hint="name a callable of one argument, the object whose memory it uses: zlib:compress",
        )
    return Subject(
        expression.name,
        expression.target,
        value,
        kind=expression.kind,
        returns=expression.returns,
        fallback=expression.fallback,
        order=expression.order,
        fits=expression.fits,
    )


def _evaluation(expression: Expression) -> Callable[[], object]:
    try:
        module = importlib.import_module(expression.module)
    except BaseException as error:  # whatever a package or an expression may raise
        raise ExpressionError(
            f"the module {expression.module} cannot be imported: {text_and_place(error)}",
            where=expression.where,
            hint="it must be reachable from the current directory, PYTHONPATH or this environment "
            f"(Python {sys.version_info.major}.{sys.version_info.minor})",
        ) from error
    try:
        code = compile(expression.code, f"<{expression.name}>", "eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(
            f"the expression is not Python: {text_of(error)}",
            where=expression.where,
            hint="one expression, no statement",
        ) from error
    names = vars(module)
    return lambda: eval(code, names, {})


def _kind(value: object) -> str:
    return "None" if value is None else f"an object of type {type(value).__name__}"
