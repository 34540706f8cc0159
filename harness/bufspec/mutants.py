"""The mutants of spec/mutants.yaml: which exporters there are, what each breaks, how it is made.

The rows are data; what a habit does is `_engine.Mutant`.  Judges nothing: that is mutation.py.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cattrs
import yaml
from attrs import field, frozen

from bufspec.declare import Layout, exporter
from bufspec.errors import TablesError
from bufspec.rulebook import CURRENT, spec_directory

GROUP = "mutants"
DEATH = "death"
"""Stands in `caught_by` and `also` for a crash, a hang or an exit."""

Memory = str | dict[str, Any]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@frozen
class Bug:
    """A row of the corpus of real bugs, and where it was reported."""

    row: int
    reference: str
    reason: str = ""


@frozen(eq=False)
class Exporter:
    """An exporter of the mutant machine; `python` says that subjects/mutants makes it in Python instead."""

    id: str
    note: str
    memory: Memory = "bytes_one_dim"
    habits: tuple[dict[str, Any], ...] = ()
    operations: bool = False
    expect: bool = False
    build: bool = False
    volatile: bool = False
    python: bool = False
    needs: str = ""
    also: tuple[str, ...] = ()
    bugs: tuple[Bug, ...] = ()
    edition: str = CURRENT

    @property
    def subject(self) -> str:
        """The name under which it is judged."""
        return f"{GROUP}.{self.id}"

    @property
    def likeness(self) -> str:
        """What exporters have in common that behave alike."""
        own = self.id if self.python else ""
        parts = [
            self.memory,
            list(self.habits),
            self.operations,
            self.expect,
            self.build,
            self.volatile,
            own,
            self.edition,
        ]
        return json.dumps(parts, sort_keys=True)


@frozen(eq=False)
class Mutant(Exporter):
    """An exporter that breaks `rule`; one of `caught_by` must tell, and nothing but these and `also`."""

    rule: str = ""
    class_: str = field(default="", alias="class_")
    faults: tuple[dict[str, Any], ...] = ()
    caught_by: tuple[str, ...] = ()

    @property
    def expected(self) -> tuple[str, ...]:
        """The rules of which at least one must be reported."""
        return self.caught_by or (self.rule,)

    def announces(self, rule: str) -> bool:
        """Whether the row says that this rule may be reported of it; `also` may have globs."""
        globs = (self.rule, *self.expected, *self.also)
        return any(fnmatch.fnmatchcase(rule, glob) for glob in globs)

    @property
    def twin(self) -> Exporter:
        """The same exporter without its faults."""
        return Exporter(
            id=f"{self.id}_twin",
            note=f"{self.id} without its faults",
            memory=self.memory,
            habits=self.habits,
            operations=self.operations,
            expect=self.expect,
            build=self.build,
            volatile=self.volatile,
            python=self.python,
            needs=self.needs,
            edition=self.edition,
        )


@frozen
class Mutants:
    """All rows; `twins` holds for each mutant's id the exporter that is judged as its twin."""

    mutants: tuple[Mutant, ...]
    conforming: tuple[Exporter, ...]
    out_of_reach: tuple[Bug, ...]
    unmutated: dict[str, str]
    layouts: dict[str, dict[str, Any]] = field(repr=False)
    twins: dict[str, Exporter]

    def arguments(self, row: Exporter) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The memory and the habits that `_engine.Mutant` takes for a row."""
        memory = self.layouts[row.memory] if isinstance(row.memory, str) else row.memory
        faults = row.faults if isinstance(row, Mutant) else ()
        return memory, [*row.habits, *faults]


@cache
def load_mutants(directory: Path | None = None) -> Mutants:
    """The rows of mutants.yaml; raises TablesError for a file that cannot be read."""
    directory = directory or spec_directory()
    tree, layouts = _tree(directory / "mutants.yaml"), _tree(directory / "layouts.yaml")
    converter = cattrs.Converter()
    converter.register_structure_hook(Memory, lambda value, _type: value)
    rows = [
        {("class_" if key == "class" else key): value for key, value in row.items()}
        for row in tree["mutants"]
    ]
    mutants = tuple(converter.structure(row, Mutant) for row in rows)
    conforming = tuple(converter.structure(row, Exporter) for row in tree["conforming"])
    alike = {row.likeness: row for row in conforming}
    twins = {mutant.id: alike.setdefault(mutant.twin.likeness, mutant.twin) for mutant in mutants}
    return Mutants(
        mutants=mutants,
        conforming=conforming,
        out_of_reach=tuple(converter.structure(row, Bug) for row in tree["out_of_reach"]),
        unmutated={row["rule"]: row["reason"] for row in tree["unmutated"]},
        layouts={row["name"]: _memory_of(row) for row in layouts["layouts"]},
        twins=twins,
    )


def _tree(file: Path) -> dict[str, Any]:
    try:
        tree: dict[str, Any] = yaml.load(file.read_bytes(), _LOADER)
        return tree
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise TablesError(
            f"the table cannot be read: {error}", where=file.name, hint="bufspec spec check tells more"
        ) from error


def _memory_of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in ("name", "class", "note")}


def declare_mutants() -> None:
    """Declare every row that the machine can make, and the twins, as exporters of the group `mutants`."""
    table = load_mutants()
    for row in dict.fromkeys((*table.mutants, *table.twins.values(), *table.conforming)):
        if not row.python:
            _declare(table, row)


def _declare(table: Mutants, row: Exporter) -> None:
    from bufspec import _engine

    memory, habits = table.arguments(row)

    def make() -> object:
        return _engine.Mutant(memory, habits)

    def build(layout: Layout) -> object:
        return _engine.Mutant(_memory_from(layout), habits)

    exporter(
        row.subject,
        needs=row.needs,
        build=build if row.build else None,
        expect=_engine.Mutant(memory).elements() if row.expect else None,
        discover=row.operations,
        volatile=row.volatile,
    )(make)


def _memory_from(layout: Layout) -> dict[str, Any]:
    memory: dict[str, Any] = {
        "format": layout.format,
        "itemsize": layout.itemsize,
        "shape": list(layout.shape),
        "readonly": layout.readonly,
    }
    if layout.strides is not None:
        memory["strides"] = list(layout.strides)
    if layout.suboffsets is not None:
        return memory | {"suboffsets": list(layout.suboffsets)}
    return memory | {"offset": layout.offset, "block": len(layout.memory)}


__all__ = ["DEATH", "GROUP", "Bug", "Exporter", "Mutant", "Mutants", "declare_mutants", "load_mutants"]
