"""How are exporters tried whose requests have flags, and whose struct can be seen?  Adds to any_python."""

import sys

from exporters import Exporter, Run, error_of
from struct_view import StructView

MOST_TIMES = 2000


class StructExporter(Exporter):
    """An exporter whose requests are made by StructView."""

    def __init__(self, name, make, operations=(), **more):
        super().__init__(name, make, operations, view=StructView, unseen=[], **more)
        self.observes = [*self.observes, "canaries", "references"]

    def run(self, message):
        scenario = message["scenario"]
        exporter = self
        if scenario["target"] == "exporter" and scenario["layout"] is not None:
            return super().run(message)  # which skips it
        state = StructRun(exporter)
        try:
            return {"steps": [state.do(step) for step in scenario["steps"]]}
        finally:
            state.end()


class StructRun(Run):
    """One scenario, with references counted."""

    def __init__(self, exporter):
        super().__init__(exporter)
        self.references = self.count()

    def count(self):
        return None if self.target is None else sys.getrefcount(self.target)

    def kept(self):
        """References that are there beyond those at the start and those of the views that are held."""
        now = self.count()
        if now is None or self.references is None:
            return None
        gained = sum(view.references_gained for view, _ in self.held.values())
        return now - self.references - gained

    def do_acquire(self, step):
        if self.target is None:
            return {}
        before = self.count()
        record = super().do_acquire(step)
        answer = record["answer"]
        if not answer["granted"]:
            answer["view"] = {"obj": None}
            answer["canaries_intact"] = True
            after = self.count()
            answer["references_gained"] = after - before
            self.references += after - before
            return record
        view = self.held[step["slot"]][0]
        answer["canaries_intact"] = view.canaries_intact
        answer["unwritten"] = view.unwritten()
        if answer["view"]["obj"] == "exporter":
            answer["references_gained"] = view.references_gained
        return record

    def do_release(self, step, by="release"):
        if step["slot"] not in self.held:
            return {}
        view = self.held.pop(step["slot"])[0]
        is_asked = view.owner() == "exporter"
        released = {"exception_set": False}
        try:
            getattr(view, by)()
        except self.exporter.caught as error:
            released = {"exception_set": True, "unraisable": error_of(error)["exception_name"]}
        released["obj"] = view.owner()
        released["canaries_intact"] = view.held.canaries_intact
        if is_asked:
            released["references_kept"] = self.kept()
        return {"released": released}

    def do_release_copy(self, step):
        return self.do_release(step, "release_copy")

    def do_repeat(self, step):
        if self.target is None:
            return {}
        before, granted, refused = self.count(), 0, 0
        for _ in range(min(step["count"], MOST_TIMES)):
            try:
                view = StructView(self.target, step["flags"])
            except self.exporter.caught:
                refused += 1
                continue
            view.release()
            granted += 1
        kept = self.count() - before
        return {"repeated": {"granted": granted, "refused": refused, "references_kept": kept}}
