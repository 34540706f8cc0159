"""Consumers of the standard library that see any memory: memoryview, bytes, array, struct, ctypes, pickle.

The other files whose names begin alike have those that take bytes.
"""

import array
import ctypes
import hmac
import pickle
import struct
from collections.abc import Callable
from importlib import import_module
from math import prod
from typing import Any

from bufspec.declare import BYTES_LIKE, CAPABILITIES, consumer

TESTBUFFER = "_testbuffer"  # in Debian's package libpython3.11-testsuite
TESTCAPI = "_testcapi"
FULL_RO, READ = 0x11C, 0x100
UP_TO_64 = CAPABILITIES
"""All that there is: memoryview copies any memory."""
WHOLE_NUMBERS = "cbB?hHiIlLqQnN"
"""The codes that memoryview reads and whose values are equal to themselves."""


@consumer("stdlib.make_memoryview", kind="keeps", returns="bytes", accepts=UP_TO_64)
def _make_memoryview(exported: Any) -> object:
    return memoryview(exported)


@consumer("stdlib.memoryview_tobytes", returns="bytes", accepts=UP_TO_64)
def _memoryview_tobytes(exported: Any) -> object:
    with memoryview(exported) as view:
        return view.tobytes()


@consumer("stdlib.memoryview_toreadonly", kind="keeps", returns="bytes", accepts=UP_TO_64)
def _memoryview_toreadonly(exported: Any) -> object:
    return memoryview(exported).toreadonly()


@consumer("stdlib.memoryview_of_memoryview", kind="keeps", returns="bytes", accepts=UP_TO_64)
def _memoryview_of_memoryview(exported: Any) -> object:
    return memoryview(memoryview(exported))


@consumer("stdlib.memoryview_sliced_whole", kind="keeps", returns="bytes")
def _memoryview_sliced_whole(exported: Any) -> object:
    return memoryview(exported)[:]


@consumer("stdlib.memoryview_reversed_twice", kind="keeps", returns="bytes")
def _memoryview_reversed_twice(exported: Any) -> object:
    return memoryview(exported)[::-1][::-1]


@consumer("stdlib.memoryview_cast", kind="keeps", returns="bytes")
def _memoryview_cast(exported: Any) -> object:
    return memoryview(exported).cast("B")


@consumer("stdlib.memoryview_tolist", returns="list")
def _memoryview_tolist(exported: Any) -> object:
    with memoryview(exported) as view:
        return view.tolist()


@consumer("stdlib.memoryview_iterated", returns="elements")
def _memoryview_iterated(exported: Any) -> object:
    with memoryview(exported) as view:
        return [view[()]] if view.ndim == 0 else list(view)


@consumer("stdlib.memoryview_reversed", returns="elements")
def _memoryview_reversed(exported: Any) -> object:
    with memoryview(exported) as view:
        return list(reversed(view))[::-1]


@consumer("stdlib.memoryview_first", returns="scalar")
def _memoryview_first(exported: Any) -> object:
    with memoryview(exported) as view:
        return view[(0,) * view.ndim]


@consumer("stdlib.memoryview_last", returns="scalar")
def _memoryview_last(exported: Any) -> object:
    with memoryview(exported) as view:
        return view[(-1,) * view.ndim]


@consumer("stdlib.memoryview_hash")
def _memoryview_hash(exported: Any) -> object:
    with memoryview(exported) as view:
        return hash(view)


@consumer("stdlib.memoryview_compared")
def _memoryview_compared(exported: Any) -> object:
    with memoryview(exported) as view:
        if view.format not in [*WHOLE_NUMBERS]:
            raise TypeError("no code whose values are equal to themselves")
        copied: Any = memoryview(view.tobytes())
        return view == copied.cast(view.format, view.shape)


# Who refuses is unequal, so that the answer says nothing of the elements.
@consumer("stdlib.memoryview_compared_with_it", returns="none", fallback=True)
def _memoryview_compared_with_it(exported: Any) -> object:
    return memoryview(b"something else") == exported


@consumer("stdlib.memoryview_hex")
def _memoryview_hex(exported: Any) -> object:
    with memoryview(exported) as view:
        return view.hex("-", 2)


@consumer("stdlib.memoryview_assigned", returns="bytes")
def _memoryview_assigned(exported: Any) -> object:
    with memoryview(exported) as view:
        block = bytearray(view.nbytes)
        there: Any = memoryview(block)
        there.cast(view.format)[:] = exported
        return bytes(block)


