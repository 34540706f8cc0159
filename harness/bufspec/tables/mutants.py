"""The mutants of spec/mutants.yaml, consumer_mutants.yaml and runtime_mutants.yaml: which there are, and how
each is made.

The rows are data; what a behaviour or a fault does is in subjects/mutants/native.  Judges nothing: that is
mutants/score.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cattrs
from attrs import field, frozen

from bufspec.tables.files import spec_directory, tree_from
from bufspec.tables.layouts import named_layouts
from bufspec.tables.mutant_rows import Bug, Consumer, Exporter, Functions, Memory, Row, twin_of

_FILES: dict[str, type[Row]] = {
    "mutants.yaml": Exporter,
    "consumer_mutants.yaml": Consumer,
    "runtime_mutants.yaml": Functions,
}


@frozen
class Mutants:
    """All rows, exporters, consumers, sets of functions; `twins` holds for each mutant's name its twin."""

    mutants: tuple[Row, ...]
    conforming: tuple[Row, ...]
    out_of_reach: tuple[Bug, ...]
    unmutated: dict[str, str]
    layouts: dict[str, dict[str, Any]] = field(repr=False)
    twins: dict[str, Row]

    def arguments(self, row: Exporter) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The memory, and the behaviours and faults, that an exporter of a row is made of."""
        memory = self.layouts[row.memory] if isinstance(row.memory, str) else row.memory
        return memory, row.behaviours_and_faults

    def consumer(self, id: str) -> Consumer:
        """The consumer of that id, a mutant or a conforming one; KeyError if there is none."""
        rows = {one.id: one for one in (*self.mutants, *self.conforming) if isinstance(one, Consumer)}
        return rows[id]


@cache
def load_mutants(directory: Path | None = None) -> Mutants:
    """The rows of all tables; raises TablesError for a file that cannot be read."""
    directory = directory or spec_directory()
    trees = [(kind, tree_from(directory / file)) for file, kind in _FILES.items()]
    converter = cattrs.Converter()
    converter.register_structure_hook(Memory, lambda value, _type: value)

    def rows(key: str) -> Iterator[Row]:
        for kind, tree in trees:
            for row in tree[key]:
                yield converter.structure({_FIELDS.get(name, name): row[name] for name in row}, kind)

    mutants, conforming = tuple(rows("mutants")), tuple(rows("conforming"))
    alike = {row.likeness: row for row in conforming}
    return Mutants(
        mutants=mutants,
        conforming=conforming,
        out_of_reach=tuple(
            converter.structure(row, Bug) for _, tree in trees for row in tree["out_of_reach"]
        ),
        unmutated={row["rule"]: row["reason"] for _, tree in trees for row in tree["unmutated"]},
        layouts=named_layouts(directory),
        twins={one.name: alike.setdefault(twin_of(one).likeness, twin_of(one)) for one in mutants},
    )


_FIELDS = {"class": "class_", "habits": "behaviours"}
