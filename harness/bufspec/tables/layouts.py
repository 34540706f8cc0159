"""How is a memory written as a row of spec/layouts.yaml, and which rows are there?

A row is what the engine reads: for its mutants, for the exporter that consumers are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bufspec.declare import Layout
from bufspec.tables.files import spec_directory, tree_from

Row = dict[str, Any]

_NOTES = ("name", "class", "note")
"""Keys of a row that say nothing of the memory."""


def named_layouts(directory: Path | None = None) -> dict[str, Row]:
    """The rows of layouts.yaml by their names; raises TablesError if it cannot be read."""
    tree = tree_from((directory or spec_directory()) / "layouts.yaml")
    return {row["name"]: _memory_of(row) for row in tree["layouts"]}


def row_from_layout(layout: Layout) -> Row:
    """The row of a layout that an object is built from."""
    row: Row = {
        "format": layout.format,
        "itemsize": layout.itemsize,
        "shape": list(layout.shape),
        "readonly": layout.readonly,
    }
    if layout.strides is not None:
        row["strides"] = list(layout.strides)
    if layout.suboffsets is not None:
        return row | {"suboffsets": list(layout.suboffsets)}
    return row | {"offset": layout.offset, "block": len(layout.memory)}


def _memory_of(row: Mapping[str, Any]) -> Row:
    return {key: value for key, value in row.items() if key not in _NOTES}
