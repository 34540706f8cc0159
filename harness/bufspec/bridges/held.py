"""Does what an interface hands out keep its memory alive, and let go of it once?

Knows no interface: what is handed out is `taken` from an object, looked at, and dropped.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from bufspec.bridges.memory import (
    MOST,
    RIGHT,
    Seen,
    Verdict,
    api,
    buffer_of,
    judged,
    peek,
    reuse_freed_memory,
    shares,
)

TIMES = 8
MANY = 128
"""Uses of which each leaves a struct behind, if any does; the smallest of those structs has more bytes than
SMALLEST."""
SMALLEST = 40
NO_CALL = "no call when the capsule was dropped"
WAITS, WAIT = 20, 0.005
"""How often, and how many seconds, an object is waited for that seems to be held still."""
SPARE = 64
"""References of ours, so that one that is given up too often is not the last."""
called_late: list[Any] = []
"""What stands in for the functions of structs, which somebody may call as long as the process lives."""


class Taken(NamedTuple):
    """What an interface handed out: `kept` is all that its consumer holds."""

    seen: Seen
    kept: list[Any]


Take = Callable[[Any], Taken | None]
Make = Callable[[], Any]
Ends = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)
"""The function of a struct that ends it, called with its address."""


class Ending(NamedTuple):
    """How what was handed out is ended: by the function at `place`, of the struct in `capsules`.

    `use` does to them what a consumer does. It returns how that consumer ends the struct, given the real
    function, and what has to be kept for it.
    """

    capsules: list[Any]
    place: ctypes.c_void_p
    use: Callable[[], tuple[Callable[[Any], None], Any]]


HandOut = Callable[[Any], Ending | None]


def compared(
    take: Take, compare: Callable[[Seen, Seen], Verdict], is_another: Callable[[Seen, Seen], bool]
) -> Callable[[Make], Verdict]:
    """The check that compares what is taken with the buffer, or leaves it if it `is_another` memory."""

    def check(make: Make) -> Verdict:
        exporter = make()
        taken, buffer = take(exporter), buffer_of(exporter)
        return None if taken is None or buffer is None else judged(buffer, taken.seen, compare, is_another)

    return check


def owner_outlives(make: Make, take: Take) -> Verdict:
    """Whether the memory stays as it was once nobody but the consumer holds anything of it."""
    exporter = make()
    buffer, taken = buffer_of(exporter), take(exporter)
    if buffer is None or taken is None or buffer.is_empty or not shares(buffer, taken.seen):
        return None
    length = min(MOST, buffer.length if buffer.is_c_contiguous else buffer.itemsize)
    before = peek(buffer.address, length)
    del exporter
    gc.collect()
    blocks = reuse_freed_memory(length)
    after = peek(buffer.address, length)
    del blocks
    if after == before:
        return RIGHT
    for one in taken.kept:
        api.Py_IncRef(one)  # to end it may be to use memory that is gone
    found = "memory that cannot be read" if after is None else "memory that the allocator gave away"
    return "the memory, as long as it is held", f"{found} once the object was dropped"


def settled(count: Callable[[], int], before: int) -> int:
    """How many references there are once those beyond `before` are gone that another thread drops."""
    for _ in range(WAITS):
        if count() <= before:
            break
        time.sleep(WAIT)
    return count()


def references_after(exporter: Any, use: Callable[[], None]) -> int:
    """By how many references to the object each of some uses changes what there is, after a first one."""
    spare = [exporter] * SPARE
    use()
    gc.collect()

    def count() -> int:
        return sys.getrefcount(exporter)

    before = count()
    for _ in range(TIMES):
        use()
    gc.collect()
    change = settled(count, before) - before
    for _ in range(max(0, -change)):
        api.Py_IncRef(exporter)
    del spare
    return change // TIMES if change >= 0 else -(-change // TIMES)


def in_words(change: int) -> Verdict:
    """What a change of references comes to."""
    if change == 0:
        return RIGHT
    return "the references as before", f"{change:+} each time"


def released_once(make: Make, take: Take) -> Verdict:
    """Whether the object has as many references as before once what was handed out is dropped."""
    exporter = make()
    if take(exporter) is None:
        return None

    def use() -> None:
        take(exporter)

    return in_words(references_after(exporter, use))


class Counted:
    """A function of a struct that ends it: put in the place of the real one, it counts its calls."""

    def __init__(self, place: ctypes.c_void_p) -> None:
        self.calls = 0
        self.is_null = not place.value
        self.real = Ends(place.value) if place.value else None
        self.stand_in = Ends(self.call)
        if not self.is_null:
            place.value = ctypes.cast(self.stand_in, ctypes.c_void_p).value

    def call(self, struct: int) -> None:
        """Count, and end it the first time."""
        self.calls += 1
        if self.calls == 1 and self.real is not None:
            self.real(struct)


class MallInfo(ctypes.Structure):
    """What the allocator of the C library says of itself."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in [
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        ]
    )


