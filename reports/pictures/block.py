"""How is one piece of memory drawn?  Bytes in lines, elements in boxes, what overlaps below each other.

Lines without anything to be seen are left out, with a note how many bytes that is.  The number of lines and
of boxes is bounded, whatever the numbers are.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from attrs import frozen
from bufspec.reports.counting import counted
from bufspec.reports.pictures.memory import Index
from bufspec.reports.pictures.svg import Drawing, width_of

MOST_LINES = 20
MOST_LANES = 4
NARROWEST, WIDEST = 9.0, 44.0
"""How wide a byte is drawn."""
STRIP, LANE, PIN, NOTE = 26.0, 22.0, 18.0, 18.0
"""Heights: of the bytes of a line, of what overlaps them, of what points at them, of a text below."""


@frozen
class Box:
    """An element, or several that begin at the same byte."""

    first: int
    size: int
    indices: tuple[Index, ...]
    label: str
    title: str
    kind: str
    is_marked: bool = False


@frozen
class Pin:
    """A text that points at a byte from above."""

    byte: int
    text: str


@frozen
class ByteMark:
    """A text at some bytes, or under a box that has its own frame."""

    byte: int
    count: int
    text: str
    is_framed: bool


@frozen
class Piece:
    """What is drawn: bytes low..high-1 of the memory, all of which belong to it if `has_edges`."""

    name: str
    low: int
    high: int
    has_edges: bool
    boxes: tuple[Box, ...]
    row: int
    """Bytes from row to row of the elements, 0 if they have no rows."""
    unit: int
    """Bytes from element to element."""
    pins: tuple[Pin, ...] = ()
    marks: tuple[ByteMark, ...] = ()


@frozen
class Grid:
    """Which byte is drawn where: `width` bytes a line, lines counted from `origin`."""

    origin: int
    width: int
    pixels: float

    def line_of(self, byte: int) -> int:
        """The line that a byte lies in."""
        return (byte - self.origin) // self.width

    def start(self, line: int) -> int:
        """The first byte of a line."""
        return self.origin + line * self.width


def draw_piece(drawing: Drawing, piece: Piece, x: float, y: float, room: float) -> float:
    """Draw a piece with its left upper corner at x, y, about `room` wide; returns where it ends below."""
    lanes = _lanes(piece.boxes)
    ends = [byte for box in piece.boxes for byte in (box.first, box.first + max(box.size, 1) - 1)]
    ends += [pin.byte for pin in piece.pins]
    ends += [byte for mark in piece.marks for byte in (mark.byte, mark.byte + max(mark.count, 1) - 1)]
    low, high = min([piece.low, *ends]), max([piece.high, *(end + 1 for end in ends)])
    grid = _grid(piece, low, high, room)
    important = {grid.line_of(mark.byte) for mark in piece.marks} | {
        grid.line_of(box.first) for box in piece.boxes if box.is_marked
    }
    lines = _lines(sorted({grid.line_of(byte) for byte in [low, high - 1, *ends]}), important)
    gutter = x + max(width_of(str(grid.start(line))) for line in lines) + 8
    before = None
    for line in lines:
        if before is not None and line > before + 1:
            left_out = (line - before - 1) * grid.width
            drawing.text(gutter, y + 13, f"… {left_out:,} bytes that are not drawn …", "note")
            y += NOTE
        y = _draw_line(drawing, piece, lanes, grid, line, gutter, y)
        before = line
    crowded = sum(max(len(box.indices), 1) for box in piece.boxes if box not in lanes)
    if crowded:
        drawing.text(gutter, y + 13, f"{crowded} more overlap here and are not drawn", "note")
        y += NOTE
    return y


def _grid(piece: Piece, low: int, high: int, room: float) -> Grid:
    size = max((box.size for box in piece.boxes), default=1)
    label = max((width_of(box.label) for box in piece.boxes), default=0) + 6
    pixels = min(max(label / max(size, 1), NARROWEST), WIDEST)
    widest = max(int(room / pixels), 1)
    if 0 < high - low <= widest:
        return Grid(low, high - low, pixels)
    if max(2 * size, 1) <= piece.row <= widest:
        return Grid(0, piece.row, pixels)
    unit = piece.unit if piece.unit <= widest else 1
    most = widest // unit * unit
    # Lines that rows begin at: each row then looks like the others.
    even = (width for width in range(most, most // 2, -unit) if piece.row > 0 and piece.row % width == 0)
    return Grid(0, next(even, most), pixels)


def _lines(wanted: list[int], important: set[int]) -> list[int]:
    """The lines that are drawn: those with something to be seen, a single one between them, not too many."""
    if len(wanted) > MOST_LINES:
        kept = {*wanted[: MOST_LINES * 3 // 4], *wanted[-MOST_LINES // 4 :]}
        wanted = sorted(kept | set(sorted(important)[:MOST_LINES]))
    between = {one + 1 for one, other in itertools.pairwise(wanted) if other == one + 2}
    return sorted({*wanted, *between})


def _lanes(boxes: Sequence[Box]) -> dict[Box, int]:
    """For each box how far below the bytes it is drawn, so that none hides another; marked ones first."""
    lanes: dict[Box, int] = {}
    taken: list[list[tuple[int, int]]] = [[] for _ in range(MOST_LANES)]
    for box in sorted(boxes, key=lambda one: (not one.is_marked, one.first)):
        first, end = box.first, box.first + box.size
        for lane, others in enumerate(taken):
            if all(end <= one or other <= first for one, other in others):
                others.append((first, end))
                lanes[box] = lane
                break
    return lanes


def _draw_line(
    drawing: Drawing, piece: Piece, lanes: dict[Box, int], grid: Grid, line: int, x: float, y: float
) -> float:
    start, end = grid.start(line), grid.start(line + 1)

    def at(byte: int) -> float:
        return x + (min(max(byte, start), end) - start) * grid.pixels

    pins = [pin for pin in piece.pins if start <= pin.byte < end]
    for pin in pins:
        left = at(pin.byte)
        drawing.shape(f"M{left + 1:g} {y + 7:g}h8l-4 8z", "head")
        drawing.text(left + 12, y + 14, pin.text, "at")
    top = y + (PIN if pins else 0) + 2
    if grid.line_of(piece.low) != grid.line_of(piece.high - 1) or not piece.has_edges or start:
        drawing.text(x - 6, top + 17, str(start), "at", anchor="end")
    if piece.has_edges and piece.low < end and start < piece.high:
        left, right = at(piece.low), at(piece.high)
        drawing.rect(left, top, right - left, STRIP, "block")
        ticks = range(max(start, piece.low) + 1, min(end, piece.high))
        drawing.line("".join(f"M{at(byte):g} {top + STRIP - 5:g}v5" for byte in ticks), "tick")
        if piece.high <= end:
            past = max((box.first + box.size for box in lanes), default=0) > piece.high
            if not past and all(mark.byte < piece.high for mark in piece.marks):
                drawing.text(right + 7, top + 17, counted(piece.high - piece.low, "byte"), "at")
    bottom = top + STRIP
    for box, lane in lanes.items():
        if max(box.size, 1) + box.first <= start or box.first >= end:
            continue
        left, right = at(box.first), at(box.first + box.size)
        box_top = top if lane == 0 else top + STRIP + 2 + (lane - 1) * LANE
        height = STRIP if lane == 0 else LANE - 2
        data = _data(piece, box, box.first < start)
        drawing.rect(left, box_top, right - left, height, box.kind, box.title, {"rx": 2, **data})
        size = next((size for size in (11, 9, 8) if width_of(box.label, size) <= right - left - 1), 0)
        if size:
            middle = (left + right) / 2
            drawing.text(middle, box_top + height / 2 + 4, box.label, "index", anchor="middle", size=size)
        bottom = max(bottom, box_top + height)
    for mark in piece.marks:
        if mark.byte + mark.count <= start or mark.byte >= end:
            continue
        left, right = at(mark.byte), at(mark.byte + mark.count)
        if mark.is_framed:
            more = {"data-first": mark.byte, "data-count": mark.count, "fill": "none"}
            drawing.rect(left, top - 2, right - left, STRIP + 4, "bytes marked", mark.text, more)
        if mark.byte < start:
            continue
        middle = (left + right) / 2
        drawing.shape(f"M{middle - 5:g} {bottom + 10:g}h10l-5 -8z", "head")
        drawing.text(middle + 9, bottom + 13, mark.text, "mark")
        bottom += NOTE
    return bottom + 6


def _data(piece: Piece, box: Box, is_continued: bool) -> dict[str, object]:
    """What a program reads of an element; hidden ones have no index."""
    if not box.indices:
        return {}
    names = " ".join(",".join(map(str, index)) or "()" for index in box.indices)
    data = {"data-piece": piece.name, "data-at": box.first, "data-size": box.size, "data-indices": names}
    return {**data, "data-continued": "yes"} if is_continued else data
