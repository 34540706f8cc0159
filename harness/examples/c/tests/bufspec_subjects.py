"""What the gate judges."""

import struct

import matrix_in_c
from bufspec.declare import exporter

OPERATIONS = {"resize": lambda matrix: matrix.resize(40, 50)}
ITEMS = [float(number) for number in range(6)]


@exporter("matrix_in_c.matrix", expect=struct.pack("6d", *ITEMS), operations=OPERATIONS)
def matrix() -> object:
    made = matrix_in_c.Matrix(2, 3)
    with memoryview(made) as view, view.cast("B") as data, data.cast("d") as items:
        for number, item in enumerate(ITEMS):
            items[number] = item
    return made


exporter("matrix_in_c.row", expect=bytes(32), operations=OPERATIONS)(lambda: matrix_in_c.Matrix(1, 4))
exporter("matrix_in_c.empty", expect=b"", operations=OPERATIONS)(lambda: matrix_in_c.Matrix(0, 3))
