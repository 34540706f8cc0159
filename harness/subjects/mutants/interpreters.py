"""Interpreters with one fault each, as the checks that are made in Python see them.

A check finds `memoryview`, `bytearray` and the like by their names, as any program does.  Here are other
objects for such names: each as right as the interpreter's own but for one fault.  spec/runtime_mutants.yaml
says which rule that breaks.  Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from attrs import frozen
from bufspec.subjects.mutants import faulty_pep688, faulty_views
from bufspec.worker import memoryview_checks, pep688

Names = Mapping[str, object]


@frozen
class StandIn:
    """What stands for names of the interpreter: with the fault, without it, and the rules that can then be
    checked."""

    names: Names
    right: Names
    rules: tuple[str, ...]


VIEW_RULES = tuple(
    rule
    for rule in memoryview_checks.CHECKS
    if rule not in ("memoryview.get_buffer.private_copy", "memoryview.get_base.exporter")
)
"""Those that need nothing of the struct inside of a memoryview, which no object of Python has."""
STRUCT_RULES = ("memoryview.get_buffer.private_copy", "memoryview.get_base.exporter")


@cache
def stand_ins() -> dict[str, StandIn]:
    """By the id of the row."""
    views = {
        id_: StandIn({"memoryview": kind}, {"memoryview": faulty_views.View}, VIEW_RULES)
        for id_, kind in faulty_views.VIEWS.items()
    }
    structs = {
        id_: StandIn({"struct_of": call}, {"struct_of": memoryview_checks.struct_of}, STRUCT_RULES)
        for id_, call in faulty_views.STRUCTS.items()
    }
    classes = {id_: StandIn(make(), {}, tuple(pep688.CHECKS)) for id_, make in _of_pep688().items()}
    return {**views, **structs, **classes}


def _of_pep688() -> dict[str, Callable[[], Names]]:
    return faulty_pep688.FAULTS if pep688.checks_here() else {}
