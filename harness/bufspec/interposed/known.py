"""Which breaks of a recorded type are known?  Expectations name subjects, and a recording names types.

An entry speaks of a type if it names the type itself, or a subject of the standard library whose objects are
of that type: a fault of a type is known for every object of it.
"""

from __future__ import annotations

import re

from bufspec.run.expectations.entry import Expectation, Expectations

CTYPES_ARRAYS = ("ctypes_array", "ctypes_array_2d", "ctypes_chars", "ctypes_array_empty")
SUBJECTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"bytes", ("bytes", "bytes_empty")),
    (r"bytearray", ("bytearray", "bytearray_empty")),
    (r"array\.array", (*(f"array_{code}" for code in "bBuhHiIlLqQfd"), "array_empty")),
    (r"mmap\.mmap", ("mmap_readwrite", "mmap_readonly", "mmap_copy")),
    (
        r"memoryview",
        ("memoryview", "memoryview_sliced", "memoryview_2d", "memoryview_0d", "memoryview_empty"),
    ),
    (r"_io\._BytesIOBuffer", ("bytesio_getbuffer",)),
    (r"_?pickle\.PickleBuffer", ("picklebuffer",)),
    (r"(.*\.)?\w+_Array_\d+", CTYPES_ARRAYS),  # ctypes names such a type itself
)
"""Of types of the interpreter, by their names in a recording: the subjects of stdlib that are of them."""


def known_break(expectations: Expectations, rule: str, type_: str) -> Expectation | None:
    """The entry that makes a break of this rule by that type expected, None if it is news.

    Nothing of a recording is a case, so an entry for some cases of a rule excuses none.
    """
    names = [type_, *(f"stdlib.{one}" for one in _subjects_of(type_))]
    return next(
        (
            one
            for one in expectations.entries
            if one.cases is None and one.names_rule(rule) and any(map(one.names_subject, names))
        ),
        None,
    )


def _subjects_of(type_: str) -> tuple[str, ...]:
    return next((subjects for pattern, subjects in SUBJECTS if re.fullmatch(pattern, type_)), ())
