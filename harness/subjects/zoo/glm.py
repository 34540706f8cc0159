"""PyGLM: vectors, matrices, quaternions and arrays of them.  Tried with its current version."""

import ctypes

import glm
from bufspec.declare import exporter

for _name in ("vec1", "vec3", "dvec2", "ivec4", "u8vec3", "i64vec2", "bvec3", "mvec3", "quat", "dquat"):
    exporter(f"glm.{_name}")(getattr(glm, _name))
for _name in ("mat2x2", "mat4x3", "dmat3x4", "imat2x3", "umat4x4"):
    exporter(f"glm.{_name}")(getattr(glm, _name))
exporter("glm.array_of_vectors")(lambda: glm.array(glm.vec3(1, 2, 3), glm.vec3(4, 5, 6)))
exporter("glm.array_of_matrices")(lambda: glm.array(glm.mat3x2(1), glm.mat3x2(2)))
exporter("glm.array_of_numbers")(lambda: glm.array.from_numbers(ctypes.c_float, 1, 2, 3))
exporter("glm.array_of_quaternions")(lambda: glm.array(glm.quat(), glm.quat()))
exporter("glm.array_over_bytearray")(lambda: glm.array.as_reference(glm.array(glm.vec3(1), glm.vec3(2))))
