"""What does an exporter answer, step by step?  Does the steps of a scenario on a fresh object."""

import binascii
import gc

from memory import Skipped
from views import FULL_RO, View

ERRORS = [
    "BufferError",
    "TypeError",
    "ValueError",
    "IndexError",
    "NotImplementedError",
    "SystemError",
    "UnicodeEncodeError",
    "OverflowError",
    "MemoryError",
]

# The fields of which a view has another form.
FIELDS = {"format_text": "format", "address": "buf"}


def hexadecimal(data):
    text = binascii.hexlify(bytes(data))
    return text if isinstance(text, str) else text.decode()


def error_of(error):
    """An exception in the words of the schema."""
    name = type(error).__name__
    if name in ERRORS:
        return {"error": name, "exception_name": name}
    if name == "error":  # struct.error
        return {"error": "StructError", "exception_name": name}
    return {"error": "other", "exception_name": name}


class Exporter(object):
    """`make()` gives a fresh object; `operations` are pairs of a name and a function of the object."""

    def __init__(self, name, make, operations=(), **more):
        self.name = name
        self.make = make
        self.operations = list(operations)
        self.view = more.pop("view", View)  # of a target and flags; raises what the request raises
        self.caught = more.pop("caught", Exception)
        self.observes = ["struct", "exception", "memory", "content"] + (["mutation"] if operations else [])
        self.unseen = more.pop("unseen", None)
        self.flags = more.pop("flags", FULL_RO)  # of the request by which hello finds out what is unseen
        self.more = more  # expect, readonly, volatile

    def declared(self):
        said = {"name": self.name, "target": "exporter", "observes": self.observes}
        if self.operations:
            said["operations"] = [name for name, _ in self.operations]
        if self.hidden():
            said["unseen"] = self.hidden()
        said.update(self.more)
        return said

    def hidden(self):
        """Names of the fields that cannot be seen."""
        if self.unseen is None:
            view = self.view(self.make(), self.flags)
            self.unseen = view.unseen()
            view.release()
        return list(self.unseen)

    def run(self, message):
        scenario = message["scenario"]
        if scenario["target"] != "exporter" or scenario["layout"] is not None:
            raise Skipped("objects are not made from a layout")
        state = Run(self)
        try:
            return {"steps": [state.do(step) for step in scenario["steps"]]}
        finally:
            state.end()


class Run(object):
    """One scenario: an object, and the views that are held of it."""

    def __init__(self, exporter):
        self.exporter = exporter
        self.target = exporter.make()
        self.held = {}  # slot: (view, fields)
        self.more = []  # views beside them

    def end(self):
        for slot in list(self.held):
            try:
                self.held.pop(slot)[0].release()
            except self.exporter.caught:
                pass
        self.let_go()

    def let_go(self):
        while self.more:
            try:
                self.more.pop(0).release()
            except self.exporter.caught:
                pass

    def do(self, step):
        action = getattr(self, "do_" + step["kind"], None)
        if action is None:
            raise Skipped("no step of kind " + step["kind"])
        return action(step)

    def do_acquire(self, step):
        slot = step["slot"]
        if slot in self.held:
            self.do_release(step)
        target = self.target
        if target is None:
            return {}
        try:
            view = self.exporter.view(target, step["flags"])
        except Skipped:
            raise
        except self.exporter.caught as error:
            answer = {"granted": False}
            answer.update(error_of(error))
            return {"answer": answer}
        fields, data = view.fields(), view.data()
        self.held[slot] = (view, fields)
        hidden = self.exporter.hidden()
        seen = {key: fields[key] for key in fields if FIELDS.get(key, key) not in hidden}
        if "format_text" in seen and seen["format_text"] is None:
            del seen["format_text"]
            seen["format"] = None
        answer = {"granted": True, "view": seen, "data": hexadecimal(data)}
        return {"answer": answer}

    def do_release(self, step):
        if step["slot"] not in self.held:
            return {}
        view = self.held.pop(step["slot"])[0]
        try:
            view.release()
        except self.exporter.caught:
            return {"released": {"exception_set": True}}
        return {"released": {"exception_set": False}}

    def do_read(self, step):
        if step["slot"] not in self.held:
            return {}
        view, fields = self.held[step["slot"]]
        reread = {"changed": []}
        try:
            found = view.fields()
            changed = [name for name in found if found[name] != fields[name]]
            reread["changed"] = [FIELDS.get(name, name) for name in changed]
            reread["data"] = hexadecimal(view.data())
        except self.exporter.caught:
            reread["memory_readable"] = False
        return {"reread": reread}

    def do_write(self, step):
        if step["slot"] not in self.held:
            return {}
        try:
            found = self.held[step["slot"]][0].write()
        except self.exporter.caught:
            return {"written": {"tried": True, "possible": False, "read_back": False}}
        if found is None:
            return {"written": {"tried": False}}
        read_back, restored = found
        return {"written": {"tried": True, "possible": True, "read_back": read_back, "restored": restored}}

    def do_mutate(self, step):
        number = step["operation"]
        if number >= len(self.exporter.operations) or self.target is None:
            return {}
        name, operate = self.exporter.operations[number]
        found = {"operation": name, "views_held": len(self.held) + len(self.more)}
        found.update(self.outcome(operate, self.target, ""))
        if not self.held and not self.more:
            found["twin_tried"] = True
            twin = self.outcome(operate, self.exporter.make(), "twin_")
            twin.pop("twin_error", None)
            found.update(twin)
        return {"mutated": found}

    def do_another(self, step):
        other, number = self.exporter.make(), step["operation"]
        if number < len(self.exporter.operations):
            self.outcome(self.exporter.operations[number][1], other, "")
        try:
            self.exporter.view(other, self.exporter.flags).release()
        except self.exporter.caught:
            pass
        return {}

    def outcome(self, operate, target, prefix):
        try:
            operate(target)
        except self.exporter.caught as error:
            said = error_of(error)
            found = {prefix + key: said[key] for key in said}
            found[prefix + "raised"] = True
            return found
        return {prefix + "raised": False}

    def do_hold(self, step):
        self.let_go()
        for _ in range(step["count"] if self.target is not None else 0):
            try:
                self.more.append(self.exporter.view(self.target, step["flags"]))
            except self.exporter.caught:
                break
        return {}

    def do_collect(self, step):
        gc.collect()
        return {}

    def do_drop(self, step):
        self.target = None
        return {}
