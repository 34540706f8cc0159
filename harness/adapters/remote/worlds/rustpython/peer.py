"""The peer of RustPython: its built-in exporters asked by its own protocol in Rust, and its memoryview.

A descriptor of RustPython has no field that can be left out: where a field was not asked for, it holds what a
consumer would put there, one dimension of bytes without a format.  Such a field is NULL here if it was not
asked for, and is there in any other case.
"""

import sys

import held
from library import Library
from memory import Layout, Skipped, c_strides, numbers_in
from messages import Peer, serve
from subjects import exporters

# An offset is no address; of a request that is refused there is no struct, and so no obj.
# A descriptor has each field; see above.
UNSEEN = ["buf", "obj", "absence"]
FULL_RO = 0x11C
FORMAT, ND, STRIDES = 0x04, 0x08, 0x18


class RustView:
    """A PyBuffer that is held."""

    def __init__(self, target, flags):
        self.flags = flags
        self.held = held.acquire(target, flags)

    def fields(self):
        it = self.held
        dimensions = it.dimensions()
        shape, strides, suboffsets = dimensions[0::3], dimensions[1::3], dimensions[2::3]
        asked = [self.flags & word == word for word in (FORMAT, ND, STRIDES)]
        is_plain = strides == c_strides(shape, it.itemsize)
        is_shown = [it.format != "B", len(shape) != 1 or not is_plain, not is_plain]
        return {
            "len": it.len,
            "itemsize": it.itemsize,
            "readonly": int(it.readonly),
            "ndim": len(shape),
            "format_text": it.format if asked[0] or is_shown[0] else None,
            "shape": shape if shape and (asked[1] or is_shown[1]) else None,
            "strides": strides if shape and (asked[2] or is_shown[2]) else None,
            "suboffsets": suboffsets if any(suboffsets) else None,
        }

    def data(self):
        return bytearray(self.held.data())

    def write(self):
        before = self.data()
        if self.held.readonly or not before:
            return None
        old = self.held.store(before[0] ^ 255)
        read_back = self.data()[0] == before[0] ^ 255
        self.held.store(old)
        return read_back, self.data() == before

    def release(self):
        self.held.release()


def memory_from(layout):
    """A memoryview of any layout whose elements can be reached without pointers."""
    if layout.suboffsets is not None:
        raise Skipped("RustPython has no memory that is reached through pointers")
    numbers = [layout.itemsize, layout.offset, int(layout.readonly)]
    return held.memory(layout.bytes(), layout.format, numbers, layout.shape, layout.strides)


def memory_of(layout):
    """The same, where it is not what is judged."""
    try:
        return memory_from(layout)
    except Skipped:
        raise
    except Exception as error:
        raise Skipped("RustPython makes no memoryview of that format: " + str(error)) from None


def held_of(given):
    layout = Layout(given)
    return layout, held.acquire(memory_of(layout), FULL_RO)


def check_buffer(given):
    target = b"x" if given["object"] == "exporter" else 1
    return lambda: {"result": int(held.is_exporter(target))}


def is_contiguous(given):
    it = held_of(given)[1]
    if given["order"] == "C":
        return lambda: {"result": int(it.is_c_contiguous)}
    if given["order"] == "F":
        return lambda: {"result": int(it.is_fortran_contiguous)}
    raise Skipped("RustPython has a function for C order and one for Fortran order")


def get_pointer(given):
    layout, it = held_of(given)
    return lambda: {"element": numbers_in(it.element(given["index"]), layout.itemsize)[0]}


def to_contiguous(given):
    layout, it = held_of(given)
    if given["order"] != "C" or "length" in given:
        raise Skipped("RustPython copies the whole memory, in C order")
    return lambda: {"elements": numbers_in(it.contiguous(), layout.itemsize)}


def get_buffer(given):
    view = memory_of(Layout(given))

    def call():
        asked = RustView(view, given["flags"])
        found = asked.fields()
        asked.release()
        answer = {"granted": True, "ndim": found["ndim"], "format": found["format_text"] is not None}
        answer.update({name: found[name] is not None for name in ("shape", "strides", "suboffsets")})
        return answer

    return call


def memoryview_from_buffer(given):
    layout = Layout(given)
    if "obj_set" in given:
        raise Skipped("a PyBuffer has an object in any case")

    def call():
        view = memory_from(layout)
        return {
            "ndim": view.ndim,
            "shape": list(view.shape),
            "strides": list(view.strides),
            "format": view.format,
            "itemsize": view.itemsize,
            "readonly": view.readonly,
        }

    return call


CALLS = {
    "check_buffer": check_buffer,
    "get_buffer": get_buffer,
    "get_pointer": get_pointer,
    "is_contiguous": is_contiguous,
    "memoryview_from_buffer": memoryview_from_buffer,
    "to_contiguous": to_contiguous,
}


class RustLibrary(Library):
    def declared(self):
        return dict(super().declared(), unseen=["absence"])

    def export(self, view):
        return held.acquire(view, FULL_RO)


def main():
    subjects = exporters("rustpython", view=RustView, unseen=UNSEEN)
    subjects.append(RustLibrary("rustpython.memoryview_type", make_view=memory_of, more_calls=CALLS))
    version = ".".join(str(number) for number in sys.implementation.version[:3])
    python = "{}.{}.{}".format(*sys.version_info[:3])
    runtime = {"implementation": "RustPython", "version": version, "python": python}
    serve(Peer("RustPython " + version, runtime, subjects))


main()
