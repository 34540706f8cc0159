"""Consumers that each misbehave in one way when they meet a memory of one format, and read rightly otherwise.

Named in tests as `consumer bytes consumer_faults:reader(FORMAT, FAULT)`; what a fault does is in faults.py.
"""

from collections.abc import Callable

from faults import (  # noqa: F401
    abort,
    be_fatal,
    close_everything,
    exit_badly,
    exit_well,
    fork,
    fork_and_raise,
    fork_and_return,
    free_twice,
    hang,
    hang_with_the_lock,
    kill_itself,
    leave,
    leave_a_thread,
    segfault,
)

Misdeed = Callable[[], object]


def reader(format: str, misdeed: Misdeed) -> Callable[[object], bytes]:
    """A consumer that gives the elements in C order, and does `misdeed` first where they are of `format`."""

    def read(exported: object) -> bytes:
        with memoryview(exported) as view:  # type: ignore[arg-type]
            if view.format == format:
                misdeed()
            return view.tobytes()

    return read


def dies_of(is_meant: Callable[[memoryview], bool], misdeed: Misdeed) -> Callable[[object], bytes]:
    """As reader(), but the misdeed is done for every memory that `is_meant` says."""

    def read(exported: object) -> bytes:
        with memoryview(exported) as view:  # type: ignore[arg-type]
            if is_meant(view):
                misdeed()
            return view.tobytes()

    return read


def strided(view: memoryview) -> bool:
    """Whether a memory is contiguous in no order, and not for its pointers."""
    return not view.contiguous and not view.suboffsets
