"""What exports no buffer, or refuses every request, breaks no rule, and must not be green for it."""

from bufspec.declare import exporter

VERDICTS = {
    "regress.plain_object": {"undecided": "exports no buffer"},
    "regress.no_object": {"undecided": "its factory returned None"},
    "regress.released_memoryview": {"undecided": "refused all"},
}


def released() -> memoryview:
    view = memoryview(bytearray(8))
    view.release()
    return view


exporter("regress.plain_object")(object)
exporter("regress.no_object")(lambda: None)
exporter("regress.released_memoryview")(released)
