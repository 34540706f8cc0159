"""Does a picture of memory show each element where the reference puts it, and say the same in words?"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections import defaultdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bufspec import _engine
from bufspec.reports.pictures.failures import picture_of_failure
from bufspec.reports.pictures.marks import Mark
from bufspec.reports.pictures.memory import Memory, memory_from_row, memory_from_view
from bufspec.reports.pictures.picture import picture_of
from bufspec.run.case_memory import case_memory
from bufspec.tables.layouts import named_layouts
from command_line import run

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"
LAYOUTS = named_layouts()
MOST_NODES = 900
ALLOWED = {
    *("class", "x", "y", "width", "height", "d", "rx", "viewBox", "role", "fill", "font-family", "font-size"),
    *("font-weight", "text-anchor", "fill-opacity", "stroke", "stroke-opacity", "stroke-width"),
    "stroke-dasharray",
}
Place = tuple[str, int]


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def with_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [one for one in root.iter() if name in one.get("class", "").split()]


def places_in(picture: str) -> dict[tuple[int, ...], Place]:
    """Where a picture says that each of its elements begins: in which piece, at which byte."""
    found: dict[tuple[int, ...], Place] = {}
    for box in with_class(parsed(picture), "element"):
        for name in box.get("data-indices", "").split(" "):
            index = () if name == "()" else tuple(map(int, name.split(",")))
            place = (box.get("data-piece", ""), int(box.get("data-at", "")))
            assert found.setdefault(index, place) == place
    return found


def agrees_with_reference(row: dict[str, Any], picture: str) -> int:
    """Hold the places of a picture against those of the reference; how many elements it shows.

    The reference has all pieces of a memory with pointers in one block, so each piece is held against the
    others of its elements: they lie equally far apart, and no two pieces share a byte.
    """
    size, places = _engine.InstrumentedExporter(row).places()
    shown = places_in(picture)
    right = dict(zip(itertools.product(*map(range, row["shape"])), places, strict=True))
    pieces: dict[str, set[int]] = defaultdict(set)
    for index, (piece, byte) in shown.items():
        pieces[piece].add(right[index] - byte)
    assert all(len(begins) == 1 for begins in pieces.values())
    if not row.get("suboffsets"):
        assert set(pieces) <= {""}
        assert pieces[""] <= {0}
        return len(shown)
    begins = {piece: one for piece, (one,) in ((name, tuple(all)) for name, all in pieces.items())}
    reached = {piece: [at for one, at in shown.values() if one == piece] for piece in begins}
    spans = sorted(
        (begin + min(reached[piece]), begin + max(reached[piece]) + row["itemsize"])
        for piece, begin in begins.items()
    )
    assert all(one[1] <= later[0] for one, later in itertools.pairwise(spans))
    assert all(low >= 0 and high <= size for low, high in spans)
    return len(shown)


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_element_of_a_named_layout_is_where_the_reference_puts_it(name: str) -> None:
    row = LAYOUTS[name]
    memory = memory_from_row(row)
    assert agrees_with_reference(row, picture_of(memory)) == memory.count


def random_row(chance: random.Random) -> dict[str, Any]:
    """A memory of up to four dimensions with strides of either sign, or with pointers."""
    ndim, itemsize = chance.randrange(5), chance.choice([1, 2, 3, 4, 8, 24, 100])
    shape = [chance.choice([0, 1, 2, 2, 3, 3, 5, 40]) for _ in range(ndim)]
    row: dict[str, Any] = {"format": f"{itemsize}s", "itemsize": itemsize, "shape": shape}
    if not ndim or chance.random() < 0.2:
        return row
    if chance.random() < 0.4:
        suboffsets = [chance.choice([-1, 0, 4, 9]) for _ in shape]
        suboffsets[chance.randrange(ndim)] = chance.choice([0, 3])
        after = max(at for at, one in enumerate(suboffsets) if one >= 0)
        steps = [8, 16, -8, 24, 120, -120, 0]
        strides = [chance.choice(steps if at <= after else [0, itemsize, -itemsize, 7]) for at in range(ndim)]
        return {**row, "strides": strides, "suboffsets": suboffsets}
    strides = [
        chance.choice([0, 1, -1, 2, 7, -7, 4000, itemsize, -itemsize, 3 * itemsize])
        * chance.choice([1, 1, 5])
        for _ in shape
    ]
    reaches = [step * (extent - 1) for step, extent in zip(strides, shape, strict=True) if extent > 1]
    before, after = chance.randrange(9), chance.randrange(9)
    low, high = sum(min(one, 0) for one in reaches), sum(max(one, 0) for one in reaches) + itemsize
    low, high = (low, high) if 0 not in shape else (0, itemsize)
    return {**row, "strides": strides, "offset": before - low, "block": before - low + high + after}


@pytest.mark.parametrize("seed", range(6))
def test_elements_of_random_layouts_are_where_the_reference_puts_them(seed: int) -> None:
    chance = random.Random(seed)
    shown = pointers = 0
    for _ in range(60):
        row = random_row(chance)
        try:
            _engine.InstrumentedExporter(row)
        except (ValueError, MemoryError):
            continue  # pointers that overlap, or more memory than the reference makes
        picture = picture_of(memory_from_row(row))
        count = agrees_with_reference(row, picture)
        shown += count
        pointers += count if row.get("suboffsets") else 0
        assert sum(1 for _ in parsed(picture).iter()) <= MOST_NODES
    assert shown > 200
    assert pointers > 20


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_is_seen_follows_the_bytes(name: str) -> None:
    """On one line every byte is equally wide, and nothing hides an element."""
    boxes = with_class(parsed(picture_of(memory_from_row(LAYOUTS[name]))), "element")
    lines: dict[tuple[str | None, str | None], list[tuple[float, float, int, int]]] = defaultdict(list)
    for box in boxes:
        x, width = float(box.get("x", "")), float(box.get("width", ""))
        if not box.get("data-continued"):
            at, size = int(box.get("data-at", "")), int(box.get("data-size", ""))
            lines[box.get("data-piece"), box.get("y")].append((x, width, at, size))
    assert bool(lines) == bool(boxes)
    for line in lines.values():
        for one, other in itertools.pairwise(sorted(line)):
            assert one[0] + one[1] <= other[0] + 0.01
            pixels = (other[0] - one[0]) / (other[2] - one[2])
            assert pixels > 1
            assert one[1] == pytest.approx(pixels * one[3], rel=0.01)


HOSTILE = (
    "</svg><script>alert(1)</script>\" onload='x' ]]> &amp; \x00\x1b[31m \u202e \ud800 " + "B" * 1_000_000
)
HUGE = 2**62
STRANGE = [
    Memory((2, 3), 4, HOSTILE),
    Memory((HUGE, HUGE), 4, "i"),
    Memory((2,) * 64, 1, "B"),
    Memory((3,) * 64, 8, "d", suboffsets=(0,) * 64, strides=(8,) * 64),
    Memory((2, 2), 4, "i", (HUGE, -HUGE), block=40),
    Memory((5,), HUGE, "B"),
    Memory((5,), 0, ""),
    Memory((), 0, None, block=0),
    Memory((100,), 1000, "B", (1,)),
    Memory((1000,), 1, "B", (7001,)),
    Memory((-1,), 4, "i"),
    Memory((3,), -4, "i"),
    Memory((3, 3), 4, "i", (4,)),
    Memory((1,) * 65, 4, "i"),
    Memory((2, HUGE), 4, "i", (8, 4), (HUGE, -1)),
    Memory((0, 3), 4, "i", (8, 4), (0, -1)),
]


@pytest.mark.parametrize("memory", STRANGE, ids=lambda one: f"{len(one.shape)}d")
def test_any_numbers_and_texts_give_a_picture_of_bounded_size(memory: Memory) -> None:
    marks = [Mark(HOSTILE, index=(1, 2)), Mark(HOSTILE, byte=-HUGE, count=HUGE), Mark(HOSTILE)]
    for picture in (picture_of(memory), picture_of(memory, marks * 30)):
        root = parsed(picture)
        assert root.tag == f"{SVG}svg"
        assert sum(1 for _ in root.iter()) <= MOST_NODES
        assert len(picture) < 200_000
        assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
            "svg",
            "title",
            "desc",
            "rect",
            "path",
            "text",
        }
        names = {name for one in root.iter() for name in one.attrib if not name.startswith("data-")}
        assert names <= ALLOWED
        assert picture.isprintable()


def test_a_picture_names_no_file_and_needs_no_style() -> None:
    for row in LAYOUTS.values():
        picture = picture_of(memory_from_row(row), [Mark("here", byte=0)])
        assert not re.search(r"<style|style=|<script|href|url\(|\bid=", picture)


def test_a_mark_is_said_in_text_and_in_words() -> None:
    picture = picture_of(memory_from_row(LAYOUTS["c_2d_int"]), [Mark("expected 5, found 9", index=(1, 2))])
    root = parsed(picture)
    (marked,) = with_class(root, "marked")
    assert marked.get("data-indices") == "1,2"
    assert [one.text for one in with_class(root, "mark")] == ["(1, 2): expected 5, found 9"]
    assert "Marked element (1, 2): expected 5, found 9." in (root.findtext(f"{SVG}desc") or "")


def test_a_byte_outside_the_block_is_marked_there() -> None:
    picture = picture_of(memory_from_row(LAYOUTS["c_1d_int"]), [Mark("written", byte=24, count=2)])
    (marked,) = with_class(parsed(picture), "bytes")
    assert (marked.get("data-first"), marked.get("data-count")) == ("24", "2")
    assert "Marked bytes 24 to 25: written." in picture


def test_a_mark_in_a_large_memory_is_drawn() -> None:
    memory = Memory((1000, 1000), 4, "i", block=4_000_000)
    root = parsed(picture_of(memory, [Mark("wrong", index=(500, 700))]))
    (marked,) = with_class(root, "marked")
    assert marked.get("data-at") == str(4 * (500 * 1000 + 700))
    assert "elements are not drawn" in "".join(root.itertext())


def test_elements_outside_their_block_are_named() -> None:
    root = parsed(picture_of(Memory((3, 4), 4, "i", (16, 4), block=40)))
    outside = [one.get("data-indices") for one in with_class(root, "outside")]
    assert outside == ["2,2", "2,3"]
    assert "outside the block" in (root.findtext(f"{SVG}desc") or "")


def test_the_description_names_each_element_of_a_small_memory_with_its_byte() -> None:
    memory = memory_from_row(LAYOUTS["reversed_2d_rows"])
    words = parsed(picture_of(memory)).findtext(f"{SVG}desc") or ""
    for index in itertools.product(range(3), range(2)):
        assert f"{index} at byte {memory.place_of(index).byte}" in words


def test_a_struct_without_a_shape_is_its_bytes() -> None:
    view: dict[str, Any] = {
        "ndim": 1,
        "len": 12,
        "itemsize": 4,
        "readonly": 0,
        "format": None,
    }
    arrays = {"shape": "NULL", "strides": "NULL", "suboffsets": "NULL"}
    memory = memory_from_view({**view, **arrays})
    assert memory is not None
    assert (memory.shape, memory.itemsize, memory.block) == ((12,), 1, None)
    assert memory_from_view({**view, **arrays, "shape": "unreadable"}) is None
    without_nd = memory_from_view({**view, **arrays, "ndim": 0})
    assert without_nd is not None and without_nd.shape == (12,)
    scalar = memory_from_view({**view, **arrays, "ndim": 0, "len": 4})
    assert scalar is not None and (scalar.shape, scalar.itemsize) == ((), 4)


def failure(rule: str, memory: dict[str, Any], **finding: Any) -> dict[str, Any]:
    """A case-failed event, as far as a picture reads it."""
    known = {"fields": [], "index": None, "owed": None, "found": None, "given": None, **finding}
    return {"rule": rule, "memory": memory, "finding": known, "expected": "this", "found": "that"}


LAYOUT: dict[str, Any] = {
    "format": "i",
    "itemsize": 4,
    "shape": [2, 3],
    "strides": [-12, 4],
    "suboffsets": None,
    "offset": 12,
    "block": 24,
    "readonly": False,
}
VIEW: dict[str, Any] = {
    "len": 24,
    "itemsize": 4,
    "readonly": 0,
    "ndim": 2,
    "format": "i",
    "shape": [2, 3],
    "strides": [-12, 4],
    "suboffsets": "NULL",
}


def test_the_wrong_element_of_an_answer_is_marked() -> None:
    event = failure("field.strides.elements_right", {"view": VIEW, "wrong": [1, 2]}, fields=["strides"])
    picture = picture_of_failure(event)
    assert picture is not None
    (marked,) = with_class(parsed(picture), "marked")
    assert (marked.get("data-indices"), marked.get("data-at")) == ("1,2", "-4")
    assert "expected: this" in picture
    assert "found: that" in picture


def test_the_wrong_element_of_a_richer_answer_is_named_and_not_marked() -> None:
    plain = {**VIEW, "ndim": 0, "format": None, "shape": "NULL", "strides": "NULL"}
    event = failure("field.strides.elements_right", {"view": plain, "wrong": [1, 0]}, fields=["strides"])
    picture = picture_of_failure(event)
    assert picture is not None
    assert with_class(parsed(picture), "marked") == []
    assert "the first element that is wrong: 1, 0" in picture


def test_the_element_of_a_byte_that_a_consumer_read_wrong_is_marked() -> None:
    picture = picture_of_failure(failure("consumer.data.elements_right", {"layout": LAYOUT}, index=17))
    assert picture is not None
    (marked,) = with_class(parsed(picture), "marked")
    assert (marked.get("data-indices"), marked.get("data-at")) == ("1,1", "4")


def test_a_buf_in_the_wrong_place_is_drawn_with_the_right_one() -> None:
    memory = {"view": VIEW, "layout": LAYOUT, "wrong": [0, 0], "right_from": 12}
    picture = picture_of_failure(failure("field.buf.logical_start", memory, fields=["buf"]))
    assert picture is not None
    marked = {one.get("data-first") or one.get("data-at") for one in with_class(parsed(picture), "marked")}
    assert marked == {"0", "12"}


def test_a_length_that_covers_too_much_is_marked_where_it_ends() -> None:
    view = {**VIEW, "len": 28, "strides": "NULL"}
    event = failure("field.len.product", {"view": view}, fields=["len"], found=28, owed=24)
    picture = picture_of_failure(event)
    assert picture is not None
    (marked,) = with_class(parsed(picture), "marked")
    assert (marked.get("data-first"), marked.get("data-count")) == ("24", "4")


def test_there_is_no_picture_where_it_says_nothing() -> None:
    assert picture_of_failure(failure("field.obj.not_null", {"view": VIEW}, fields=["obj"])) is None
    unreadable = {**VIEW, "shape": "unreadable"}
    assert picture_of_failure(failure("layout.x", {"view": unreadable}, fields=["shape"])) is None
    assert picture_of_failure({"rule": None, "outcome": "crash"}) is None


def test_a_shape_that_makes_no_sense_is_said_with_what_is_wrong() -> None:
    event = failure("field.shape.nonnegative", {"view": {**VIEW, "shape": [-2, 3]}}, fields=["shape"])
    picture = picture_of_failure(event)
    assert picture is not None
    assert "an extent of -2" in picture
    assert "found: that" in picture


@pytest.mark.slow
def test_the_record_of_a_death_has_the_memory_that_was_given(tmp_path: Path) -> None:
    case = "consumer.ends_at_page_nothing_at_the_end"
    run("check", "stdlib.a2b_uu", "--case", case, "--out", str(tmp_path))
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    (event,) = [one for one in map(json.loads, lines) if one["event"] == "case-failed"]
    assert (event["outcome"], event["memory"]["layout"]["shape"]) == ("crash", [0])
    assert "no elements" in (picture_of_failure(event) or "")


FORGED = [
    "",
    "[]",
    '{"view": 7}',
    '{"layout": {}}',
    '{"wrong": [1e3]}',
    '{"wrong": [true]}',
    f'{{"wrong": [{2**63}]}}',
    f'{{"wrong": {[0] * 65}}}',
    '{"right_from": "x"}',
    "[" * 10_000,
]


@pytest.mark.parametrize("text", FORGED, ids=range(len(FORGED)))
def test_what_a_subject_writes_of_a_memory_costs_the_picture_alone(text: str) -> None:
    assert case_memory(text) is None


@pytest.mark.slow
def test_the_record_of_a_broken_rule_has_its_memory(tmp_path: Path) -> None:
    words = ("--rule", "request.strides.strides_present", "--case", "request.word_0x018")
    record = run("check", "stdlib.ctypes_array_2d", *words, "--no-expectations", "--out", str(tmp_path))
    assert record.returncode == 1
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    (event,) = [one for one in map(json.loads, lines) if one["event"] == "case-failed"]
    assert event["memory"]["view"]["shape"] == [2, 3]
    picture = picture_of_failure(event)
    assert picture is not None
    assert places_in(picture)[1, 2] == ("", 10)


@pytest.mark.slow
def test_a_replay_writes_its_picture(tmp_path: Path) -> None:
    file = tmp_path / "memory.svg"
    case = "stdlib.ctypes_array/request.word_0x018"
    assert run("replay", case, "--picture", str(file)).returncode == 1
    assert len(places_in(file.read_text(encoding="utf-8"))) == 6
    none = run("replay", case, "--picture", str(file / "memory.svg"))
    assert (none.returncode, "cannot be written: " in none.stderr) == (3, True)


def test_no_class_of_a_picture_is_dressed_by_the_page_around_it() -> None:
    """Texts of a picture are measured: another size would not fit."""
    root = parsed(picture_of(memory_from_row(LAYOUTS["pil_2d_rows"]), [Mark("here", index=(1, 2))]))
    classes = {name for one in root.iter(f"{SVG}text") for name in one.get("class", "").split()}
    styles = "".join(
        file.read_text(encoding="utf-8")
        for folder in ("page", "site")
        for file in (ROOT / "reports" / folder / "assets").glob("*.css")
    )
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", styles)
    sized = [where for where, what in rules if re.search(r"(?<![\w-])font(-size)?:", what)]
    assert classes >= {"index", "mark", "caption"}
    assert [one for one in classes if any(re.search(rf"\.{one}(?![\w-])", where) for where in sized)] == []
