"""Steps shorter than an element are a question, unless the elements are declared and right."""

from bufspec.declare import exporter

VERDICTS = {
    "regress.strides_in_items": {"recommends": ["field.strides.at_least_itemsize"]},
    "regress.overlap_that_is_meant": {"recommends": []},
    "regress.sliding_window": {"recommends": []},
    "regress.repeated": {"recommends": []},
}
SHARED = bytes(range(32))


def _view(shape: list[int], strides: list[int]) -> object:
    from views import view

    return view(SHARED, "h", 2, shape, strides)


exporter("regress.strides_in_items")(lambda: _view([2, 3], [3, 1]))
exporter("regress.overlap_that_is_meant", expect=bytes([0, 1, 1, 2, 2, 3, 3, 4]))(lambda: _view([4], [1]))
exporter("regress.sliding_window")(lambda: _view([4, 3], [2, 2]))
exporter("regress.repeated")(lambda: _view([4, 3], [0, 2]))
