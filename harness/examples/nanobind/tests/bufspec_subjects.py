"""What the gate judges."""

import struct

from bufspec.declare import exporter
from columns_in_nanobind import Columns


def append(table: Columns) -> None:
    """Often enough that the memory moves."""
    for _ in range(1000):
        table.append()


OPERATIONS = {"append": append}

exporter("columns_in_nanobind.table", expect=struct.pack("6f", *range(6)), operations=OPERATIONS)(
    lambda: Columns(2, 3)
)
exporter("columns_in_nanobind.one_row", expect=struct.pack("4f", *range(4)), operations=OPERATIONS)(
    lambda: Columns(1, 4)
)