@consumer("stdlib.memoryview_filled", kind="fills", returns="none")
def _memoryview_filled(exported: Any) -> None:
    with memoryview(exported) as view:
        view.cast("B")[:] = bytes(range(100, 100 + view.nbytes % 100)).ljust(view.nbytes, b"#")


@consumer("stdlib.memoryview_filled_by_element", kind="fills")
def _memoryview_filled_by_element(exported: Any) -> None:
    with memoryview(exported) as view, view.cast("B") as flat:
        for number in range(len(flat)):
            flat[number] = number % 251


consumer("stdlib.make_bytes", returns="bytes", accepts=UP_TO_64)(bytes)
consumer("stdlib.make_bytearray", returns="bytes", accepts=UP_TO_64)(bytearray)
consumer("stdlib.make_bytes_subclass", returns="bytes", accepts=UP_TO_64)(type("Bytes", (bytes,), {}))


@consumer("stdlib.bytes_from_capi", returns="bytes", accepts=UP_TO_64)
def _bytes_from_capi(exported: Any) -> object:
    call = ctypes.pythonapi.PyBytes_FromObject
    call.restype, call.argtypes = ctypes.py_object, [ctypes.py_object]
    return call(exported)


@consumer("stdlib.memoryview_get_contiguous", returns="bytes", accepts=UP_TO_64)
def _memoryview_get_contiguous(exported: Any) -> object:
    call = ctypes.pythonapi.PyMemoryView_GetContiguous
    call.restype, call.argtypes = ctypes.py_object, [ctypes.py_object, ctypes.c_int, ctypes.c_char]
    with call(exported, READ, b"C") as view:
        return view.tobytes()


@consumer("stdlib.int_from_bytes", accepts=UP_TO_64)
def _int_from_bytes(exported: Any) -> object:
    return int.from_bytes(exported, "little")


@consumer("stdlib.int_from_bytes_signed", accepts=UP_TO_64)
def _int_from_bytes_signed(exported: Any) -> object:
    return int.from_bytes(exported, "big", signed=True)


consumer("stdlib.int_of_digits")(int)
consumer("stdlib.float_of_digits")(float)


@consumer("stdlib.array_frombytes", returns="bytes", accepts=BYTES_LIKE)
def _array_frombytes(exported: Any) -> object:
    made = array.array("B")
    made.frombytes(exported)
    return made


@consumer("stdlib.array_of_numbers_frombytes", returns="bytes")
def _array_of_numbers_frombytes(exported: Any) -> object:
    made = array.array("h", [3, 4])
    made.frombytes(exported)
    return memoryview(made).cast("B")[4:]


@consumer("stdlib.struct_unpack")
def _struct_unpack(exported: Any) -> object:
    with memoryview(exported) as view:
        size = view.nbytes
    return struct.unpack(f"{size}B", exported)


@consumer("stdlib.struct_unpack_from")
def _struct_unpack_from(exported: Any) -> object:
    return struct.unpack_from("<2BH", exported, 2)


@consumer("stdlib.struct_unpack_from_end")
def _struct_unpack_from_end(exported: Any) -> object:
    return struct.unpack_from("2B", exported, -2)


@consumer("stdlib.struct_iter_unpack")
def _struct_iter_unpack(exported: Any) -> object:
    return list(struct.iter_unpack("B", exported))


@consumer("stdlib.struct_pack_into", kind="fills")
def _struct_pack_into(exported: Any) -> None:
    struct.pack_into("<BH", exported, 1, 200, 51966)


@consumer("stdlib.ctypes_from_buffer", kind="keeps", returns="bytes")
def _ctypes_from_buffer(exported: Any) -> object:
    with memoryview(exported) as view:
        size = view.nbytes
    return (ctypes.c_ubyte * size).from_buffer(exported)


@consumer("stdlib.ctypes_from_buffer_filled", kind="fills")
def _ctypes_from_buffer_filled(exported: Any) -> None:
    ctypes.c_uint16.from_buffer(exported).value = 51966


@consumer("stdlib.ctypes_from_buffer_copy")
def _ctypes_from_buffer_copy(exported: Any) -> object:
    return bytes((ctypes.c_ubyte * 3).from_buffer_copy(exported))


@consumer("stdlib.ctypes_from_buffer_copy_offset")
def _ctypes_from_buffer_copy_offset(exported: Any) -> object:
    return ctypes.c_uint16.from_buffer_copy(exported, 1).value


