"""What a consumer returns is compared where it holds arrays.

Their `==` compares identities, raises, or finds no NaN equal.
"""

import array
import ctypes
import math

from bufspec.declare import consumer

VERDICTS = {
    "regress.arrays_in_a_dict": {},
    "regress.arrays_in_a_tuple": {},
    "regress.arrays_of_no_number": {},
    "regress.given_and_size": {},
    "regress.same_list_each_time": {"breaks": ["consumer.data.elements_right"]},
    "regress.array_turned_round": {"breaks": ["consumer.data.elements_right", "consumer.data.any_stride"]},
}


class Array(ctypes.Array):
    """Equal to itself alone, and to compare it with another array is an error, as with NumPy's."""

    _length_, _type_ = 64, ctypes.c_ubyte

    def __eq__(self, other: object) -> bool:
        if self is not other:
            raise ValueError("the truth value of an array is ambiguous")
        return True

    __hash__ = None


def array_of(data: bytes) -> Array:
    return Array(*data[:64])


@consumer("regress.arrays_in_a_dict")
def arrays_in_a_dict(exported):
    data = bytes(exported)
    return {"data": array_of(data), "size": len(data), "more": [{"again": array_of(data)}]}


@consumer("regress.arrays_in_a_tuple")
def arrays_in_a_tuple(exported):
    data = bytes(exported)
    return array_of(data), len(data)


@consumer("regress.arrays_of_no_number")
def arrays_of_no_number(exported):
    return array.array("d", [math.nan, len(bytes(exported))]), math.nan


@consumer("regress.given_and_size")
def given_and_size(exported):
    """What it was given is part of what it returns."""
    return exported, len(bytes(exported))


same = []


@consumer("regress.same_list_each_time")
def same_list_each_time(exported):
    """Takes the items of the first dimension for bytes."""
    with memoryview(exported) as view:
        same[:] = [sum(view.tobytes()[: view.shape[0] if view.ndim else 1])]
    return same


@consumer("regress.array_turned_round")
def array_turned_round(exported):
    with memoryview(exported) as view:
        data = bytes(view)
        is_turned = bool(view.ndim == 1 and view.strides[0] < 0)
    return {"data": array_of(data[::-1] if is_turned else data)}
