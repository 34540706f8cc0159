"""Words that ask C and F order at once: to grant one of the two breaks no consumer, and is only recommended.

The slot is written as that of pybind11; `any_bit_of_a_flag` also answers a partial flag without ND in a way
of its own, which is contested.
"""

import struct

from bufspec.declare import exporter

VERDICTS = {
    "regress.c_order": {"recommends": ["request.contiguous.both_orders"]},
    "regress.c_order_readonly": {"recommends": ["request.contiguous.both_orders"]},
    "regress.fortran_order": {"recommends": []},
    "regress.any_bit_of_a_flag": {"recommends": ["request.contiguous.both_orders"]},
}


def _matrix(row: int, column: int, readonly: bool) -> object:
    from both_orders import matrix

    return matrix(row, column, readonly)


def _loose() -> object:
    from both_orders import loose

    return loose()


C_ORDER = struct.pack("6i", 1, 2, 3, 4, 5, 6)
exporter("regress.c_order", expect=C_ORDER)(lambda: _matrix(12, 4, False))
exporter("regress.c_order_readonly", expect=C_ORDER)(lambda: _matrix(12, 4, True))
exporter("regress.fortran_order", expect=struct.pack("6i", 1, 3, 5, 2, 4, 6))(lambda: _matrix(4, 8, False))
exporter("regress.any_bit_of_a_flag", expect=C_ORDER)(_loose)
