"""The subjects that a shared library describes: LIBRARY.so, named with `--native`.

Loading a library runs its code, so this is called in workers only.  What the engine is told of such a subject
is its path and its name; which calls it has, and what can be observed of it, the library's table says.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from bufspec import _engine
from bufspec.declare import Subject
from bufspec.errors import DeclarationError
from bufspec.library import Native
from bufspec.wire.messages import Facts


def described_by(path: str) -> list[dict[str, Any]]:
    """What the library says of its subjects; raises DeclarationError, with what is wrong and what to do."""
    answer = _engine.native_subjects(path)
    where, what, hint = answer["refusal"]
    if what:
        raise DeclarationError(what, where=where, hint=hint)
    subjects: list[dict[str, Any]] = answer["subjects"]
    return subjects


def subjects_of_library(path: str, taken: Container[str]) -> dict[str, Subject]:
    """The subjects of a library by name, in its order.

    `taken` holds the packages whose subjects other places declare.  Raises DeclarationError.
    """
    subjects: dict[str, Subject] = {}
    for one in described_by(path):
        name = one["name"]
        package = name.partition(".")[0]
        if package in taken:
            raise DeclarationError(
                f"the library calls itself {package}, like a package whose subjects other files declare",
                where=path,
                hint="give it another name: BUFSPEC_SUBJECTS(mine, ...)",
            )
        native = Native(path, name)
        subjects[name] = Subject(
            name,
            one["target"],
            native,
            operations=dict.fromkeys(one["operations"], native),
            build=native if one["builds"] else None,
            volatile=one["volatile"],
            where=path,
        )
    return subjects


def facts_of_library(native: Native) -> Facts:
    """What is known of a subject by the table of its library."""
    one = next(one for one in described_by(native.path) if one["name"] == native.name)
    return {"declared": list(one["operations"]), "observes": list(one["observes"]), "expects": one["expects"]}
