"""A copy in the order that was asked for is judged as the memory that it is: right if every element is."""

import struct

from bufspec.declare import exporter

VERDICTS = {
    "regress.copies": {"recommends": []},
    "regress.copies_of_many": {"recommends": []},
    "regress.copies_of_what_is_declared": {"recommends": []},
    "regress.copies_for_bytes": {"recommends": []},
    "regress.writable_copies": {"breaks": ["field.readonly.of_a_copy"]},
    "regress.copies_in_the_wrong_order": {"breaks": ["field.strides.elements_right"]},
    "regress.other_strides_of_one_block": {"breaks": ["request.c_contiguous.refused_if_not"]},
}
RIGHT, WRITABLE_COPY, WRONG_ORDER, SAME_BLOCK, FOR_BYTES_TOO = range(5)


def _declare(name: str, kind: int, rows: int = 2, columns: int = 3, expect: bytes | None = None) -> None:
    def make() -> object:
        from copies import matrix

        return matrix(kind, rows, columns)

    exporter(f"regress.{name}", expect=expect)(make)


_declare("copies", RIGHT)
_declare("copies_of_many", RIGHT, 300, 200)
_declare("copies_of_what_is_declared", RIGHT, expect=struct.pack("6h", 1, 15, 29, 8, 22, 36))
_declare("copies_for_bytes", FOR_BYTES_TOO, 3, 4)
_declare("writable_copies", WRITABLE_COPY)
_declare("copies_in_the_wrong_order", WRONG_ORDER)
_declare("other_strides_of_one_block", SAME_BLOCK)
