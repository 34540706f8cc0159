"""What does PyProxy.getBuffer() of JavaScript make of a memory?  A consumer that is no Python."""

import ctypes

from exporters import error_of, hexadecimal
from memory import Skipped
from struct_view import SSIZE, Struct

api = ctypes.pythonapi
api.PyMemoryView_FromBuffer.argtypes = [ctypes.c_void_p]
api.PyMemoryView_FromBuffer.restype = ctypes.py_object
ACCEPTS = ["contiguous", "fortran", "strided", "several_dims", "readonly", "items"]


class Memory:
    """An object with a memory of that layout, which writes down each request."""

    def __init__(self, layout, block):
        self.block = (ctypes.c_ubyte * max(len(block), 1)).from_buffer_copy(block or b"\0")
        ndim = len(layout["shape"])
        extents = SSIZE * max(ndim, 1)
        self.format = ctypes.create_string_buffer(layout["format"].encode("utf-8", "surrogateescape"))
        strides = layout["strides"]
        if strides is None:
            strides, step = [], layout["itemsize"]
            for extent in reversed(layout["shape"]):
                strides.insert(0, step)
                step *= extent
        self.shape, self.strides = extents(*layout["shape"]), extents(*strides)
        size = layout["itemsize"]
        for extent in layout["shape"]:
            size *= extent
        self.struct = Struct(
            buf=ctypes.addressof(self.block) + layout["offset"],
            obj=0,
            len=size,
            itemsize=layout["itemsize"],
            readonly=int(layout["readonly"]),
            ndim=ndim,
            format=ctypes.addressof(self.format),
            shape=ctypes.addressof(self.shape) if ndim else 0,
            strides=ctypes.addressof(self.strides) if ndim else 0,
            suboffsets=0,
            internal=0,
        )
        self.view = api.PyMemoryView_FromBuffer(ctypes.addressof(self.struct))
        self.requests = []

    def __buffer__(self, flags):
        self.requests.append({"flags": int(flags), "granted": True, "releases": 0})
        return self.view

    def __release_buffer__(self, view):
        for request in reversed(self.requests):
            if request["releases"] == 0:
                request["releases"] = 1
                break


class GetBuffer:
    """The consumer; `take` is a function of JavaScript that gives the elements in hexadecimal."""

    def __init__(self, name, take):
        self.name = name
        self.take = take

    def declared(self):
        return {
            "name": self.name,
            "target": "consumer",
            "observes": ["requests", "result", "exception", "memory"],
            "kind": "reads",
            "accepts": ACCEPTS,
        }

    def run(self, message):
        scenario = message["scenario"]
        if scenario["behaviours"] or scenario["refused_requests"]:
            raise Skipped("the exporter of the peer has no behaviours")
        layout = scenario["layout"]
        if layout["suboffsets"] is not None:
            raise Skipped("the exporter of the peer has no suboffsets")
        steps = [step["kind"] for step in scenario["steps"]]
        if set(steps) - {"consume", "release"}:
            raise Skipped("no step " + sorted(set(steps) - {"consume", "release"})[0])
        memory = Memory(layout, bytes.fromhex(message["memory"]["block"]))
        before = bytes(memory.block)
        return {"steps": [self.consumed(kind, memory, before) for kind in steps]}

    def consumed(self, kind, memory, before):
        found = {"called": kind == "consume", "results_held": 0}
        if kind == "consume":
            try:
                found["data"] = self.take(memory)
            except Exception as error:
                found.update(error_of(error), raised=True)
        found["requests"] = [dict(one) for one in memory.requests]
        found["elements_changed"] = hexadecimal(memory.block) != hexadecimal(before)
        return {"consumed": found}
