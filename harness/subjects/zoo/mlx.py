"""MLX: arrays of any strides, evaluated when they are first needed.  Tried with 0.32."""

from functools import partial

import mlx.core as mx
from bufspec.declare import Layout, exporter

TYPES = {
    "b": mx.int8,
    "B": mx.uint8,
    "h": mx.int16,
    "H": mx.uint16,
    "i": mx.int32,
    "I": mx.uint32,
    "q": mx.int64,
    "Q": mx.uint64,
    "f": mx.float32,
}


def build_array(layout: Layout) -> object:
    """Memory in one piece, of plain items."""
    import numpy as np

    if layout.format not in TYPES or not layout.is_c_contiguous or layout.readonly or not layout.size:
        return NotImplemented
    return mx.array(np.frombuffer(bytearray(layout.elements), layout.format).reshape(layout.shape))


def _of_type(name: str) -> object:
    return mx.ones(3, dtype=getattr(mx, name))


exporter("mlx.matrix", build=build_array, discover=False)(lambda: mx.arange(6).reshape(2, 3))
exporter("mlx.transposed", discover=False)(lambda: mx.arange(6).reshape(2, 3).T)
exporter("mlx.sliced", discover=False)(lambda: mx.arange(24).reshape(4, 6)[::2, 1::2])
exporter("mlx.broadcast", discover=False)(lambda: mx.broadcast_to(mx.arange(4), (3, 4)))
exporter("mlx.zero_dim", discover=False)(lambda: mx.array(1.0))
exporter("mlx.empty", discover=False)(lambda: mx.array([]))
for _name in ("bool_", "int8", "float16", "bfloat16", "complex64", "uint64"):
    exporter(f"mlx.{_name.rstrip('_')}", discover=False)(partial(_of_type, _name))
