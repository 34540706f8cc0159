"""Do our subjects hold what they declare, and is what they build from a layout that layout?

Looked at with memoryview alone, over the named layouts of the tables and a sweep of small ones.
"""

from __future__ import annotations

import ctypes
import itertools
import math
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
import yaml
from bufspec.declare import EXPORTER, Layout, Subject
from bufspec.tables.files import spec_directory
from bufspec.worker.registry import load_group

GAP = b"\xee"


def subjects() -> list[Subject]:
    groups = ["stdlib"] + (["numpy"] if find_spec("numpy") else [])
    found = [one for name in groups for one in load_group(name).subjects.values()]
    return [one for one in found if one.target == EXPORTER and not one.unavailable]


SUBJECTS = subjects()
BUILDERS = [one for one in SUBJECTS if one.build]


def element(number: int, itemsize: int) -> bytes:
    """The bytes of element k, as spec/layouts.yaml has them."""
    return (number.to_bytes(8, "little") * (itemsize // 8 + 1))[:itemsize]


def layout_in_block(entry: dict[str, Any]) -> Layout:
    """A named layout with its block filled; where elements share memory, the lower one stays."""
    shape, itemsize = tuple(entry["shape"]), entry["itemsize"]
    c_strides = tuple(math.prod(shape[i + 1 :], start=itemsize) for i in range(len(shape)))
    strides = tuple(entry["strides"]) if "strides" in entry else None
    offset = entry.get("offset", 0)
    places = [
        offset + sum(index * stride for index, stride in zip(at, strides or c_strides, strict=True))
        for at in itertools.product(*map(range, shape))
    ]
    size = entry.get("block", max([math.prod(shape) * itemsize, itemsize, *(at + itemsize for at in places)]))
    block = bytearray(GAP * size)
    for number, at in reversed(list(enumerate(places))):
        block[at : at + itemsize] = element(number, itemsize)
    elements = b"".join(block[at : at + itemsize] for at in places)
    readonly = entry.get("readonly", False)
    return Layout(entry["format"], itemsize, shape, strides, None, offset, readonly, bytes(block), elements)


def layout_behind_pointers(entry: dict[str, Any]) -> Layout:
    """A named layout with suboffsets; that elements may be shared does not matter to what is built."""
    shape, itemsize = tuple(entry["shape"]), entry["itemsize"]
    elements = b"".join(element(number, itemsize) for number in range(math.prod(shape)))
    strides, suboffsets = tuple(entry["strides"]), tuple(entry["suboffsets"])
    readonly = entry.get("readonly", False)
    return Layout(entry["format"], itemsize, shape, strides, suboffsets, 0, readonly, b"", elements)


def named_layouts() -> dict[str, Layout]:
    tree = yaml.safe_load((spec_directory() / "layouts.yaml").read_text(encoding="utf-8"))
    return {
        entry["name"]: layout_behind_pointers(entry) if "suboffsets" in entry else layout_in_block(entry)
        for entry in tree["layouts"]
    }


def swept_layouts() -> Iterator[Layout]:
    """Two dimensions of up to three elements, with every small stride that stays in a block around them."""
    for shape in itertools.product(range(4), repeat=2):
        for strides in itertools.product((-8, -4, 0, 4, 8), repeat=2):
            low = sum(min(0, stride * (extent - 1)) for stride, extent in zip(strides, shape, strict=True))
            for readonly in (False, True):
                entry = {"shape": shape, "strides": strides, "offset": -low + 4, "block": 64}
                yield layout_in_block(
                    {**entry, "format": "i", "itemsize": 4, "readonly": readonly}
                    if all(shape)
                    else {**entry, "offset": 4, "format": "i", "itemsize": 4, "readonly": readonly}
                )


NAMED = named_layouts()


def differences(made: object, layout: Layout) -> list[str]:
    """In what an object differs from the layout that it was built from."""
    with memoryview(made) as view:  # type: ignore[arg-type]
        found = {
            "elements": (view.tobytes(), layout.elements),
            "shape": (view.shape, layout.shape),
            "itemsize": (view.itemsize, layout.itemsize),
            "readonly": (view.readonly, layout.readonly),
            "suboffsets": (view.suboffsets, layout.suboffsets or ()),
        }
        if layout.size:
            wanted = layout.strides or layout.c_strides
            pairs = zip(layout.shape, view.strides, wanted, strict=True)
            found["strides"] = ([s for n, s, _ in pairs if n > 1], [])
            found["strides"][1].extend(s for n, s in zip(layout.shape, wanted, strict=True) if n > 1)
    return [f"{name}: {got!r}, not {wanted!r}" for name, (got, wanted) in found.items() if got != wanted]


@pytest.mark.parametrize(
    "subject", [one for one in SUBJECTS if one.expect is not None], ids=lambda one: one.name
)
def test_a_subject_holds_what_it_declares(subject: Subject) -> None:
    assert callable(subject.what)
    try:
        view = memoryview(subject.what())  # type: ignore[arg-type]
    except ValueError:
        pytest.skip("exports to nobody")
    with view:
        assert view.tobytes() == subject.expect


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("subject", BUILDERS, ids=lambda one: one.name)
def test_what_is_built_is_the_named_layout(subject: Subject, name: str) -> None:
    assert subject.build is not None
    made = subject.build(NAMED[name])
    assert made is NotImplemented or differences(made, NAMED[name]) == []


@pytest.mark.parametrize("subject", BUILDERS, ids=lambda one: one.name)
def test_what_is_built_is_the_swept_layout(subject: Subject) -> None:
    assert subject.build is not None
    for layout in swept_layouts():
        made = subject.build(layout)
        assert made is NotImplemented or differences(made, layout) == [], layout


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("numpy.from_layout", 0.7),
        ("stdlib.testbuffer_from_layout", 0.4),
        ("stdlib.memoryview_from_layout", 0.15),
        ("stdlib.ctypes_array_from_layout", 0.15),
        ("stdlib.array_from_layout", 0.04),
    ],
)
def test_a_builder_builds_what_its_package_can_hold(name: str, least: float) -> None:
    subject = next((one for one in BUILDERS if one.name == name), None)
    if subject is None or subject.build is None:
        pytest.skip("not here")
    built = [layout for layout in NAMED.values() if subject.build(layout) is not NotImplemented]
    assert len(built) / len(NAMED) >= least


@pytest.mark.parametrize("subject", BUILDERS, ids=lambda one: one.name)
def test_each_build_has_memory_of_its_own(subject: Subject) -> None:
    assert subject.build is not None
    layout = NAMED["bytes_one_dim"]
    first, second = subject.build(layout), subject.build(layout)
    with memoryview(first) as one, memoryview(second) as other:  # type: ignore[arg-type]
        if not one.readonly:
            ctypes.memset((ctypes.c_char * one.nbytes).from_buffer(one), 0xFF, one.nbytes)
        assert other.tobytes() == layout.elements


@pytest.mark.parametrize("subject", [one for one in SUBJECTS if one.operations], ids=lambda one: one.name)
def test_operations_may_raise_but_are_there(subject: Subject) -> None:
    assert callable(subject.what)
    for operation in subject.operations.values():
        made = subject.what()
        try:
            operation(made)
        except Exception as error:
            assert not isinstance(error, NameError | KeyError), operation
            assert "has no attribute" not in str(error), operation
