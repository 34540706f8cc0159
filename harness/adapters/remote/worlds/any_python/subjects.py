"""Which subjects does every Python have?  Exporters of built-in types, and memoryview itself."""

from exporters import Exporter, hexadecimal
from library import Library

BYTES = bytearray(range(12))


def append_one(target):
    target.append(1)


def clear(target):
    del target[:]


def pop_one(target):
    target.pop()


def extend(target):
    target.extend(target[:1])


def change_item(target):
    target[0] = 7


RESIZES = [("append", append_one), ("extend", extend), ("pop", pop_one), ("clear", clear)]


def exporters(package, **more):
    """bytes, bytearray, array.array and memoryview of this Python."""
    expect = hexadecimal(BYTES)
    made = [
        Exporter(package + ".bytes", lambda: bytes(BYTES), expect=expect, readonly=True, **more),
        Exporter(package + ".bytearray", lambda: bytearray(BYTES), RESIZES, expect=expect, **more),
    ]
    try:
        from array import array
    except ImportError:
        array = None
    if array is not None:
        ints = [0, 1, -2, 30000]
        data = bytearray([0, 0, 1, 0, 254, 255, 48, 117])
        short = Exporter(
            package + ".array_h", lambda: array("h", ints), RESIZES, expect=hexadecimal(data), **more
        )
        made.append(short)
    views = [("memoryview", lambda: memoryview(bytearray(BYTES)), BYTES)]
    if is_slicing_by_steps():
        views.append(("memoryview_sliced", lambda: memoryview(bytearray(BYTES))[::3], BYTES[::3]))
        views.append(("memoryview_reversed", lambda: memoryview(bytes(BYTES))[::-1], BYTES[::-1]))
    if hasattr(memoryview, "cast"):
        views.append(("memoryview_2d", lambda: memoryview(bytearray(BYTES)).cast("h", (2, 3)), BYTES))
    for name, make, data in views:
        made.append(Exporter(package + "." + name, make, expect=hexadecimal(data), **more))
    return made


def is_slicing_by_steps():
    try:
        return len(memoryview(bytearray(BYTES))[::3].tobytes()) == 4
    except (NotImplementedError, TypeError, ValueError):
        return False


def all_subjects(package, caught=Exception, **library):
    """Of a Python whose requests are seen through memoryview alone."""
    made = exporters(package, caught=caught)
    made.append(Library(package + ".memoryview_type", caught=caught, **library))
    return made
