"""A read-only view with steps conforms: the plainest case of what must never become a false alarm."""

from bufspec.declare import exporter

VERDICTS = {"regress.every_second_byte": {"recommends": []}}

exporter("regress.every_second_byte", expect=bytes(range(0, 16, 2)))(
    lambda: memoryview(bytes(bytearray(range(16))))[::2]
)
