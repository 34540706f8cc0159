"""How do the rows of the tables of mutants become subjects?  Called by bufspec/subjects/mutants, in a worker.

What a behaviour or a fault does is in C++, in `_native`.
"""

from __future__ import annotations

from pathlib import Path

from bufspec import declare
from bufspec.declare import Layout, Native, consumer, exporter, function
from bufspec.subjects.mutants import _native
from bufspec.subjects.mutants.interpreters import stand_ins
from bufspec.tables.layouts import row_from_layout
from bufspec.tables.mutant_rows import TWIN, Consumer, Exporter, Functions
from bufspec.tables.mutants import Mutants, load_mutants

FAULTY = str(Path(declare.__file__).with_name("libbufspec_faulty_functions.so"))
"""The library that has a set of functions for each fault."""
HASH = {"do": "hash"}
"""The one behaviour of the machine's objects that is made here: a hash of its own."""


class _Hashed(_native.MutantExporter):
    """Hashes as its bytes do, and so says that they never change."""

    def __hash__(self) -> int:
        return hash(bytes(memoryview(self)))  # type: ignore[arg-type]


def declare_mutants() -> None:
    """Declare every row that the machines can make, and the twins, as subjects of the group `mutants`."""
    table = load_mutants()
    for row in dict.fromkeys((*table.mutants, *table.twins.values(), *table.conforming)):
        if isinstance(row, Consumer) and not row.python:
            _declare_consumer(row)
        elif isinstance(row, Exporter) and not row.python:
            _declare_exporter(table, row)
        elif isinstance(row, Functions) and not row.python:
            function(row.subject, of=Native(FAULTY, row.called))
        elif isinstance(row, Functions):
            _declare_interpreter(row)


def _declare_interpreter(row: Functions) -> None:
    stand_in = stand_ins().get(row.id.removesuffix(TWIN))
    if stand_in is None:  # of an interpreter that has no such thing
        function(row.subject, needs=row.needs)
    else:
        names = stand_in.names if row.rule else stand_in.right
        function(row.subject, *stand_in.rules, needs=row.needs, names=names)


def _declare_exporter(table: Mutants, row: Exporter) -> None:
    memory, behaviours = table.arguments(row)

    kind = _native.MutantExporter
    if HASH in behaviours:
        kind = _Hashed
        behaviours.remove(HASH)

    def make() -> object:
        return kind(memory, behaviours)

    def build(layout: Layout) -> object:
        return kind(row_from_layout(layout), behaviours)

    exporter(
        row.subject,
        needs=row.needs,
        build=build if row.build else None,
        expect=_native.MutantExporter(memory).elements() if row.expect else None,
        discover=row.operations,
        volatile=row.volatile,
    )(make)


def _declare_consumer(row: Consumer) -> None:
    consumer(
        row.subject,
        needs=row.needs,
        kind=row.kind,
        returns=row.returns,
        accepts=row.accepts,
        fallback=row.fallback,
        order=row.order,
        fits=row.fits,
    )(_native.MutantConsumer(row.behaviours_and_faults))