@consumer("stdlib.ctypes_raw")
def _ctypes_raw(exported: Any) -> object:
    chars = ctypes.create_string_buffer(b"#" * 64, 64)
    chars.raw = exported
    return chars.raw


def _refuse_out_of_order(exported: Any) -> None:
    """Pickle takes the bytes as they lie, by design."""
    with memoryview(exported) as view:
        if not view.c_contiguous:
            raise BufferError("the bytes are not in the order of the elements")


@consumer("stdlib.pickle_in_band", returns="bytes")
def _pickle_in_band(exported: Any) -> object:
    _refuse_out_of_order(exported)
    return pickle.loads(pickle.dumps(pickle.PickleBuffer(exported), 5))


@consumer("stdlib.pickle_in_band_in_python", returns="bytes")
def _pickle_in_band_in_python(exported: Any) -> object:
    _refuse_out_of_order(exported)
    dumps: Callable[..., bytes] = pickle._dumps  # type: ignore[attr-defined]
    return pickle.loads(dumps(pickle.PickleBuffer(exported), 5))


@consumer(
    "stdlib.pickle_out_of_band",
    kind="keeps",
    returns="bytes",
    accepts=(*BYTES_LIKE, "fortran"),
    refuses=(pickle.PicklingError,),
)
def _pickle_out_of_band(exported: Any) -> object:
    taken: list[Any] = []
    pickle.dumps(pickle.PickleBuffer(exported), 5, buffer_callback=taken.append)
    return taken[0]


@consumer("stdlib.picklebuffer_raw", kind="keeps", returns="none")
def _picklebuffer_raw(exported: Any) -> object:
    return pickle.PickleBuffer(exported).raw()


@consumer("stdlib.picklebuffer_raw_bytes")
def _picklebuffer_raw_bytes(exported: Any) -> object:
    _refuse_out_of_order(exported)
    with pickle.PickleBuffer(exported).raw() as raw:
        return bytes(raw)


@consumer("stdlib.pickle_loads_buffers", kind="keeps", returns="bytes")
def _pickle_loads_buffers(exported: Any) -> object:
    dumped = pickle.dumps(pickle.PickleBuffer(b"readonly"), 5, buffer_callback=lambda one: None)
    return memoryview(pickle.loads(dumped, buffers=[exported]))


consumer("stdlib.pickle_loads")(pickle.loads)


@consumer("stdlib.compare_digest")
def _compare_digest(exported: Any) -> object:
    return hmac.compare_digest(exported, exported)


@consumer("stdlib.testbuffer_ndarray", needs=TESTBUFFER, kind="keeps", returns="bytes", accepts=UP_TO_64)
def _testbuffer_ndarray(exported: Any) -> object:
    return import_module(TESTBUFFER).ndarray(exported, getbuf=FULL_RO)


@consumer("stdlib.testbuffer_to_contiguous", needs=TESTBUFFER, returns="bytes", accepts=UP_TO_64)
def _testbuffer_to_contiguous(exported: Any) -> object:
    return import_module(TESTBUFFER).py_buffer_to_contiguous(exported, "C", FULL_RO)


@consumer("stdlib.testbuffer_to_fortran_and_back", needs=TESTBUFFER, returns="bytes")
def _testbuffer_to_fortran_and_back(exported: Any) -> object:
    testbuffer = import_module(TESTBUFFER)
    with memoryview(exported) as view:
        shape, itemsize = view.shape or (), view.itemsize
    flat = testbuffer.py_buffer_to_contiguous(exported, "F", FULL_RO)
    strides = [itemsize * prod(shape[:number]) for number in range(len(shape))]
    there = testbuffer.ndarray(
        [flat[at : at + itemsize] for at in range(0, len(flat), itemsize)],
        shape=list(shape),
        strides=strides,
        format=f"{itemsize}s",
    )
    return there.tobytes()


# Those functions of the C API that parse arguments, by their format.
PARSED = ("y", "y_hash", "y_star", "s_hash", "s_star", "z_hash", "z_star")

for _code in PARSED:

    @consumer(f"stdlib.parse_{_code}", needs=TESTCAPI, accepts=BYTES_LIKE if _code.endswith("star") else ())
    def _parsed(exported: Any, code: str = _code) -> object:
        return getattr(import_module(TESTCAPI), f"getargs_{code}")(exported)


@consumer("stdlib.parse_w_star", needs=TESTCAPI, kind="fills")
def _parse_w_star(exported: Any) -> object:
    return import_module(TESTCAPI).getargs_w_star(exported)
