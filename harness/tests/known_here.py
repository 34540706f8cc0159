"""Cases that every CPython fails: known failures of harness/expectations/runtime.yaml."""

FAILS = "memoryview.item.index.no_element_behind_a_pointer"
DIES = "function.from_contiguous.order.items_of_no_byte_behind_pointers"
"""Of this one the process ends in which the call is made."""


def in_tables(case: str) -> str:
    """That case as the tables name it: its rule, and its own name."""
    rule, _, name = case.rpartition(".")
    return f"{rule} {name}"
