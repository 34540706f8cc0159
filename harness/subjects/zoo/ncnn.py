"""ncnn: its Mat, with padding between channels, through pybind11.  Tried with 1.0."""

import ncnn
import numpy as np
from bufspec.declare import exporter


def _of(array: np.ndarray) -> object:
    return ncnn.Mat(array).clone()


exporter("ncnn.mat_one_dimension", expect=np.arange(3, dtype="f").tobytes(), discover=False)(
    lambda: _of(np.arange(3, dtype="f"))
)
exporter("ncnn.mat_two_dimensions", expect=np.arange(6, dtype="f").tobytes(), discover=False)(
    lambda: _of(np.arange(6, dtype="f").reshape(2, 3))
)
exporter("ncnn.mat_three_dimensions", expect=np.arange(18, dtype="f").tobytes(), discover=False)(
    lambda: _of(np.arange(18, dtype="f").reshape(2, 3, 3))
)
exporter("ncnn.mat_over_numpy", expect=np.arange(6, dtype="f").tobytes(), discover=False)(
    lambda: ncnn.Mat(np.arange(6, dtype="f").reshape(2, 3))
)
exporter("ncnn.mat_half", expect=np.arange(4, dtype="e").tobytes(), discover=False)(
    lambda: _of(np.arange(4, dtype="e"))
)
