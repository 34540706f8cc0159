"""What operations make of an object, and what it says of itself, which need not be what its buffer shows."""

from bufspec.declare import exporter

VERDICTS = {
    "regress.turned_as_it_lies": {},
    "regress.ring_in_its_own_order": {},
    "regress.room_for_more": {},
    "regress.frozen_under_a_writable_view": {"breaks": ["field.readonly.truthful"]},
    "regress.left_to_the_collector": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.arrays_in_eight_places": {"breaks": ["lifetime.export.arrays_valid"]},
    "regress.locked_by_an_exception": {"recommends": ["lifetime.export.lock_ends"]},
}


def _declare(name: str, habit: str, operation: str) -> None:
    def make() -> object:
        import stateful

        return stateful.Stateful(habit)

    exporter(f"regress.{name}", operations={operation: lambda it: getattr(it, operation)()}, discover=False)(
        make
    )


_declare("turned_as_it_lies", "turned", "turn")
_declare("ring_in_its_own_order", "ring", "push")
_declare("room_for_more", "room", "push")
_declare("frozen_under_a_writable_view", "frozen", "freeze")
_declare("left_to_the_collector", "collected", "grow")
_declare("arrays_in_eight_places", "turns", "turn")
_declare("locked_by_an_exception", "locked", "grow")
