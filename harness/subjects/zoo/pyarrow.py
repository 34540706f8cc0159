"""PyArrow: buffers of every origin, and tensors of any strides.  Tried with 26.0."""

import pyarrow as pa
from bufspec.declare import Layout, exporter

FIVE = b"\x10\x20\x30\x40\x50"
TYPES = {
    "b": pa.int8(),
    "B": pa.uint8(),
    "h": pa.int16(),
    "H": pa.uint16(),
    "i": pa.int32(),
    "I": pa.uint32(),
    "q": pa.int64(),
    "Q": pa.uint64(),
    "e": pa.float16(),
    "f": pa.float32(),
    "d": pa.float64(),
}


def _sink() -> pa.Buffer:
    sink = pa.BufferOutputStream()
    sink.write(FIVE)
    return sink.getvalue()


def _mutable() -> pa.Buffer:
    buffer = pa.allocate_buffer(5)
    pa.FixedSizeBufferWriter(buffer).write(FIVE)
    return buffer


def _resizable() -> pa.Buffer:
    buffer = pa.allocate_buffer(5, resizable=True)
    pa.FixedSizeBufferWriter(buffer).write(FIVE)
    return buffer


def build_buffer(layout: Layout) -> object:
    """Bytes in one piece, as Buffer exports any memory."""
    if layout.format != "b" or layout.ndim != 1 or not layout.is_c_contiguous:
        return NotImplemented
    return pa.py_buffer(bytes(layout.elements) if layout.readonly else bytearray(layout.elements))


def build_over_bytes(layout: Layout) -> object:
    """The same, of memory that is never to be written."""
    return build_buffer(layout) if layout.readonly else NotImplemented


def build_tensor(layout: Layout) -> object:
    """Any positive strides over a block, which numpy carries into a tensor."""
    import numpy as np

    if layout.suboffsets is not None or layout.format not in TYPES or not layout.ndim:
        return NotImplemented
    block = bytes(layout.memory) if layout.readonly else bytearray(layout.memory)
    try:
        array = np.ndarray(layout.shape, layout.format, block, layout.offset, layout.strides)
        return pa.Tensor.from_numpy(array)
    except (ValueError, pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return NotImplemented


def _tensor() -> object:
    import numpy as np

    return pa.Tensor.from_numpy(np.arange(6, dtype=np.int32).reshape(2, 3))


def _tensor_fortran() -> object:
    import numpy as np

    return pa.Tensor.from_numpy(np.asfortranarray(np.arange(6, dtype=np.int32).reshape(2, 3)))


def _tensor_readonly() -> object:
    import numpy as np

    return pa.Tensor.from_numpy(np.frombuffer(FIVE, np.uint8))


RESIZE = {
    "grow": lambda it: it.resize(100_000),
    "shrink": lambda it: it.resize(1, shrink_to_fit=True),
}

exporter("pyarrow.over_bytes", expect=FIVE, build=build_over_bytes, readonly=True)(lambda: pa.py_buffer(FIVE))
exporter("pyarrow.over_bytearray", expect=FIVE, build=build_buffer)(lambda: pa.py_buffer(bytearray(FIVE)))
exporter("pyarrow.mutable", expect=FIVE)(_mutable)
exporter("pyarrow.resizable", expect=FIVE, operations=RESIZE)(_resizable)
exporter("pyarrow.slice", expect=FIVE[1:4], readonly=True)(lambda: pa.py_buffer(FIVE).slice(1, 3))
exporter("pyarrow.of_sink", expect=FIVE)(_sink)
exporter("pyarrow.of_array", discover=False)(lambda: pa.array([1, 2, 3]).buffers()[1])
exporter("pyarrow.compressed")(lambda: pa.compress(FIVE * 20, codec="lz4"))
exporter("pyarrow.empty", expect=b"")(lambda: pa.py_buffer(b""))
exporter("pyarrow.tensor", build=build_tensor)(_tensor)
exporter("pyarrow.tensor_fortran")(_tensor_fortran)
exporter("pyarrow.tensor_over_readonly", expect=FIVE, readonly=True)(_tensor_readonly)
