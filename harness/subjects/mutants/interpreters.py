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

from bufspec.subjects.mutants import faulty_pep688, faulty_views

Names = Mapping[str, object]


class StandIn(NamedTuple):
    """What stands for names of the interpreter: with the fault, without it, and the rules that can then be
    checked."""

    names: Names
    right: Names
    rules: tuple[str, ...]


VIEW_RULES = (
    "memoryview.type.final",
    "memoryview.new.exports",
    "memoryview.new.shares_one_buffer",
    "memoryview.release.context_manager",
    "memoryview.release.no_more_buffers",
    "memoryview.size.tuples",
    "memoryview.compare.only_equality",
)
"""Those that need nothing of the struct inside of a memoryview, which no object of Python has."""
STRUCT_RULES = ("memoryview.get_buffer.private_copy", "memoryview.get_base.exporter")
PEP688_RULES = (
    "pep688.exporter.looked_up_on_type",
    "pep688.exporter.returns_memoryview",
    "pep688.exporter.inherited_slot",
    "pep688.exporter.restricted_view",
    "pep688.flags.unmodified",
    "pep688.flags.mismatch_refused",
    "pep688.release.result_ignored",
    "pep688.method.synthesised",
    "pep688.method.arguments_checked",
    "pep688.names.buffer_flags",
)


@cache
def stand_ins() -> dict[str, StandIn]:
    """By the id of the row; those of PEP 688 where this interpreter has it."""
    view = {"memoryview": faulty_views.View}
    views = {id_: StandIn({"memoryview": kind}, view, VIEW_RULES) for id_, kind in faulty_views.VIEWS.items()}
    structs = {
        id_: StandIn({"struct_of": around}, {}, STRUCT_RULES) for id_, around in faulty_views.STRUCTS.items()
    }
    faults = faulty_pep688.FAULTS if sys.version_info >= (3, 12) else {}
    classes = {id_: StandIn(make(), {}, PEP688_RULES) for id_, make in faults.items()}
    return {**views, **structs, **classes}
