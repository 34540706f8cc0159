"""Panda3D: arrays of numbers, vectors and matrices, and the vertices of geometry.  Tried with 1.10."""

from typing import Any

from bufspec.declare import exporter
from panda3d import core

FIVE = b"\x10\x20\x30\x40\x50"


def _vertices() -> Any:
    data = core.GeomVertexData("x", core.GeomVertexFormat.get_v3(), core.Geom.UH_dynamic)
    data.set_num_rows(2)
    return data


GROW = {"grow": lambda it: it.push_back(7), "shrink": lambda it: it.pop_back()}
ROWS = {
    "set_num_rows": lambda it: it.set_num_rows(100_000),
    "clear_rows": lambda it: it.clear_rows(),
}

exporter("panda3d.floats", operations=GROW, discover=False)(lambda: core.PTA_float([1, 2, 3]))
exporter("panda3d.bytes", expect=FIVE, operations=GROW, discover=False)(lambda: core.PTA_uchar(FIVE))
exporter("panda3d.const_bytes", expect=FIVE, readonly=True, discover=False)(lambda: core.CPTA_uchar(FIVE))
exporter("panda3d.vectors", discover=False)(lambda: core.PTA_LVecBase3f([core.LVecBase3f(1, 2, 3)] * 2))
exporter("panda3d.matrices", discover=False)(lambda: core.PTA_LMatrix4f([core.LMatrix4f()] * 2))
exporter("panda3d.vertices", operations=ROWS, discover=False)(lambda: _vertices().modify_array(0))
exporter("panda3d.const_vertices", readonly=True, discover=False)(lambda: _vertices().get_array(0))
