"""What do the calls of the tables come to on the memoryview of this Python?  Judges nothing."""

import struct

from exporters import error_of
from memory import Layout, Skipped, element, memoryview_of, numbers_in


class Library(object):
    """A function subject: `make_view` gives a memoryview of a Layout, or raises Skipped."""

    def __init__(self, name, make_view=memoryview_of, has_orders=True, more_calls=None, caught=Exception):
        self.name = name
        self.make_view = make_view
        self.has_orders = has_orders  # of tobytes
        self.caught = caught
        self.calls = {
            "memoryview_slice": self.slice,
            "memoryview_item": self.item,
            "memoryview_tobytes": self.tobytes,
            "memoryview_equal": self.equal,
            "memoryview_release": self.release,
        }
        if hasattr(memoryview, "cast"):
            self.calls["memoryview_cast"] = self.cast
        self.calls.update(more_calls or {})

    def declared(self):
        return {
            "name": self.name,
            "target": "function",
            "observes": ["struct", "result", "exception", "memory"],
            "calls": sorted(self.calls),
        }

    def answer(self, call, given):
        """The answer to a call; Skipped where the memory cannot be had."""
        prepared = self.calls[call](given)
        try:
            return prepared()
        except Skipped:
            raise
        except self.caught as error:
            said = error_of(error)
            name = said["error"] if said["error"] != "other" else said["exception_name"]
            return {"error": name}

    def run(self, message):
        """A scenario of a function: the one that has a memory in the scenario itself."""
        scenario = message["scenario"]
        if scenario["check"] is not None or scenario["layout"] is None or "is_contiguous" not in self.calls:
            raise Skipped("no function of this scenario is offered")
        found = self.answer("is_contiguous", dict(scenario["layout"], order=scenario["order"]))
        return {"steps": [{"called": found} if step["kind"] == "call" else {} for step in scenario["steps"]]}

    # Each of these makes the memory, which may not be possible, and returns the call itself.

    def view(self, given):
        layout = Layout(given)
        return layout, self.make_view(layout)

    def slice(self, given):
        layout, view = self.view(given)

        def call():
            part = view[slice(given.get("start"), given.get("stop"), given.get("step"))]
            return dict(shape_of(part), elements=numbers_in(part.tobytes(), layout.itemsize))

        return call

    def item(self, given):
        layout, view = self.view(given)
        index = given["index"]
        key = index[0] if len(index) == 1 else tuple(index)

        def call():
            value = view[key]
            for k in range(layout.count):
                if struct.unpack(layout.format, bytes(element(k, layout.itemsize)))[0] == value:
                    return {"element": k}
            return {"element": -1}

        return call

    def tobytes(self, given):
        layout, view = self.view(given)
        order = given["order"]
        if not self.has_orders and order != "C":
            raise Skipped("tobytes takes no order")

        def call():
            data = view.tobytes(order) if self.has_orders else view.tobytes()
            return {"elements": numbers_in(data, layout.itemsize)}

        return call

    def equal(self, given):
        left = self.view(given["left"])[1]
        right = self.view(given["right"])[1]
        return lambda: {"result": int(left == right)}

    def cast(self, given):
        view = self.view(given)[1]

        def call():
            arguments = [given["to_format"]]
            if "to_shape" in given:
                arguments.append(tuple(given["to_shape"]))
            made = view.cast(*arguments)
            return dict(shape_of(made), format=made.format)

        return call

    def release(self, given):
        view = memoryview(bytearray(4))
        exports = given["exports"]
        if not hasattr(view, "release"):
            raise Skipped("memoryview has no release")
        held = [self.export(view) for _ in range(exports)]

        def call():
            try:
                view.release()
                return {}
            finally:
                for one in held:
                    one.release()

        return call

    def export(self, view):
        """Something that holds a buffer of a memoryview until its release()."""
        try:
            from pickle import PickleBuffer
        except ImportError:
            raise Skipped("nothing in Python holds a buffer of a memoryview")
        return PickleBuffer(view)


def shape_of(view):
    return {"shape": [int(n) for n in view.shape], "strides": [int(n) for n in view.strides]}
