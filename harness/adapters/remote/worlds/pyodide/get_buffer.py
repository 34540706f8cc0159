"""What does PyProxy.getBuffer() of JavaScript make of a memory?  A consumer that is no Python."""

import ctypes
import gc

from exporters import error_of
from memory import Skipped
from struct_view import SSIZE, Struct

api = ctypes.pythonapi
api.PyMemoryView_FromBuffer.argtypes = [ctypes.c_void_p]
api.PyMemoryView_FromBuffer.restype = ctypes.py_object
ACCEPTS = ["contiguous", "fortran", "strided", "several_dims", "readonly", "items"]
BEHAVIOURS = {"fresh_block", "poisoned", "own_arrays", "collects"}
POISON = 0xDB


def has_other_size(format):
    """Whether a format has a code whose native size is another one on machines with pointers of 8 bytes."""
    is_native = True
    for letter in format:
        if letter in "@^=<>!":
            is_native = letter in "@^"
        elif letter in "nNPO&" or (is_native and letter in "lL"):
            return True
    return False


def c_strides(layout):
    strides, step = [], layout["itemsize"]
    for extent in reversed(layout["shape"]):
        strides.insert(0, step)
        step *= extent
    return strides


class Block:
    """The bytes of a memory, and a memoryview of it as the layout has it."""

    def __init__(self, layout, content):
        self.bytes = (ctypes.c_ubyte * max(len(content), 1)).from_buffer_copy(content or b"\0")
        ndim = len(layout["shape"])
        extents = SSIZE * max(ndim, 1)
        self.format = ctypes.create_string_buffer(layout["format"].encode("utf-8", "surrogateescape"))
        self.shape = extents(*layout["shape"])
        self.strides = extents(*(c_strides(layout) if layout["strides"] is None else layout["strides"]))
        size = layout["itemsize"]
        for extent in layout["shape"]:
            size *= extent
        self.struct = Struct(
            buf=ctypes.addressof(self.bytes) + layout["offset"],
            len=size,
            itemsize=layout["itemsize"],
            readonly=int(layout["readonly"]),
            ndim=ndim,
            format=ctypes.addressof(self.format),
            shape=ctypes.addressof(self.shape) if ndim else 0,
            strides=ctypes.addressof(self.strides) if ndim else 0,
        )
        self.view = api.PyMemoryView_FromBuffer(ctypes.addressof(self.struct))


class Memory:
    """An exporter of a layout, which writes down each request, and has some of the behaviours."""

    def __init__(self, layout, content, behaviours):
        self.layout, self.content, self.behaviours = layout, content, behaviours
        self.blocks = []
        self.requests = []
        self.stray_releases = 0

    def __buffer__(self, flags):
        if not self.blocks or "fresh_block" in self.behaviours:
            self.blocks.append(Block(self.layout, self.content))
        if "collects" in self.behaviours:
            gc.collect()
        request = {"flags": int(flags), "granted": False, "releases": 0}
        view = memoryview(self.blocks[-1].view)
        self.requests.append((request, self.blocks[-1], view))
        request["granted"] = True
        return view

    def __release_buffer__(self, view):
        found = [(request, block) for request, block, given in self.requests if given is view]
        if not found:
            self.stray_releases += 1
            return
        request, block = found[0]
        request["releases"] += 1
        if "poisoned" in self.behaviours:
            ctypes.memset(ctypes.addressof(block.bytes), POISON, len(block.bytes))

    def is_changed(self):
        """Whether somebody else wrote into memory that is held."""
        return any(
            bytes(block.bytes)[: len(self.content)] != self.content
            for request, block, _ in self.requests
            if request["releases"] == 0
        )


class GetBuffer:
    """The consumer; `take` is a function of JavaScript that gives a handle with read() and release()."""

    def __init__(self, name, take):
        self.name = name
        self.take = take

    def declared(self):
        return {
            "name": self.name,
            "target": "consumer",
            "observes": ["requests", "result", "exception", "memory"],
            "kind": "keeps",
            "accepts": ACCEPTS,
        }

    def run(self, message):
        scenario = message["scenario"]
        strange = sorted(set(scenario["behaviours"]) - BEHAVIOURS)
        if strange:
            raise Skipped("the exporter of the peer is never " + strange[0])
        if scenario["refused_requests"]:
            raise Skipped("the exporter of the peer refuses nothing")
        if scenario["layout"]["suboffsets"] is not None:
            raise Skipped("the exporter of the peer has no suboffsets")
        if has_other_size(scenario["layout"]["format"]):
            raise Skipped("a long and a pointer have 4 bytes there, and the memory is one of 8")
        content = bytes.fromhex(message["memory"]["block"])
        memory = Memory(scenario["layout"], content, scenario["behaviours"])
        held = {}
        try:
            return {"steps": [self.do(step, memory, held) for step in scenario["steps"]]}
        finally:
            for handle in held.values():
                handle.release()

    def do(self, step, memory, held):
        kind = step["kind"]
        found = {"called": kind == "consume"}
        if kind == "consume":
            try:
                held[step["slot"]] = handle = self.take(memory)
                found["data"] = handle.read()
            except Exception as error:
                # JavaScript has its own exceptions: which type it is says nothing.
                found.update(error_of(error), raised=True, is_declared_refusal=True)
        elif kind == "read":
            if step["slot"] in held:
                found["data"] = held[step["slot"]].read()
        elif kind == "release":
            if step["slot"] in held:
                held.pop(step["slot"]).release()
        elif kind == "collect":
            gc.collect()
        else:
            raise Skipped("no step " + kind)
        found["results_held"] = len(held)
        found["requests"] = [dict(request) for request, *_ in memory.requests]
        found["stray_releases"] = memory.stray_releases
        found["elements_changed"] = memory.is_changed()
        return {"consumed": found}