def bytes_in_use() -> int | None:
    """The bytes that the allocator of the C library has given out; None if that is not the GNU library."""
    ask = getattr(api, "mallinfo2", None)
    if ask is None:
        return None
    ask.restype = MallInfo
    found = ask()
    return int(found.uordblks + found.hblkhd)


def grows(use: Callable[[], None]) -> bool:
    """Whether each use leaves a struct more behind, as two of three rounds show; False if nobody can say."""
    use()
    grown = []
    for _ in range(3):
        before = bytes_in_use()
        for _ in range(MANY):
            use()
        after = bytes_in_use()
        grown.append(None if before is None or after is None else after - before)
    return all(one is not None and one >= MANY * SMALLEST for one in grown[1:])


def ended_once(exporter: Any, counted: Counted, drop: Callable[[], None], held: int) -> Verdict:
    """Whether dropping an unused capsule calls the function that ends it once; None if nobody could see it.

    A capsule that lets go of what it held in another way has ended it, too: `held` references to the object.
    """
    before = sys.getrefcount(exporter)
    drop()
    let_go = before - sys.getrefcount(exporter)
    called_late.append(counted)
    if counted.calls > 1:
        return "one call of the function that ends it", f"{counted.calls} calls"
    if counted.calls == 1 or counted.is_null or (held > 0 and let_go >= held):
        return RIGHT
    return None if held <= 0 else ("one call of the function that ends it", NO_CALL)


def unused_ended(make: Make, hand_out: HandOut) -> Verdict:
    """Whether a capsule that nobody consumed ends what is in it once when it is dropped.

    As ended_once(); where that sees nothing, whether memory of the process stays behind.
    """
    exporter = make()
    before = sys.getrefcount(exporter)
    handed = hand_out(exporter)
    if handed is None:
        return None
    held = sys.getrefcount(exporter) - before

    def take_and_drop() -> None:
        hand_out(exporter)

    found = ended_once(exporter, Counted(handed.place), handed.capsules.clear, held)
    if found is None:
        found = ("one call of the function that ends it", NO_CALL) if grows(take_and_drop) else RIGHT
    return found if found != RIGHT else in_words(references_after(exporter, take_and_drop))


def used_not_ended(make: Make, hand_out: HandOut, owed: str, found: str) -> Verdict:
    """Whether a capsule that was consumed leaves the end to its consumer, who lets go of all by it.

    `owed` and `found` say it where the capsule ends it, too.
    """
    exporter = make()
    if hand_out(exporter) is None:
        return None
    calls: list[int] = []
    fewest: list[int] = []

    def count() -> int:
        return sys.getrefcount(exporter)

    def use() -> None:
        # what another thread still drops would seem to be dropped by the capsule
        before = settled(count, min(fewest)) if fewest else count()
        fewest.append(before)
        handed = hand_out(exporter)
        if handed is None:
            return
        held = sys.getrefcount(exporter) - before
        counted = Counted(handed.place)
        end, kept = handed.use()
        handed.capsules.clear()
        calls.append(counted.calls or sys.getrefcount(exporter) - before < held)
        if not calls[-1] and counted.real is not None:
            end(counted.real)
        called_late.append((counted, kept))

    change = references_after(exporter, use)
    return (owed, found) if any(calls) else in_words(change)
