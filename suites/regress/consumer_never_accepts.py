"""A declaration that can never work is not green: every call raises, or none asks for a buffer."""

import ctypes
from typing import Any

import consumers as in_c
from bufspec.declare import consumer
from by_ctypes.view import View, get, release

VERDICTS = {
    "regress.two_arguments": {"undecided": "plain bytes, too: TypeError"},
    "regress.name_error": {"undecided": "plain bytes, too: NameError"},
    "regress.import_error": {"undecided": "plain bytes, too: ModuleNotFoundError"},
    "regress.of_strings": {"undecided": "refused all"},
    "regress.looks_at_nothing": {"undecided": "requested no buffer"},
    "regress.two_arguments_in_c": {"undecided": "plain bytes, too: TypeError"},
    "regress.import_error_in_c": {"undecided": "plain bytes, too: ModuleNotFoundError"},
    "regress.of_strings_in_c": {"undecided": "refused all"},
    "regress.argument_of_another_type": {"undecided": "plain bytes, too: ArgumentError"},
    "regress.no_such_function": {"undecided": "plain bytes, too: AttributeError"},
    "regress.asked_and_always_refused": {"undecided": "refused all"},
}


def importing(exported: object) -> object:
    import no_such_module_anywhere

    return no_such_module_anywhere


consumer("regress.two_arguments")(lambda exported, more: more)
consumer("regress.name_error")(lambda exported: undefined_name(exported))  # type: ignore  # noqa: F821
consumer("regress.import_error")(importing)
consumer("regress.of_strings")(str.upper)
consumer("regress.looks_at_nothing", returns="none")(lambda exported: None)
consumer("regress.two_arguments_in_c")(in_c.two_arguments)
consumer("regress.import_error_in_c")(in_c.import_error)
consumer("regress.of_strings_in_c")(in_c.of_strings)

libc = ctypes.CDLL(None)
libc.abs.argtypes = (ctypes.c_int,)
consumer("regress.argument_of_another_type")(lambda exported: libc.abs(exported))
consumer("regress.no_such_function")(lambda exported: libc.no_such_function_anywhere(exported))


@consumer("regress.asked_and_always_refused")
def always_refused(exported: Any) -> None:
    view = View()
    get(exported, ctypes.byref(view), 0x11C)
    release(ctypes.byref(view))
    raise ValueError("the header is missing")
