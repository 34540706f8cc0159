"""PyArrow: buffers over memory of others, in the order in which it lies, and streams.  Tried with 26."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
from bufspec.declare import consumer

PLAIN = bytes(range(24))

# What shows the memory as long as it lives.
KEEPERS: dict[str, Callable[[Any], object]] = {
    "py_buffer": pa.py_buffer,
    "py_buffer_sliced": lambda given: pa.py_buffer(given)[:],
    "array_from_buffers": lambda given: pa.Array.from_buffers(
        pa.uint8(), (it := pa.py_buffer(given)).size, [None, it]
    ).buffers()[1],
}

for _name, _keep in KEEPERS.items():
    consumer(f"pyarrow.{_name}", kind="keeps", returns="bytes", order="memory")(_keep)


@consumer("pyarrow.buffer_reader", returns="bytes", order="memory")
def _buffer_reader(exported: Any) -> object:
    return pa.BufferReader(exported).read()


@consumer("pyarrow.buffer_reader_kept", kind="keeps", returns="none")
def _buffer_reader_kept(exported: Any) -> object:
    return pa.BufferReader(exported)


@consumer("pyarrow.buffer_output_stream", returns="bytes", order="memory")
def _buffer_output_stream(exported: Any) -> object:
    made = pa.BufferOutputStream()
    made.write(exported)
    return made.getvalue()


@consumer("pyarrow.buffer_to_pybytes", order="memory")
def _buffer_to_pybytes(exported: Any) -> object:
    return pa.py_buffer(exported).to_pybytes()


@consumer("pyarrow.readinto", kind="fills", order="memory")
def _readinto(exported: Any) -> object:
    return pa.BufferReader(PLAIN).readinto(exported)


@consumer("pyarrow.fixed_size_buffer_writer", kind="fills", order="memory")
def _fixed_size_buffer_writer(exported: Any) -> None:
    writer = pa.FixedSizeBufferWriter(pa.py_buffer(exported))
    writer.write(b"abc")
    writer.close()


@consumer("pyarrow.compress", order="memory")
def _compress(exported: Any) -> object:
    return pa.compress(exported, "zstd", asbytes=True)
