"""What may an interface say in other words than the buffer, and what is wrong however it is read?"""

from __future__ import annotations

import ast
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import offers
import pytest
from bufspec import bridges
from bufspec.bridges.arrow import ArrowArray
from bufspec.bridges.memory import Seen, same_memory, same_type
from bufspec.scripts.bridges import MODULES, _binds, _statements
from bufspec.worker.bridge_checks import NAMES, checks
from conftest import drawn
from offers import arrow, by_arrow, by_dictionary, by_struct, by_tensor, offering, tensor

RIGHT = ("", "")
I1, I4, F4, F8, BF2 = (0, 8, 1), (0, 32, 1), (2, 32, 1), (2, 64, 1), (4, 16, 1)
C_ORDER, ALIGNED, NATIVE, WRITEABLE = 0x1, 0x100, 0x200, 0x400
GOOD = C_ORDER | ALIGNED | NATIVE | WRITEABLE


def broken(make: Any) -> set[str]:
    """The rules that such objects break, of the interfaces that are their own."""
    own = tuple(area for area, name in NAMES.items() if name in vars(type(make())))
    mine = {rule: check for rule, check in checks().items() if rule.startswith(own)}
    return {rule for rule, check in mine.items() if check(make) not in (None, RIGHT)}


def table(of: str) -> Any:
    """Four rows of three elements, or a row of twelve."""
    return lambda: np.arange(12, dtype=of).reshape(4, 3)


def row(of: str, count: int = 12) -> Any:
    """A row of elements."""
    return lambda: np.arange(count, dtype=of)


def packed() -> Any:
    """Elements whose strides no number of elements says."""
    return np.zeros(4, [("a", "i2"), ("b", "i4")])["b"]


def with_its_own_order(self: Any) -> Any:
    """The elements, copied to memory of their own, in the order of the machine."""
    return np.asarray(self).astype(self.dtype.newbyteorder("="))


def decoded(self: Any) -> Any:
    """The pixels of an image, which its object keeps, and of which the buffer shows the file."""
    self.pixels = np.full((8, 8), 7, "u1")
    return self.pixels


LATE: queue.SimpleQueue[Any] = queue.SimpleQueue()
"""Owners that another thread drops."""


def drop_late() -> None:
    """What that thread does."""
    while True:
        LATE.get()


@offers.End
def delete_late(address: int) -> None:
    """The deleter of a tensor, which leaves its owner to another thread."""
    LATE.put(offers.alive.pop(address, None))


@offers.End
def delete_never(_: int) -> None:
    """The deleter of a tensor, which drops nothing."""


@offers.End
def release_unmarked(address: int) -> None:
    """A release callback that leaves the array as it was."""
    offers.alive.pop(ArrowArray.from_address(address).private_data, None)


def endless() -> list[Any]:
    """A list of fields that is the type of its one field."""
    fields: list[Any] = []
    fields.append(("again", fields))
    return fields


