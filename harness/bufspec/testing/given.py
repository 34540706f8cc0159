"""Which subject is it that a test gives?  An object, a factory of objects, or a callable that uses memory."""

from __future__ import annotations

import ctypes
import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

from attrs import evolve

from bufspec.declare import CONSUMER, Subject, collecting, consumer, exporter
from bufspec.errors import DeclarationError


def is_exporter(given: object) -> bool:
    """Whether it exports a buffer itself."""
    return bool(ctypes.pythonapi.PyObject_CheckBuffer(ctypes.py_object(given)))


def subject_from_object(obj_or_factory: object, *, name: str | None = None, **declared: Any) -> Subject:
    """The subject that an object, or a factory of objects, makes; the rest as for exporter().

    Raises DeclarationError for what is neither, and for operations on an object that no factory makes.
    """
    is_object = is_exporter(obj_or_factory)
    if not is_object and not callable(obj_or_factory):
        raise DeclarationError(
            f"an object of type {type(obj_or_factory).__name__} is neither an exporter nor a factory",
            where="assert_conforms",
            hint="give a function that makes an object whose type has bf_getbuffer or __buffer__ "
            "(Python 3.12 and later): assert_conforms(lambda: Matrix(2, 3))",
        )
    if is_object and declared.get("operations"):
        raise DeclarationError(
            "operations change an object for good, and there is only this one",
            where="assert_conforms",
            hint="give a factory: assert_conforms(lambda: ..., operations=...)",
        )
    factory: Callable[[], object]
    if is_object:
        declared["discover"] = False
        factory = lambda: obj_or_factory  # noqa: E731
    else:
        factory = obj_or_factory  # type: ignore[assignment]
    name = name or _name_of(obj_or_factory, is_object)
    return _declared(lambda: exporter(name, **declared)(factory), obj_or_factory)


def subject_from_consumer(consume: object, *, name: str | None = None, **declared: Any) -> Subject:
    """The subject that a callable makes; the rest as for consumer().

    Raises DeclarationError for what cannot be called.
    """
    if not callable(consume):
        raise DeclarationError(
            f"an object of type {type(consume).__name__} cannot be called",
            where="assert_consumes",
            hint="give the callable itself, which takes one object and uses its memory: "
            "assert_consumes(zlib.compress)",
        )
    name = name or _name_of(consume, is_object=False, anonymous=CONSUMER)
    return _declared(lambda: consumer(name, **declared)(consume), consume)


def _declared(declare: Callable[[], object], given: object) -> Subject:
    with collecting() as made:
        declare()
    (subject,) = made
    return evolve(subject, where=_place_of(given) or subject.where)


def _place_of(given: object) -> str:
    """The file and line of a function; empty for anything else."""
    while isinstance(given, functools.partial):
        given = given.func
    code = getattr(inspect.unwrap(given) if callable(given) else given, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}:1" if code else ""


def _name_of(given: object, is_object: bool, anonymous: str = "factory") -> str:
    text = type(given).__name__ if is_object else getattr(given, "__name__", "<lambda>")
    return f"given.{re.sub('[^A-Za-z0-9_]', '', text.replace('<lambda>', anonymous)) or 'object'}"
