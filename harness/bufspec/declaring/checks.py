"""What makes no sense in a declaration?  Each check raises DeclarationError, with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bufspec.declaring.words import CAPABILITIES, NAME, OPERATION
from bufspec.errors import DeclarationError, near_names


def check_name(name: object, where: str) -> None:
    """Raise DeclarationError unless it is a name of a subject."""
    if not isinstance(name, str) or NAME.fullmatch(name) is None:
        raise DeclarationError(
            f"{name!r} is not a subject name",
            where=where,
            hint="package.subject, of letters, digits and _, the package in lower case: mypackage.matrix",
        )


def check_needs(needs: object, where: str) -> None:
    """Raise DeclarationError unless it names a module, or a version of Python."""
    is_text = isinstance(needs, str) and (
        not needs or needs.isidentifier() or re.fullmatch(r"python>=\d+(\.\d+)?", needs)
    )
    if not is_text:
        raise DeclarationError(
            f"needs is {needs!r}", where=where, hint="the name of one top-level module, or python>=3.12"
        )


def check_choice(name: str, key: str, given: object, choices: Sequence[str], where: str) -> None:
    """Raise DeclarationError unless it is one of the choices."""
    if not isinstance(given, str) or given not in choices:
        raise DeclarationError(
            f"{key} of {name} is {given!r}",
            where=where,
            hint=near_names(str(given), choices, otherwise=f"one of {', '.join(map(repr, choices))}"),
        )


def check_accepts(name: str, accepts: object, where: str) -> None:
    """Raise DeclarationError unless it is a sequence of names of CAPABILITIES."""
    if isinstance(accepts, str) or not isinstance(accepts, Sequence):
        raise DeclarationError(
            f"accepts of {name} is {accepts!r}",
            where=where,
            hint='names of capabilities: ("contiguous", "readonly")',
        )
    for one in accepts:
        if one not in CAPABILITIES:
            raise DeclarationError(
                f"{one!r} is not a capability, in accepts of {name}",
                where=where,
                hint=near_names(str(one), CAPABILITIES, otherwise=f"they are {', '.join(CAPABILITIES)}"),
            )


def check_refuses(name: str, refuses: object, where: str) -> None:
    """Raise DeclarationError unless it is a sequence of types of exceptions."""
    is_right = isinstance(refuses, Sequence) and all(
        isinstance(one, type) and issubclass(one, BaseException) for one in refuses
    )
    if not is_right:
        raise DeclarationError(
            f"refuses of {name} is {refuses!r}", where=where, hint="types of exceptions: (mypackage.Error,)"
        )


def check_named(name: str, given: object, what: str, hint: str, where: str) -> None:
    """Raise DeclarationError unless it is None or a mapping from names to callables of the object."""
    if given is None:
        return
    if not isinstance(given, Mapping):
        raise DeclarationError(f"{what}s of {name} is {type(given).__name__}", where=where, hint=hint)
    for key, call in given.items():
        if not isinstance(key, str) or OPERATION.fullmatch(key) is None:
            raise DeclarationError(
                f"{key!r} is not a name of {'an' if what[0] in 'aeiou' else 'a'} {what} of {name}",
                where=where,
                hint="lower case letters, digits and _, beginning with a letter: resize_to_zero",
            )
        check_callable(name, call, f"{what} {key}", where)


def check_callable(name: str, given: object, what: str, where: str) -> None:
    """Raise DeclarationError unless it can be called."""
    if not callable(given):
        raise DeclarationError(
            f"the {what} of {name} is {given!r}, which cannot be called",
            where=where,
            hint="a factory takes nothing and returns a fresh object; an operation takes the object"
            if what != "consumer"
            else "a consumer takes one exporter",
        )