CONFORMING: dict[str, Callable[[], Any]] = {
    "rows_of_a_row": offering(row("f8"), **by_dictionary(shape=(4, 3), typestr="<f8")),
    "rows_by_default": offering(row("f8"), **by_dictionary(shape=(4, 3), typestr="<f8", data=...)),
    "columns_of_a_row": offering(row("f8"), **by_dictionary(shape=(4, 3), strides=(8, 32), typestr="<f8")),
    "complex": offering(row("f8"), **by_dictionary(shape=(6,), typestr="<c16")),
    "an_axis_more": offering(table("f4"), **by_dictionary(shape=(1, 4, 3), typestr="<f4")),
    "pixels": offering(lambda: np.zeros((2, 4, 3), "u1"), **by_dictionary(shape=(2, 4), typestr="|V3")),
    "texts": offering(lambda: np.zeros((4, 5), "S1"), **by_dictionary(shape=(4,), typestr="|S5")),
    "one_byte": offering(row("u1", 1), **by_dictionary(shape=(), typestr="|u1")),
    "after_a_header": offering(
        row("u1", 80), **by_dictionary(shape=(64,), typestr="|u1", data=..., offset=16)
    ),
    "padded_rows": offering(row("f4"), **by_dictionary(shape=(3, 3), strides=(16, 4), typestr="<f4")),
    "dates": offering(row("i8"), **by_dictionary(shape=(12,), typestr="<M8[D]")),
    "spans": offering(row("i8"), **by_dictionary(shape=(12,), typestr="<m8[s]")),
    **{
        f"bytes_as_{kind}": offering(row("u1"), **by_dictionary(shape=(12,), typestr=f"|{kind}"))
        for kind in ("i1", "b1", "V1", "S1")
    },
    "pixels_of_a_file": offering(
        row("u1"), **by_dictionary(shape=(8, 8), typestr="|u1", data=lambda own: memoryview(decoded(own)))
    ),
    "pixels_at_an_address": offering(
        row("u1"),
        **by_dictionary(shape=(8, 8), typestr="|u1", data=lambda own: (decoded(own).ctypes.data, False)),
    ),
    "fields_with_padding": offering(
        row("i8"),
        **by_dictionary(
            shape=(12,), typestr="|V8", descr=[("a", "<i2"), ("", "|V2"), (("long", "b"), "|u1", (2, 2))]
        ),
    ),
    "fields_in_fields": offering(
        row("i8"), **by_dictionary(shape=(12,), typestr="|V8", descr=[("a", [("x", "<i4"), ("y", "<U1")])])
    ),
    "fields_of_unknown_types": offering(
        row("i8"), **by_dictionary(shape=(12,), typestr="|V8", descr=[("a", "quad"), "b"])
    ),
    "fields_that_hold_themselves": offering(
        row("i8"), **by_dictionary(shape=(12,), typestr="|V8", descr=endless())
    ),
    "packed_without_the_flag": offering(packed, **by_struct((4,), (6,), b"i", 4, NATIVE | WRITEABLE)),
    "texts_at_odd_places": offering(lambda: np.zeros(13, "u1")[1:], **by_struct((4,), (3,), b"S", 3, GOOD)),
    "complex_at_floats": offering(row("f4", 4), **by_struct((2,), (8,), b"c", 8, GOOD)),
    "bits": offering(row("u1", 3), **by_struct((24,), (0,), b"t", 1, GOOD)),
    "struct_of_rows": offering(row("f8"), **by_struct((4, 3), (24, 8), b"f", 8, GOOD)),
    "tensor_of_rows": offering(row("f8"), **by_tensor(lambda own: tensor(own, (4, 3), (3, 1), F8))),
    "tensor_of_lanes": offering(table("f4"), **by_tensor(lambda own: tensor(own, (4,), (1,), (2, 32, 3)))),
    "tensor_of_bytes": offering(
        lambda: np.zeros((3, 16), "u1"), **by_tensor(lambda own: tensor(own, (3, 4), (4, 1), F4))
    ),
    "tensor_after_a_header": offering(
        row("u1", 80), **by_tensor(lambda own: tensor(own, (64,), (1,), (1, 8, 1), start=16))
    ),
    "tensor_of_bytes_as_i1": offering(row("u1"), **by_tensor(lambda own: tensor(own, (12,), (1,), I1))),
    "tensor_of_brain_floats": offering(row("u2"), **by_tensor(lambda own: tensor(own, (12,), (1,), BF2))),
    "tensor_copied_for_its_strides": offering(
        packed, **by_tensor(lambda own: tensor(with_its_own_order(own), (4,), (1,), I4, major=0))
    ),
    "tensor_copied_for_its_order": offering(
        row(">i4"), **by_tensor(lambda own: tensor(with_its_own_order(own), (12,), (1,), I4, major=0))
    ),
    "tensor_of_the_future": offering(
        row("i4"), **by_tensor(lambda own: tensor(own, (12,), (1,), I4, major=2))
    ),
    "tensor_dropped_late": offering(
        row("i4"), **by_tensor(lambda own: tensor(own, (12,), (1,), I4, deleter=delete_late))
    ),
    "array_copied_from_strides": offering(
        lambda: np.arange(24.0)[::2], **by_arrow(lambda own: arrow(with_its_own_order(own), b"g", 12))
    ),
    "array_copied_for_its_order": offering(
        row(">i4"), **by_arrow(lambda own: arrow(with_its_own_order(own), b"i", 12))
    ),
    "nulls_not_counted": offering(row("i8"), **by_arrow(lambda own: arrow(own, b"l", 12, null_count=-1))),
    "slice": offering(row("i8"), **by_arrow(lambda own: arrow(own, b"l", 4, offset=3))),
    "dictionary": offering(
        row("f8"), **by_arrow(lambda own: arrow(np.zeros(12, "i1"), b"c", 12, dictionary=True))
    ),
    "indices_of_a_dictionary": offering(
        row("f8"), **by_arrow(lambda own: arrow(own, b"c", 3, dictionary=True))
    ),
    "extension": offering(
        lambda: np.ones(3, bool), **by_arrow(lambda own: arrow(own, b"c", 3, extension="arrow.bool8"))
    ),
}
MEMORY, TYPE = "same_memory", "same_type"
BROKEN: dict[str, tuple[str, Callable[[], Any]]] = {
    "transposed": (
        f"array_interface.{MEMORY}",
        offering(table("f8"), **by_dictionary(shape=(3, 4), strides=(8, 24), typestr="<f8")),
    ),
    "too_many_rows": (
        f"array_interface.{MEMORY}",
        offering(row("f8"), **by_dictionary(shape=(5, 3), typestr="<f8")),
    ),
    "rows_over_each_other": (
        f"array_interface.{MEMORY}",
        offering(row("f8"), **by_dictionary(shape=(4, 3), strides=(8, 8), typestr="<f8")),
    ),
    "fewer": (f"array_interface.{MEMORY}", offering(row("f8"), **by_dictionary(shape=(11,), typestr="<f8"))),
    "reversed": (
        f"array_interface.{MEMORY}",
        offering(
            row("f8"),
            **by_dictionary(
                shape=(12,), strides=(-8,), typestr="<f8", data=lambda own: (own.place + 88, False)
            ),
        ),
    ),
    "temporary": (
        f"array_interface.{MEMORY}",
        offering(
            row("i4"),
            **by_dictionary(shape=(12,), typestr="<i4", data=lambda own: (np.array(own).ctypes.data, False)),
        ),
    ),
    "nowhere": (
        f"array_interface.{MEMORY}",
        offering(row("u1"), **by_dictionary(shape=(8, 8), typestr="|u1", data=lambda _: (4096, False))),
    ),
    "other_elements": (
        f"array_interface.{MEMORY}",
        offering(
            row("u1", 64),
            **by_dictionary(shape=(64,), typestr="|u1", data=lambda o: (decoded(o).ctypes.data, False)),
        ),
    ),
    "wider": (f"array_interface.{TYPE}", offering(row("i4"), **by_dictionary(shape=(6,), typestr="<i8"))),
    "complex_of_integers": (
        f"array_interface.{TYPE}",
        offering(row("i8"), **by_dictionary(shape=(6,), typestr="<c16")),
    ),
    "fields_of_another_size": (
        f"array_interface.{TYPE}",
        offering(row("i8"), **by_dictionary(shape=(12,), typestr="<i8", descr=[("a", "<i2"), ("b", "<i4")])),
    ),
    "dates_of_the_other_order": (
        f"array_interface.{TYPE}",
        offering(row("i8"), **by_dictionary(shape=(12,), typestr=">M8[D]")),
    ),
    "unflagged_copy": (
        f"dlpack.{MEMORY}",
        offering(row(">i4"), **by_tensor(lambda own: tensor(with_its_own_order(own), (12,), (1,), I4))),
    ),
    "copy_where_a_view_is_possible": (
        f"dlpack.{MEMORY}",
        offering(
            row("i4"), **by_tensor(lambda own: tensor(with_its_own_order(own), (12,), (1,), I4, major=0))
        ),
    ),
    "lanes_of_other_numbers": (
        f"dlpack.{TYPE}",
        offering(row("i4"), **by_tensor(lambda own: tensor(own, (12,), (1,), (0, 16, 2)))),
    ),
    "never_dropped": (
        "dlpack.unused_deleted",
        offering(
            row("i4"),
            **by_tensor(lambda own: tensor(own, (12,), (1,), I4, deleter=delete_never)),
        ),
    ),
    "no_version": (
        f"array_interface.{MEMORY}",
        offering(row("f8"), **by_dictionary(shape=(12,), typestr="<f8", version=...)),
    ),
    "no_capsule": (
        f"array_struct.{MEMORY}",
        offering(row("f8"), __array_struct__=property(lambda _: 17)),
    ),
    "not_contiguous": (
        f"array_struct.{MEMORY}",
        offering(lambda: np.arange(24.0)[::2], **by_struct((12,), (16,), b"f", 8, GOOD)),
    ),
    "strides_not_aligned": (
        f"array_struct.{MEMORY}",
        offering(packed, **by_struct((4,), (6,), b"i", 4, ALIGNED | NATIVE | WRITEABLE)),
    ),
    "address_not_aligned": (
        f"array_struct.{MEMORY}",
        offering(
            lambda: np.frombuffer(bytearray(17), "u1")[1:].view("<i4"), **by_struct((4,), (4,), b"i", 4, GOOD)
        ),
    ),
    "not_in_fortran_order": (
        f"array_struct.{MEMORY}",
        offering(table("f8"), **by_struct((4, 3), (24, 8), b"f", 8, GOOD | 0x2)),
    ),
    "wrong_only_without_version": (
        f"dlpack.{TYPE}",
        offering(
            row("i4"),
            __dlpack__=lambda self, max_version=None: (
                tensor(self, (12,), (1,), I4) if max_version else tensor(self, (12,), (1,), F4, major=0)
            ),
            __dlpack_device__=lambda _: (1, 0),
        ),
    ),
    "tensor_of_another_name": (
        f"dlpack.{MEMORY}",
        offering(row("i4"), **by_tensor(lambda own: tensor(own, (12,), (1,), I4, name=b"tensor"))),
    ),
    "array_of_swapped_capsules": (
        f"arrow.{MEMORY}",
        offering(row("i8"), **by_arrow(lambda own: arrow(own, b"l", 12)[::-1])),
    ),
    "nulls_without_a_bitmap": (
        f"arrow.{MEMORY}",
        offering(row("i8"), **by_arrow(lambda own: arrow(own, b"l", 12, null_count=3))),
    ),
    "negative_offset": (
        f"arrow.{MEMORY}",
        offering(row("i8"), **by_arrow(lambda own: arrow(own, b"l", 2, offset=-2))),
    ),
    "one_buffer": (
        f"arrow.{MEMORY}",
        offering(row("i8"), **by_arrow(lambda own: arrow(own, b"l", 12, n_buffers=1))),
    ),
    "release_not_null": (
        "arrow.used_not_released",
        offering(
            row("i8"), **by_arrow(lambda own: arrow(own, b"l", 12, release=offers.pointer(release_unmarked)))
        ),
    ),
    "array_too_long": (f"arrow.{MEMORY}", offering(row("i8"), **by_arrow(lambda own: arrow(own, b"l", 13)))),
    "array_of_the_other_order": (
        f"arrow.{TYPE}",
        offering(row(">i8"), **by_arrow(lambda own: arrow(own, b"l", 12))),
    ),
}


