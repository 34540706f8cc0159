"""The checks of bridges that the engine asks for by the id of a rule, of objects of one subject.

An object that does not have the interface, or refuses to use it, has nothing to judge.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from bufspec.declare import Subject
from bufspec.wire.views import MakesViews
from bufspec.words import INTERFACE_THERE

if TYPE_CHECKING:
    from bufspec.bridges.held import Make
    from bufspec.bridges.memory import Verdict

NAMES = {
    "bridge.array_interface.": "__array_interface__",
    "bridge.array_struct.": "__array_struct__",
    "bridge.dlpack.": "__dlpack__",
    "bridge.arrow.": "__arrow_c_array__",
}
"""What a type has that offers the interface which the rules of this beginning are about."""
OF_FIXED_MEMORY = ("owner_outlives",)
"""How the rules end that hold memory against what it was before."""


@cache
def checks() -> dict[str, Callable[[Make], Verdict]]:
    """The checks by rule; few objects need any, so their modules are imported for the first that does."""
    from bufspec.bridges import array, arrow, dlpack

    return {**array.CHECKS, **dlpack.CHECKS, **arrow.CHECKS}


class BridgeChecks:
    """Makes a check of objects of a subject: called with the id of its rule, and the type of its objects."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def __call__(self, rule: str, kind: type) -> Verdict:
        """What is owed and what was found; None where the object has nothing that the rule is about."""
        make = self._subject.what
        if isinstance(make, MakesViews) or not hasattr(sys, "getrefcount"):
            return None  # of a view that a method makes, it is the owner's business
        wanted = next(name for area, name in NAMES.items() if rule.startswith(area))
        if not any(wanted in vars(one) for one in kind.__mro__):
            return None
        if self._subject.volatile and rule.endswith(OF_FIXED_MEMORY):
            return None
        assert not isinstance(make, str), "runtimes have no objects"
        try:
            return checks()[rule](make)
        except BaseException as error:  # SystemExit of an interface, which the check takes for no refusal
            return INTERFACE_THERE, f"{type(error).__name__} raised"
