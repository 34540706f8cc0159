"""What may be done to an object that changes its size or ends it: the usual names, and those declared.

Only names are looked at here; what calling them comes to is for the judge to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from bufspec import _engine
from bufspec.declare import Subject
from bufspec.wire.views import MakesViews, OfOwner

Operation = Callable[[Any], object]
LARGE = 1 << 20
"""Elements of an object whose memory is not tripled to see whether it can grow."""


def _element(obj: Any) -> Any:
    """One of the object's own elements, which it will take as a new one; 0 if it has none."""
    try:
        return obj[0]
    except Exception:
        return 0


def _size(obj: Any) -> int:
    try:
        return len(obj)
    except TypeError:
        return 1


def _resize(obj: Any) -> None:
    """To another size; where one number is none, to as many rows, columns and planes as it takes."""
    size = 2 * _size(obj) + 1
    few = min(size, 65)
    for given in ((size,), (few, few)):
        try:
            obj.resize(*given)
        except TypeError:
            continue
        return
    obj.resize(few, few, few)


def _write_beyond_end(obj: Any) -> None:
    obj.seek(0, 2)
    obj.write(b"beyond the end of what is there " * 4)


def _delete_slice(obj: Any) -> None:
    del obj[: _size(obj) // 2 + 1]


def _part(obj: Any) -> Any:
    """All elements; of a large object half of them, so that no operation needs three times its memory."""
    size = _size(obj)
    return obj[:] if size <= LARGE else obj[: size // 2]


def _add_in_place(obj: Any) -> None:
    obj += _part(obj)


def _multiply_in_place(obj: Any) -> None:
    obj *= 2 if _size(obj) > LARGE else 3


def _assign_slice(obj: Any) -> None:
    obj[:0] = _part(obj)


def _extend_calling_back(obj: Any) -> None:
    """Each new element comes of code that looks at the object, as a generator of a user's may."""

    def elements() -> Iterator[Any]:
        for _ in range(33):
            memoryview(obj).release()
            yield _element(obj)

    obj.extend(elements())


def _extend_raising(obj: Any) -> None:
    """The elements end in an exception; what the object raises itself goes through."""

    def elements() -> Iterator[Any]:
        yield from [_element(obj)] * 33
        raise _Ended

    with suppress(_Ended):
        obj.extend(elements())


class _Ended(Exception):
    """Raised by an operation itself: it says nothing of the object."""


def _init_again(obj: Any) -> None:
    """As a class in Python may whose constructor calls another's; without arguments where that is
    possible."""
    try:
        obj.__init__()
    except TypeError:
        obj.__init__(_part(obj))


METHODS: dict[str, Operation] = {
    "append": lambda obj: obj.append(_element(obj)),
    "extend": lambda obj: obj.extend([_element(obj)] * 33),
    "insert": lambda obj: obj.insert(0, _element(obj)),
    "pop": lambda obj: obj.pop(),
    "remove": lambda obj: obj.remove(_element(obj)),
    "clear": lambda obj: obj.clear(),
    "resize": _resize,
    "truncate": lambda obj: obj.truncate(0),
    "frombytes": lambda obj: obj.frombytes(bytes(64)),
    "close": lambda obj: obj.close(),
    "release": lambda obj: obj.release(),
    "reserve": lambda obj: obj.reserve(2 * _size(obj) + 1),
    "shrink_to_fit": lambda obj: obj.shrink_to_fit(),
    "sort": lambda obj: obj.sort(),
    "reverse": lambda obj: obj.reverse(),
    "detach": lambda obj: obj.detach(),
    "dispose": lambda obj: obj.dispose(),
}
"""Methods by their name, each called so that the usual types take it."""

INIT_AGAIN: dict[str, Operation] = {"init_again": _init_again}
"""For types that have an `__init__` of their own."""


def _in_a_with(obj: Any) -> None:
    with obj:
        pass


EXIT: dict[str, Operation] = {"exit": _in_a_with}
"""A `with`, for types that have one: its end is that of many an object."""

LIST_LIKE: dict[str, tuple[str, Operation]] = {
    "add_in_place": ("__iadd__", _add_in_place),
    "multiply_in_place": ("__imul__", _multiply_in_place),
    "delete_slice": ("__delitem__", _delete_slice),
    "assign_slice": ("__setitem__", _assign_slice),
}
"""Operators that change the size, of types that can grow; elsewhere they do something else."""


CALLING: dict[str, Operation] = {
    "extend_calling_back": _extend_calling_back,
    "extend_raising": _extend_raising,
}
"""Operations that call back, or raise, in the middle; of types that have `extend`."""


def usual_operations(obj: object) -> dict[str, Operation]:
    """The usual operations that the type of `obj` has, in the order of the lists above."""
    kind = type(obj)
    found = {name: call for name, call in METHODS.items() if callable(getattr(kind, name, None))}
    if "append" in found or "extend" in found:
        found |= {name: call for name, (method, call) in LIST_LIKE.items() if hasattr(kind, method)}
    if callable(getattr(kind, "seek", None)) and callable(getattr(kind, "write", None)):
        found["write_beyond_end"] = _write_beyond_end
    if "extend" in found:
        found |= CALLING
    if kind.__init__ is not object.__init__:
        found |= INIT_AGAIN
    if all(callable(getattr(kind, name, None)) for name in ("__enter__", "__exit__")):
        found |= EXIT
    return found


def operations_of(subject: Subject, obj: object, *, discover: bool) -> dict[str, Operation]:
    """The operations to try on such objects: those declared, then the usual ones if they are to be found.

    A declared operation takes the place of a usual one of its name.
    """
    made_by = obj.owner if type(obj) is _engine.ViewOf else obj  # isinstance() would ask the object itself
    found = usual_operations(made_by) if discover and subject.discover else {}
    return {
        **subject.operations,
        **{name: call for name, call in found.items() if name not in subject.operations},
    }


def named_operations(subject: Subject, names: list[str]) -> list[tuple[str, Operation]]:
    """The operations of those names, which operations_of() gave, in that order."""
    usual = METHODS | {name: call for name, (_, call) in LIST_LIKE.items()}
    usual |= {"write_beyond_end": _write_beyond_end, **INIT_AGAIN, **EXIT, **CALLING}
    if isinstance(subject.what, MakesViews):
        usual = {name: OfOwner(call) for name, call in usual.items()}
    known = {**usual, **subject.operations}
    return [(name, known[name]) for name in names]
