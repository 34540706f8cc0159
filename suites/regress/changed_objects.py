"""What an object is after an operation: which memory belongs to which view, and whether two views agree.

And more views at once than there are slots in a scenario.
"""

import bufspec
from bufspec.declare import exporter

VERDICTS = {
    "regress.keeps_for_its_views": {},
    "regress.frees_the_current_block": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.frees_at_the_first_release": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.closed_at_the_first_release": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.readonly_of_a_second_view": {"breaks": ["field.readonly.same_for_all"]},
    "regress.room_for_16_views": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.busy_now_and_then": {},
    "regress.not_counted_for_one_word": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.large_items": {},
    "regress.frees_when_it_begins_anew": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.refuses_to_begin_anew": {},
    "regress.order_of_before": {"breaks": ["request.f_contiguous.refused_if_not"]},
}


def _declare(name: str, habit: str, *operations: str, discover: bool = False) -> None:
    def make() -> object:
        import changed

        return changed.Changed(habit)

    calls = {one: lambda it, one=one: getattr(it, one)() for one in operations}
    exporter(f"regress.{name}", operations=calls, discover=discover)(make)


_declare("keeps_for_its_views", "right", "grow", "fold")
_declare("frees_the_current_block", "current", "grow")
_declare("frees_at_the_first_release", "first", "grow")
_declare("closed_at_the_first_release", "closed", "close")
_declare("readonly_of_a_second_view", "flips", "grow")
_declare("room_for_16_views", "shares")
_declare("order_of_before", "stale order", "fold")
_declare("busy_now_and_then", "busy", "fold")
_declare("not_counted_for_one_word", "uncounted", "grow")
_declare("frees_when_it_begins_anew", "anew", discover=True)
_declare("refuses_to_begin_anew", "right", discover=True)


@exporter("regress.large_items")
def large_items() -> object:
    """Of large memory a sample is compared, in which the last item does not begin."""
    return bufspec.Exporter({"format": "4000s", "itemsize": 4000, "shape": [40]})
