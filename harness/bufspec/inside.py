"""A view that a callback takes while an operation changes the object: which one, and what becomes of it?

The judge gets that view as one that a method makes (`views=`).  What it was made of may be freed or moved by
the rest of the operation; an object that lets that happen is wrong, one that refuses to go on is right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

Change = Callable[[Any, Callable[..., object]], object]
"""What changes an object and calls back while it does: a function of the object and of what it is to call."""


@frozen
class WhileChanging:
    """Makes the view; a callable of the object, as `views` takes."""

    change: Change
    take: Callable[[Any], object]

    def __call__(self, owner: Any) -> object:
        taken: list[object] = []

        def call_back(*_: object) -> int:
            if not taken:
                taken.append(self.take(owner))
            return 0

        try:
            self.change(owner, call_back)
        except Exception:
            if not taken:
                raise
        if not taken:
            raise BufferError("the operation did not call back")
        return taken.pop()


def while_changing(change: Change, view: Callable[[Any], object] = memoryview) -> WhileChanging:
    """The view that `view` takes of an object (default: a memoryview of it) while `change` runs.

        views={"while_sorting": while_changing(lambda it, call_back: it.sort(key=call_back))}

    `change` gets the object and a function to call back with, which takes any arguments and returns 0.  An
    exception after that, such as the BufferError of an object that is exported, is one way to be right.
    """
    return WhileChanging(change, view)
