"""How is a memory with pointers drawn?  Each table on the left of what its pointers lead to.

Where a pointer of a real exporter leads is not known: pieces are drawn apart, each as large as the indices
that reach it need, as the reference makes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen
from bufspec.reports.counting import counted
from bufspec.reports.pictures.block import PIN, STRIP, Box, ByteMark, Piece, Pin, draw_piece
from bufspec.reports.pictures.memory import POINTER, Index, Level, Memory
from bufspec.reports.pictures.svg import Drawing, width_of

CELL_WIDTH, CELL, ARROW = 84.0, 26.0, 46.0
HEAD = 18.0
"""How high the line above a table is."""
ROOM = 420.0


@frozen
class Tables:
    """A memory with pointers, and which of its elements are drawn."""

    memory: Memory
    chosen: Sequence[Index]
    boxes: Mapping[Index, Sequence[Box]]
    marks: Mapping[Index, Sequence[ByteMark]]


def draw_tables(drawing: Drawing, tables: Tables, x: float, y: float) -> float:
    """Draw the root table and all that its pointers lead to; returns where that ends below."""
    followed: dict[Index, dict[int, list[Index]]] = {}
    for index in tables.chosen:
        for place in tables.memory.path_to(index)[:-1]:
            followed.setdefault(place.piece, {}).setdefault(place.byte, []).append(index)
    return _draw_table(drawing, tables, followed, (), x, y)


def _draw_table(
    drawing: Drawing,
    tables: Tables,
    followed: Mapping[Index, Mapping[int, list[Index]]],
    piece: Index,
    x: float,
    y: float,
) -> float:
    memory = tables.memory
    level = memory.levels[len(piece)]
    pointers = sorted(followed.get(piece, {}).items())
    left = x + max((width_of(str(byte)) for byte, _ in pointers), default=8) + 8
    title = "table" if piece else "table, where buf points"
    if not piece and level.lowest:
        title += f" at byte {-level.lowest}"
    drawing.text(left, y + 12, f"{title}: {counted(level.size, 'byte')}", "at")
    y += HEAD
    if not pointers:
        drawing.rect(left, y, CELL_WIDTH, CELL, "block")
        return y + CELL + 6
    end = 0
    for byte, indices in pointers:
        if byte > end:
            drawing.text(left, y + 12, f"{byte - end:,} other bytes", "note")
            y += 18
        y = _draw_pointer(drawing, tables, followed, (*piece, byte), indices, left, y)
        end = byte + POINTER
    if level.size > end:
        drawing.text(left, y + 12, f"{level.size - end:,} other bytes", "note")
        y += 18
    return y


def _draw_pointer(
    drawing: Drawing,
    tables: Tables,
    followed: Mapping[Index, Mapping[int, list[Index]]],
    target: Index,
    indices: list[Index],
    left: float,
    y: float,
) -> float:
    memory, byte = tables.memory, target[-1]
    level = memory.levels[len(target) - 1]
    heads = sorted({index[level.first : level.end] for index in indices})
    name = f"[{','.join(map(str, heads[0]))}]" + (f" +{len(heads) - 1}" if len(heads) > 1 else "")
    x_of_target = left + CELL_WIDTH + ARROW
    if len(target) == len(memory.levels) - 1:
        pins = _pins_of(memory, level)
        middle = y + (PIN if pins else 0) + 2 + STRIP / 2
        below = _draw_elements(drawing, tables, target, pins, x_of_target, y)
    else:
        inner = memory.levels[len(target)]
        # The first pointer of the inner table lies as far below its head as this one below y.
        is_above_elements = len(target) == len(memory.levels) - 2
        pinned = is_above_elements and bool(_pins_of(memory, inner))
        middle = y + HEAD + (PIN if pinned else 0) + 2 + STRIP / 2
        below = _draw_table(drawing, tables, followed, target, x_of_target, y) + 4
    drawing.text(left - 6, middle + 4, str(byte), "at", anchor="end")
    drawing.rect(
        left,
        middle - CELL / 2,
        CELL_WIDTH,
        CELL,
        "table pointer",
        f"pointer at byte {byte}",
        {"data-piece": _name(target[:-1]), "data-at": byte, "data-leads-to": _name(target)},
    )
    drawing.text(left + CELL_WIDTH / 2, middle + 4, f"{name} →", "index", anchor="middle")
    right = left + CELL_WIDTH
    drawing.line(f"M{right:g} {middle:g}h{ARROW - 10:g}", "arrow")
    drawing.shape(f"M{x_of_target - 10:g} {middle - 4:g}v8l8 -4z", "head")
    return max(below, middle + CELL / 2 + 6)


def _pins_of(memory: Memory, above: Level) -> tuple[Pin, ...]:
    """What points into a piece with elements, where it is not plainly its first byte."""
    origin = -memory.levels[-1].lowest
    if not origin and not above.suboffset:
        return ()
    return (Pin(origin, f"pointer + {above.suboffset}" if above.suboffset else "pointer"),)


def _draw_elements(
    drawing: Drawing, tables: Tables, target: Index, pins: tuple[Pin, ...], x: float, y: float
) -> float:
    memory = tables.memory
    level = memory.levels[-1]
    dimensions = [d for d in range(level.first, level.end) if memory.shape[d] > 1 and memory.steps[d]]
    steps = [abs(memory.steps[d]) for d in dimensions]
    piece = Piece(
        _name(target),
        0,
        max(level.size, 1),
        True,
        tuple(tables.boxes.get(target, ())),
        max(steps) if len(steps) > 1 else 0,
        min(steps, default=max(memory.itemsize, 1)),
        pins,
        tuple(tables.marks.get(target, ())),
    )
    return draw_piece(drawing, piece, x, y, ROOM)


def _name(piece: Index) -> str:
    """How a piece is named in data attributes."""
    return "-".join(map(str, piece))
