"""NumPy as a consumer: what makes an array of a memory and keeps it, and what copies from one."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from bufspec.declare import CAPABILITIES, consumer

SIMPLE_TYPES = tuple(one for one in CAPABILITIES if one not in ("indirect", "dimensions_64", "structures"))
"""All but pointers, structures of any kind, and more dimensions than arrays have."""


def _numbers(exported: Any) -> Any:
    """An array of its elements; not the array of one object that NumPy makes of what shows no memory."""
    made = np.asarray(exported)
    if made.dtype.hasobject:
        raise TypeError("it is no array of numbers")
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


@consumer("numpy.assignment")
def _assignment(exported: Any) -> object:
    made = np.zeros_like(_numbers(exported), order="C")
    made[...] = exported
    return made.tobytes()


@consumer("numpy.copyto")
def _copyto(exported: Any) -> object:
    made = np.zeros_like(_numbers(exported), order="C")
    np.copyto(made, exported)
    return made.tobytes()


@consumer("numpy.save_load")
def _save_load(exported: Any) -> object:
    file = io.BytesIO()
    np.save(file, exported, allow_pickle=False)
    file.seek(0)
    return np.load(file, allow_pickle=False).tobytes()


@consumer("numpy.savez_load")
def _savez_load(exported: Any) -> object:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, given=exported)
    file.seek(0)
    with np.load(file, allow_pickle=False) as saved:
        return saved["given"].tobytes()


# What copies.
COPIES: dict[str, Callable[[Any], Any]] = {
    "array": lambda given: np.array(given, order="C"),
    "array_fortran": lambda given: np.array(given, order="F"),
    "ascontiguousarray": np.ascontiguousarray,
    "stack": lambda given: np.stack([given, given])[1],
    "broadcast_to": lambda given: np.broadcast_to(given, (2, *_numbers(given).shape))[1],
    "require": lambda given: np.require(given, requirements=["C", "O", "A", "W"]),
}

for _name, _copy in COPIES.items():

    @consumer(f"numpy.{_name}")
    def _copied(exported: Any, copy: Any = _copy) -> object:
        _numbers(exported)
        return copy(exported).tobytes()


consumer("numpy.tolist", returns="list")(lambda exported: _numbers(exported).tolist())
consumer("numpy.flat", returns="elements")(lambda exported: list(_numbers(exported).flat))
consumer("numpy.item", returns="scalar")(lambda exported: _numbers(exported).item())


@consumer("numpy.filled", kind="fills", returns="none")
def _filled(exported: Any) -> None:
    _numbers(exported)[...] = 1


@consumer("numpy.frombuffer_filled", kind="fills")
def _frombuffer_filled(exported: Any) -> None:
    made = np.frombuffer(exported, np.uint8)
    made[:] = np.arange(made.size, dtype=np.uint8)
