"""Interpreters with one fault each, as the checks that are made in Python see them.

A check finds `memoryview`, `bytearray` and the like by their names, as any program does.  Here are other
objects for such names: each as right as the interpreter's own but for one fault.  spec/runtime_mutants.yaml
says which rule that breaks.  Judges nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from bufspec.declare import CHECKS_OF_PEP688, CHECKS_OF_STRUCTS, CHECKS_OF_VIEWS
from bufspec.subjects.mutants import faulty_pep688, faulty_views

Names = Mapping[str, object]


class StandIn(NamedTuple):
    """What stands for names of the interpreter: with the fault, without it, and the rules that can then be
    checked."""

    names: Names
    right: Names
    rules: tuple[str, ...]


@cache
def stand_ins() -> dict[str, StandIn]:
    """By the id of the row; those of PEP 688 where this interpreter has it."""
    view = {"memoryview": faulty_views.View}
    views = {
        id_: StandIn({"memoryview": kind}, view, CHECKS_OF_VIEWS) for id_, kind in faulty_views.VIEWS.items()
    }
    structs = {
        id_: StandIn({"struct_of": around}, {}, CHECKS_OF_STRUCTS)
        for id_, around in faulty_views.STRUCTS.items()
    }
    faults = faulty_pep688.FAULTS if sys.version_info >= (3, 12) else {}
    classes = {id_: StandIn(make(), {}, CHECKS_OF_PEP688) for id_, make in faults.items()}
    return {**views, **structs, **classes}
