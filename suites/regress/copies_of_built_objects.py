"""A copy in the order that was asked for is one also of an object that is built from a layout."""

from bufspec.declare import Layout, exporter

VERDICTS = {
    "regress.built_copies": {"recommends": []},
    "regress.built_copies_in_the_wrong_order": {"breaks": ["field.strides.elements_right"]},
    "regress.built_writable_copies": {"breaks": ["field.readonly.of_a_copy"]},
}
RIGHT, WRITABLE_COPY, WRONG_ORDER = range(3)


def _declare(name: str, kind: int) -> None:
    def build(layout: Layout) -> object:
        from copies import matrix

        if layout.ndim != 2 or layout.format != "i" or layout.readonly or layout.offset:
            return NotImplemented
        rows, columns = layout.shape
        if layout.strides != (4, 4 * rows) or rows < 2 or columns < 2 or layout.suboffsets is not None:
            return NotImplemented
        return matrix(kind, rows, columns, layout.memory[: 4 * rows * columns])

    # What is ready-made is right, so that the built objects alone are judged.
    exporter(f"regress.{name}", build=build)(lambda: bytearray(6))


_declare("built_copies", RIGHT)
_declare("built_copies_in_the_wrong_order", WRONG_ORDER)
_declare("built_writable_copies", WRITABLE_COPY)
