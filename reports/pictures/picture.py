"""What does a memory look like?  One SVG text, for a page or for a file, from values alone.

The numbers may be anything a record holds: what cannot be drawn is said in the picture, nothing raises, and
no picture has more than some hundred nodes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bufspec.reports.pictures.block import Box, ByteMark, Piece, Pin, draw_piece
from bufspec.reports.pictures.chosen import (
    chosen_indices,
    hidden_neighbours,
    index_in_words,
    is_within,
    label_of,
)
from bufspec.reports.pictures.marks import Mark
from bufspec.reports.pictures.memory import Index, Memory, trouble_of
from bufspec.reports.pictures.svg import Drawing
from bufspec.reports.pictures.tables import Tables, draw_tables
from bufspec.reports.pictures.wording import MOST_MARKS, caption_of, description_of, marks_in_words

ROOM = 660.0
"""How wide the bytes of a block may be drawn."""
LEFT, TOP = 8.0, 14.0
MOST_IN_A_TITLE = 8
CAPTION_PART = 96


def picture_of(memory: Memory, marks: Sequence[Mark] = ()) -> str:
    """The picture of a memory as SVG, its marks with it; title and description say the same in words."""
    marks = marks[:MOST_MARKS]
    drawing = Drawing()
    caption = caption_of(memory)
    y = TOP
    for at in range(0, min(len(caption), 2 * CAPTION_PART), CAPTION_PART):
        drawing.text(LEFT, y, caption[at : at + CAPTION_PART], "caption")
        y += 16
    trouble = trouble_of(memory)
    if trouble:
        drawing.text(LEFT, y + 6, f"This memory cannot be drawn: it has {trouble}.", "note")
        _draw_texts(drawing, memory, marks, y + 18)
        said = f"{caption}. It has {trouble}."
        return drawing.written("Memory that cannot be drawn", " ".join([said, *marks_in_words(marks)]))
    wanted = tuple(mark.index for mark in marks if mark.index is not None)
    chosen = chosen_indices(memory, wanted)
    boxes = boxes_of(memory, chosen, set(wanted))
    if memory.is_indirect:
        y = draw_tables(drawing, Tables(memory, chosen, boxes, _box_marks(memory, marks)), LEFT, y)
    else:
        y = _draw_block(drawing, memory, boxes.get((), []), marks, y)
    notes = [] if len(chosen) == memory.count else [f"{memory.count - len(chosen):,} elements are not drawn"]
    notes += [] if memory.count else ["no elements"]
    for note in notes:
        drawing.text(LEFT, y + 13, note, "note")
        y += 18
    _draw_texts(drawing, memory, marks, y)
    return drawing.written(f"Memory: {caption}", description_of(memory, chosen, marks))


def _draw_texts(drawing: Drawing, memory: Memory, marks: Sequence[Mark], y: float) -> None:
    """The texts of marks that stand at no place of the memory, or at none that there is."""
    for mark in marks:
        has_place = mark.byte is not None and not memory.is_indirect and not trouble_of(memory)
        if not has_place and (mark.index is None or not is_within(memory, mark.index)):
            drawing.text(LEFT, y + 13, mark.text, "mark")
            y += 18


def boxes_of(memory: Memory, chosen: list[Index], wanted: set[Index]) -> dict[Index, list[Box]]:
    """The boxes of the elements, by their pieces; elements that begin at the same byte share one."""
    at: dict[Index, dict[int, list[Index]]] = defaultdict(lambda: defaultdict(list))
    for index in chosen:
        place = memory.place_of(index)
        at[place.piece][place.byte].append(index)
    boxes = {
        piece: [_box(memory, byte, indices, wanted) for byte, indices in sorted(places.items())]
        for piece, places in at.items()
    }
    for index in hidden_neighbours(memory, chosen):
        place = memory.place_of(index)
        if place.piece in at and place.byte not in at[place.piece]:
            boxes[place.piece].append(_hidden_box(memory, index, place.byte))
    return boxes


def _box(memory: Memory, byte: int, indices: list[Index], wanted: set[Index]) -> Box:
    size = memory.itemsize
    more = len(indices) - 1
    names = ", ".join(map(index_in_words, indices[:MOST_IN_A_TITLE])) + (
        f" and {len(indices) - MOST_IN_A_TITLE} more" if len(indices) > MOST_IN_A_TITLE else ""
    )
    extent = f"bytes {byte} to {byte + size - 1}" if size > 1 else f"byte {byte}"
    is_marked = not wanted.isdisjoint(indices)
    is_outside = memory.block is not None and (byte < 0 or byte + size > memory.block)
    kind = "outside" if is_outside else ("even", "odd")[sum(indices[0][:-1]) % 2]
    return Box(
        byte,
        size,
        tuple(indices),
        label_of(memory, indices[0]) + (f" +{more}" if more else ""),
        f"{names}: {extent}" + (", outside the block" if is_outside else ""),
        f"element {kind} marked" if is_marked else f"element {kind}",
        is_marked,
    )


def _hidden_box(memory: Memory, index: Index, byte: int) -> Box:
    """What stands in the place of elements that are not drawn, so that it does not look like a gap."""
    return Box(byte, memory.itemsize, (), "…", f"{index_in_words(index)} and more are not drawn", "hidden")


def _box_marks(memory: Memory, marks: Sequence[Mark]) -> dict[Index, list[ByteMark]]:
    """The marks at elements, by their pieces."""
    found: dict[Index, list[ByteMark]] = defaultdict(list)
    for mark in marks:
        if mark.index is not None and is_within(memory, mark.index):
            place = memory.place_of(mark.index)
            text = f"{index_in_words(mark.index)}: {mark.text}"
            found[place.piece].append(ByteMark(place.byte, memory.itemsize, text, is_framed=False))
    return found


def _draw_block(
    drawing: Drawing, memory: Memory, boxes: Sequence[Box], marks: Sequence[Mark], y: float
) -> float:
    low, high = (0, memory.block) if memory.block is not None else memory.reach
    at_bytes = [
        ByteMark(mark.byte, max(mark.count, 1), mark.text, True) for mark in marks if mark.byte is not None
    ]
    longer = [
        (abs(step), extent) for step, extent in zip(memory.steps, memory.shape, strict=True) if extent > 1
    ]
    steps = [step for step, _ in longer if step]
    piece = Piece(
        "",
        low,
        max(high, low + 1),
        memory.block is not None,
        tuple(boxes),
        max(steps) if len(steps) > 1 else 0,
        min(steps, default=max(memory.itemsize, 1)),
        (Pin(memory.offset, "buf"),),
        (*at_bytes, *_box_marks(memory, marks).get((), [])),
    )
    return draw_piece(drawing, piece, LEFT, y, ROOM)