@pytest.mark.parametrize("name", drawn(CONFORMING, 3))
def test_other_words_for_the_same_are_right(name: str) -> None:
    if name == "tensor_dropped_late":
        threading.Thread(target=drop_late, daemon=True).start()
    assert broken(CONFORMING[name]) == set()


@pytest.mark.parametrize("name", drawn(BROKEN, 3))
def test_what_is_wrong_in_any_words_is_broken(name: str) -> None:
    rule, make = BROKEN[name]
    assert f"bridge.{rule}" in broken(make)


def test_elements_may_be_grouped_in_another_way() -> None:
    four = Seen(64, (2, 3), (12, 4), 4, "i", "<")
    for regrouped in (Seen(64, (6,), (4,), 4, "i", "<"), Seen(64, (3, 1, 2), (8, 4, 4), 4, "i", "<")):
        assert same_memory(four, regrouped) == same_type(four, regrouped) == RIGHT
    apart = Seen(64, (2, 3), (16, 4), 4, "i", "<")
    assert same_memory(apart, Seen(64, (2, 3, 1), (16, 4, 4), 4)) == RIGHT
    assert same_memory(apart, Seen(64, (6,), (4,), 4)) not in (None, RIGHT), "there are gaps between the rows"


def test_a_script_has_one_meaning_of_each_name() -> None:
    assert Path(bridges.__path__[0], "memory.py").is_file()
    for module in set(MODULES.values()):
        found: dict[str, str] = {}
        for file in ("memory", "held", module):
            for one in _statements(file):
                if isinstance(one, ast.Import | ast.ImportFrom):
                    continue
                for name in _binds(one):
                    assert found.setdefault(name, file) == file, f"{name} of {found[name]}.py and {file}.py"
