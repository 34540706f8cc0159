"""The places in the tables where one cell can be broken.

Cells: those of the flag and request rows, of the grammar of formats, of the classes and bounds of layouts,
and what the data cases of the flag, request, layout and format tables expect.  What a case is given is no
statement of the table, and neither are texts for readers; both are passed over.  Whole rows can be dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml
from breaks import Break

TABLES = {
    "spec/tables/10-flags.yaml": ("flags", "compounds", "constants", "unassigned_bits", "canonical", "rules"),
    "spec/tables/20-requests.yaml": ("reserved", "refusals", "contested", "answers", "rules"),
    "spec/tables/40-layout.yaml": ("rules",),
    "spec/tables/50-format.yaml": ("orders", "codes", "constructs", "rules"),
    "spec/layouts.yaml": ("classes", "sweeps"),
}
WORDS_FOR_READERS = {"meaning", "note", "construct", "statement", "hint", "syntax", "strides_for_extent_one"}
# Cells with a closed vocabulary: the next word of it is written instead.
VOCABULARIES: dict[str, tuple[str, ...]] = {
    "asks": (
        "WRITABLE",
        "FORMAT",
        "ND",
        "STRIDES",
        "C_CONTIGUOUS",
        "F_CONTIGUOUS",
        "ANY_CONTIGUOUS",
        "INDIRECT",
    ),
    "field": (
        "shape",
        "strides",
        "suboffsets",
        "format",
        "readonly",
        "ndim",
        "len",
        "itemsize",
        "buf",
        "obj",
    ),
    "holds": ("null", "array", "any", "text", "of_memory", "exporter"),
    "error": ("BufferError", "SystemError", "ValueError", "TypeError", "StructError", "IndexError"),
    "sizes": ("native", "standard"),
    "byte_order": ("native", "big", "little"),
    "grammar": ("struct", "pep3118"),
    "counts": ("repeat", "length"),
    "as": ("complete_flags", "own_bits"),
}
VOCABULARIES |= dict.fromkeys(
    ("lacks", "contains", "of", "structural", "subsets_of", "modifiers"), VOCABULARIES["asks"]
)
VOCABULARIES |= {"first": VOCABULARIES["grammar"], "anywhere": VOCABULARIES["grammar"]}


def next_word(key: str, word: str) -> str:
    """Another word that may stand under `key`, or a misspelt one where any word may."""
    words = VOCABULARIES.get(key, ())
    if word in words:
        return words[(words.index(word) + 1) % len(words)]
    return word + "_"


def broken_scalar(key: str, node: yaml.ScalarNode) -> Iterator[tuple[str, str]]:
    """(what is written instead, name of the break) for one cell."""
    kind = node.tag.rpartition(":")[2]
    if kind == "bool":
        yield ("false", "true to false") if node.value == "true" else ("true", "false to true")
    elif kind == "int":
        number = int(node.value, 0)
        yield str(number + 1), f"{node.value} to {number + 1}"
        if number > 0:
            yield str(number - 1), f"{node.value} to {number - 1}"
    elif kind == "null":
        yield "8", "null to 8"
    else:
        other = {"2010": "current", "current": '"2010"'}.get(node.value) if key == "editions" else None
        word = other or next_word(key, node.value)
        quoted = word if other or not node.style else f'"{word}"'
        yield quoted, f"{node.value} to {word}"


class TablePlaces:
    """Walks the nodes of one table and gives a break for each cell."""

    def __init__(self, file: str, content: str) -> None:
        self.file = file
        self.content = content

    def line_text(self, node: yaml.Node) -> str:
        """The line on which the node begins."""
        return self.content.splitlines()[node.start_mark.line].strip()

    def place(self, node: yaml.Node, start: int, end: int, instead: str, what: str) -> Break:
        """A break of the text from `start` to `end`, at the line of `node`."""
        return Break(self.file, node.start_mark.line + 1, start, end, instead, what, self.line_text(node))

    def cells(self, key: str, node: yaml.Node) -> Iterator[Break]:
        """Every cell at or below `node`, which stands under `key`."""
        if isinstance(node, yaml.ScalarNode):
            for instead, what in broken_scalar(key, node):
                yield self.place(node, node.start_mark.index, node.end_mark.index, instead, f"{key}: {what}")
        elif isinstance(node, yaml.SequenceNode):
            for child in node.value:
                yield from self.cells(key, child)
        elif isinstance(node, yaml.MappingNode):
            for name, child in node.value:
                if name.value not in WORDS_FOR_READERS:
                    yield from self.cells(name.value, child)

    def row(self, key: str, node: yaml.Node) -> Iterator[Break]:
        """The row itself: dropped whole.  A flow mapping is a line of its own behind a dash."""
        start = self.content.rfind("\n", 0, node.start_mark.index) + 1
        yield self.place(node, start, node.end_mark.index, "", f"drop the row of {key}")

    def expectations(self, rules: yaml.Node) -> Iterator[Break]:
        """What the data cases expect."""
        for rule in rules.value:
            for name, cases in rule.value:
                for case in cases.value if name.value == "cases" else ():
                    for key, child in case.value:
                        if key.value == "expect":
                            yield from self.cells("expect", child)

    def all(self, keys: tuple[str, ...]) -> Iterator[Break]:
        """Every break of the parts of the table that `keys` name."""
        root = yaml.compose(self.content)
        if not isinstance(root, yaml.MappingNode):
            return
        for name, child in root.value:
            if name.value not in keys:
                continue
            if name.value == "rules":
                yield from self.expectations(child)
                continue
            yield from self.cells(name.value, child)
            if isinstance(child, yaml.SequenceNode) and child.value and self.file != "spec/layouts.yaml":
                for row in child.value:
                    yield from self.row(name.value, row)


def places_in_tables(project: Path) -> list[Break]:
    """Every break of the tables."""
    made: list[Break] = []
    for file, keys in TABLES.items():
        content = (project / file).read_text(encoding="utf-8")
        made.extend(TablePlaces(file, content).all(keys))
    return made
