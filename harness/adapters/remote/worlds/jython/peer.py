"""The peer of Jython: its exporters by its own protocol in Java, and its memoryview.  Python 2.7."""

import sys
from array import array

from bufspec.jython import Held
from exporters import Exporter, hexadecimal
from java.lang import Exception as JavaException
from library import Library
from memory import Layout, Skipped, memoryview_of, number_of, numbers_in
from messages import Peer, serve
from subjects import BYTES, RESIZES

CAUGHT = (Exception, JavaException)
# buf is a place in a Java array, which is no address; a refused request leaves no struct, and so no obj.
UNSEEN = ["buf", "obj"]


class JavaView(object):
    """A PyBuffer that is held."""

    def __init__(self, target, flags):
        self.held = Held.acquire(target, flags)

    def fields(self):
        held = self.held
        return {
            "len": held.length(),
            "itemsize": held.itemsize(),
            "readonly": int(held.isReadonly()),
            "ndim": held.ndim(),
            "format_text": held.format(),
            "shape": listed(held.shape()),
            "strides": listed(held.strides()),
            "suboffsets": listed(held.suboffsets()),
        }

    def data(self):
        return bytearray(list(self.held.data()))

    def write(self):
        held = self.held
        before = self.data()
        if held.isReadonly() or not before:
            return None
        held.store(before[0] ^ 255, 0)
        read_back = held.at([0]) == before[0] ^ 255
        held.store(before[0], 0)
        return read_back, self.data() == before

    def release(self):
        self.held.release()


def listed(numbers):
    return None if numbers is None else [int(number) for number in numbers]


# The calls that Jython has a counterpart of.  All of its core is memory of bytes in one dimension.


def held_of(given, flags=0x11C):
    layout = Layout(given)
    return layout, Held.acquire(memoryview_of(layout), flags)


def check_buffer(given):
    target = "x" if given["object"] == "exporter" else 1
    return lambda: {"result": int(Held.isExporter(target))}


def flag_named(name):
    value = Held.flag(name)
    if value is None:
        raise Skipped("PyBUF has no " + name)
    return value


def compound_value(given):
    value = flag_named(given["name"])
    return lambda: {"result": value}


def is_contiguous(given):
    held = held_of(given)[1]
    return lambda: {"result": int(held.isContiguous(given["order"]))}


def get_pointer(given):
    held = held_of(given)[1]
    return lambda: {"element": number_of(bytearray([held.at(given["index"])]))}


def to_contiguous(given):
    layout, held = held_of(given)
    if "length" in given:
        raise Skipped("copyTo takes no length")
    return lambda: {"elements": numbers_in(bytearray(list(held.data())), layout.itemsize)}


def get_buffer(given):
    layout = Layout(given)
    view = memoryview_of(layout)

    def call():
        held = Held.acquire(view, given["flags"])
        found = {
            "granted": True,
            "ndim": held.ndim(),
            "shape": held.shape() is not None,
            "strides": held.strides() is not None,
            "suboffsets": held.suboffsets() is not None,
            "format": held.format() is not None,
        }
        held.release()
        return found

    return call


CALLS = {
    "check_buffer": check_buffer,
    "compound_value": compound_value,
    "get_buffer": get_buffer,
    "get_pointer": get_pointer,
    "is_contiguous": is_contiguous,
    "to_contiguous": to_contiguous,
}


class JavaLibrary(Library):
    def export(self, view):
        return Held.acquire(view, 0)


def exporters():
    return [
        ("str", lambda: str(BYTES), [], BYTES, {"readonly": True}),
        ("bytearray", lambda: bytearray(BYTES), RESIZES, BYTES, {}),
        ("array_b", lambda: array("b", list(BYTES)), RESIZES, BYTES, {}),
        ("memoryview", lambda: memoryview(bytearray(BYTES)), [], BYTES, {}),
        ("memoryview_sliced", lambda: memoryview(bytearray(BYTES))[::3], [], BYTES[::3], {}),
        ("memoryview_reversed", lambda: memoryview(str(BYTES))[::-1], [], BYTES[::-1], {}),
        ("memoryview_empty", lambda: memoryview(bytearray(0)), [], bytearray(), {}),
    ]


JAVA = {"view": JavaView, "unseen": UNSEEN, "caught": CAUGHT}
SUBJECTS = [
    Exporter("jython." + name, make, operations, expect=hexadecimal(data), **dict(JAVA, **more))
    for name, make, operations, data, more in exporters()
]
SUBJECTS.append(JavaLibrary("jython.memoryview_type", has_orders=False, more_calls=CALLS, caught=CAUGHT))

VERSION = ".".join(str(number) for number in sys.version_info[:3])
RUNTIME = {"implementation": "Jython", "version": VERSION, "python": VERSION}

serve(Peer("Jython " + VERSION, RUNTIME, SUBJECTS, CAUGHT))
