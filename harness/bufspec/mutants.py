"""The mutants of spec/mutants.yaml and spec/consumer_mutants.yaml: which there are, and how each is made.

The rows are data; what a habit does is `_engine.Mutant` and `_engine.MutantConsumer`.  Judges nothing: that
is mutation.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import cattrs
import yaml
from attrs import field, frozen

from bufspec.declare import CONSUMER, EXPORTER, Layout, consumer, exporter
from bufspec.errors import TablesError
from bufspec.mutant_rows import DEATH, GROUP, Bug, Consumer, Exporter, Memory, Row, twin_of
from bufspec.rulebook import spec_directory

_FILES: dict[str, type[Row]] = {"mutants.yaml": Exporter, "consumer_mutants.yaml": Consumer}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@frozen
class Mutants:
    """All rows, exporters before consumers; `twins` holds for each mutant's name its twin."""

    mutants: tuple[Row, ...]
    conforming: tuple[Row, ...]
    out_of_reach: tuple[Bug, ...]
    unmutated: dict[str, str]
    layouts: dict[str, dict[str, Any]] = field(repr=False)
    twins: dict[str, Row]

    def arguments(self, row: Exporter) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The memory and the habits that `_engine.Mutant` takes for a row."""
        memory = self.layouts[row.memory] if isinstance(row.memory, str) else row.memory
        return memory, row.every_habit

    def consumer(self, id: str) -> Consumer:
        """The consumer of that id, a mutant or a conforming one; KeyError if there is none."""
        rows = {one.id: one for one in (*self.mutants, *self.conforming) if isinstance(one, Consumer)}
        return rows[id]


@cache
def load_mutants(directory: Path | None = None) -> Mutants:
    """The rows of both tables; raises TablesError for a file that cannot be read."""
    directory = directory or spec_directory()
    trees = [(kind, _tree(directory / file)) for file, kind in _FILES.items()]
    layouts = _tree(directory / "layouts.yaml")
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
        layouts={row["name"]: _memory_of(row) for row in layouts["layouts"]},
        twins={one.name: alike.setdefault(twin_of(one).likeness, twin_of(one)) for one in mutants},
    )


_FIELDS = {"class": "class_"}


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
    """Declare every row that the machines can make, and the twins, as subjects of the group `mutants`."""
    table = load_mutants()
    for row in dict.fromkeys((*table.mutants, *table.twins.values(), *table.conforming)):
        if isinstance(row, Consumer):
            _declare_consumer(row)
        elif isinstance(row, Exporter) and not row.python:
            _declare_exporter(table, row)


def _declare_exporter(table: Mutants, row: Exporter) -> None:
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


def _declare_consumer(row: Consumer) -> None:
    from bufspec import _engine

    consumer(
        row.subject,
        needs=row.needs,
        kind=row.kind,
        returns=row.returns,
        accepts=row.accepts,
        fallback=row.fallback,
    )(_engine.MutantConsumer(row.every_habit))


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


__all__ = [
    "CONSUMER",
    "DEATH",
    "EXPORTER",
    "GROUP",
    "Bug",
    "Consumer",
    "Exporter",
    "Mutants",
    "Row",
    "declare_mutants",
    "load_mutants",
]
