"""What the gate judges."""

import struct

from bufspec.declare import exporter
from table_in_rust import Table


def append(table: Table) -> None:
    """Often enough that the memory moves."""
    for _ in range(1000):
        table.append([7, 8, 9])


def of_rows(*rows: list[int]) -> Table:
    table = Table(3)
    for row in rows:
        table.append(row)
    return table


OPERATIONS = {"append": append}

exporter("table_in_rust.two_rows", expect=struct.pack("6i", *range(6)), operations=OPERATIONS)(
    lambda: of_rows([0, 1, 2], [3, 4, 5])
)
exporter("table_in_rust.one_row", expect=struct.pack("3i", *range(3)), operations=OPERATIONS)(
    lambda: of_rows([0, 1, 2])
)
exporter("table_in_rust.empty", expect=b"", operations=OPERATIONS)(of_rows)
