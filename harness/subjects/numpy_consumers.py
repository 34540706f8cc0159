"""NumPy as a consumer: what makes an array of a memory and keeps it, and what copies from one."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from bufspec.declare import CAPABILITIES, consumer

SIMPLE_TYPES = tuple(one for one in CAPABILITIES if one not in ("indirect", "dimensions_64", "structures"))
"""All but pointers, structures of any kind, and more dimensions than arrays have."""


def _numbers(made: Any) -> Any:
    """The array, refused unless of plain numbers, every byte of which a copy has.

    What shows no memory becomes an array of one object; what pads structures and long doubles is not copied.
    """
    if made.dtype.kind not in "biufc" or made.dtype.char in "gG":
        raise TypeError("it is not an array of plain numbers")
    return made


def _size(exported: Any) -> int:
    """The bytes of a memory whose elements lie in C order."""
    with memoryview(exported) as view:
        if not view.c_contiguous:
            raise BufferError("its bytes are not in the order of its elements")
        return view.nbytes


# Arrays that show the memory.
KEEPERS: dict[str, Callable[[Any], object]] = {
    "asarray": np.asarray,
    "asanyarray": np.asanyarray,
    "array_uncopied": lambda given: np.array(given, copy=None),
    "array_of_memoryview": lambda given: np.asarray(memoryview(given)),
    "asarray_transposed_twice": lambda given: np.asarray(given).T.T,
}

for _name, _keep in KEEPERS.items():
    consumer(f"numpy.{_name}", kind="keeps", returns="bytes", accepts=SIMPLE_TYPES, fallback=True)(_keep)

# Arrays over the bytes of a memory.
OVER_BYTES: dict[str, Callable[[Any], object]] = {
    "frombuffer": lambda given: np.frombuffer(given, np.uint8),
    "frombuffer_from_start": lambda given: np.frombuffer(given, np.uint8, _size(given)),
    "ndarray_over": lambda given: np.ndarray(_size(given), np.uint8, given),
}

for _name, _keep in OVER_BYTES.items():
    consumer(f"numpy.{_name}", kind="keeps", returns="bytes")(_keep)


@consumer("numpy.assignment", returns="bytes")
def _assignment(exported: Any) -> object:
    source = _numbers(np.asarray(exported))
    made = np.zeros_like(source, order="C")
    made[...] = source
    return made


@consumer("numpy.copyto", returns="bytes")
def _copyto(exported: Any) -> object:
    source = _numbers(np.asarray(exported))
    made = np.zeros_like(source, order="C")
    np.copyto(made, source)
    return made


@consumer("numpy.assigned_directly", returns="bytes")
def _assigned_directly(exported: Any) -> object:
    with memoryview(exported) as view:
        if view.format != "i" or view.ndim == 0:
            raise TypeError("here for numbers of one kind")
        made = np.zeros(view.shape or (), np.intc)
    made[...] = exported
    return made


@consumer("numpy.save_load", returns="bytes")
def _save_load(exported: Any) -> object:
    file = io.BytesIO()
    np.save(file, exported, allow_pickle=False)
    file.seek(0)
    return _numbers(np.load(file, allow_pickle=False))


@consumer("numpy.savez_load", returns="bytes")
def _savez_load(exported: Any) -> object:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, given=exported)
    file.seek(0)
    with np.load(file, allow_pickle=False) as saved:
        return _numbers(saved["given"])


# What copies.
COPIES: dict[str, Callable[[Any], Any]] = {
    "array": lambda given: np.array(given, order="C"),
    "array_fortran": lambda given: np.array(given, order="F"),
    "ascontiguousarray": np.ascontiguousarray,
    "stack": lambda given: np.stack([given, given], casting="no")[1],
    "require": lambda given: np.require(given, requirements=["C", "O", "A", "W"]),
}

for _name, _copy in COPIES.items():

    @consumer(f"numpy.{_name}", returns="bytes")
    def _copied(exported: Any, copy: Any = _copy) -> object:
        return _numbers(copy(exported))


def _plain_numbers(exported: Any) -> Any:
    """An array whose values are those that the struct module reads: neither text nor structures."""
    made = np.asarray(exported)
    if made.dtype.kind not in "biuf" or made.ndim != memoryview(exported).ndim:
        raise TypeError("values of another kind than those of struct")
    return made


consumer("numpy.tolist", returns="list")(lambda exported: _plain_numbers(exported).tolist())
consumer("numpy.flat", returns="elements")(lambda exported: list(_plain_numbers(exported).flat))
consumer("numpy.item", returns="scalar")(lambda exported: _plain_numbers(exported).item())


@consumer("numpy.filled", kind="fills")
def _filled(exported: Any) -> None:
    made = _numbers(np.asarray(exported))
    made[...] = 0


@consumer("numpy.frombuffer_filled", kind="fills")
def _frombuffer_filled(exported: Any) -> None:
    made = np.frombuffer(exported, np.uint8)
    made[:] = np.arange(made.size, dtype=np.uint8)
