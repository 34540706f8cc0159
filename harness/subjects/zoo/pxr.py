"""OpenUSD: vectors, matrices, and arrays of them.  Tried with 26.11."""

from bufspec.declare import exporter
from pxr import Gf, Vt

exporter("pxr.vector", discover=False)(lambda: Gf.Vec3f(1, 2, 3))
exporter("pxr.vector_half", discover=False)(lambda: Gf.Vec4h(1, 2, 3, 4))
exporter("pxr.matrix", discover=False)(lambda: Gf.Matrix4d(1))
exporter("pxr.ints", discover=False)(lambda: Vt.IntArray([1, 2, 3]))
exporter("pxr.bools", discover=False)(lambda: Vt.BoolArray(2))
exporter("pxr.halves", discover=False)(lambda: Vt.HalfArray(2))
exporter("pxr.vectors", discover=False)(lambda: Vt.Vec3fArray([Gf.Vec3f(1, 2, 3)] * 2))
exporter("pxr.matrices", discover=False)(lambda: Vt.Matrix4dArray(2))
exporter("pxr.quaternions", discover=False)(lambda: Vt.QuatfArray(2))
exporter("pxr.ranges", discover=False)(lambda: Vt.Range1dArray(2))
exporter("pxr.empty", discover=False)(lambda: Vt.IntArray())
