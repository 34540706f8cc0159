"""What does memoryview() of an object show?  It makes the one request that Python code can make: FULL_RO.

Memoryview fills in what an exporter leaves NULL.  What looks the same when it is filled in is unseen.
"""

from memory import Skipped, c_strides

FULL_RO = 0x11C


def numbers(values):
    return [int(value) for value in values]


def first_element(view):
    """The index of the element with all indices 0."""
    return 0 if len(view.shape) == 1 else tuple([0] * len(view.shape))


class View(object):
    """A view that is held: fields(), data(), write() and release() are what the steps of a scenario need."""

    def __init__(self, target, flags):
        if flags != FULL_RO:
            raise Skipped("Python code makes requests by memoryview() alone, and that is FULL_RO")
        self.view = memoryview(target)

    def fields(self):
        """The fields of a view as the protocol has them, all that a memoryview has."""
        view = self.view
        return {
            "len": view.nbytes if hasattr(view, "nbytes") else len(view.tobytes()),
            "itemsize": view.itemsize,
            "readonly": int(view.readonly),
            "ndim": view.ndim,
            "format_text": view.format,
            "shape": numbers(view.shape) or None,
            "strides": numbers(view.strides) or None,
            "suboffsets": numbers(view.suboffsets) if view.suboffsets else None,
        }

    def unseen(self):
        """Names of the fields that would look the same if the exporter had left them NULL."""
        found = self.fields()
        hidden = ["buf", "obj"]  # of a request that is refused there is no struct, and so no obj
        if found["format_text"] == "B":
            hidden.append("format")
        if found["ndim"] < 2:
            hidden.append("shape")
        if found["strides"] == c_strides(found["shape"] or [], found["itemsize"]):
            hidden.append("strides")
        return hidden

    def data(self):
        return bytearray(self.view.tobytes())

    def write(self):
        """Changes the first element and puts it back: (read back, restored); None if it is read-only."""
        view = self.view
        before = self.data()
        if view.readonly or not before:
            return None
        first = first_element(view)
        old = view[first]
        new = self.other_value(old)
        view[first] = new
        read_back = view[first] == new and self.data() != before
        view[first] = old
        return read_back, self.data() == before

    def other_value(self, value):
        if isinstance(value, bool):
            return not value
        if isinstance(value, (int, float)):
            return value + 1 if value < 100 else value - 1
        return b"x" if value != b"x" else b"y"

    def release(self):
        self.view.release()
