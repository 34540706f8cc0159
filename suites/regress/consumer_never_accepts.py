"""A declaration that can never work is not green: every call raises, or none asks for a buffer."""

from bufspec.declare import consumer

VERDICTS = {
    "regress.two_arguments": {"undecided": "plain bytes, too: TypeError"},
    "regress.name_error": {"undecided": "plain bytes, too: NameError"},
    "regress.import_error": {"undecided": "plain bytes, too: ModuleNotFoundError"},
    "regress.of_strings": {"undecided": "refused all"},
    "regress.looks_at_nothing": {"undecided": "requested no buffer"},
}


def importing(exported: object) -> object:
    import no_such_module_anywhere

    return no_such_module_anywhere


consumer("regress.two_arguments")(lambda exported, more: more)
consumer("regress.name_error")(lambda exported: undefined_name(exported))  # type: ignore  # noqa: F821
consumer("regress.import_error")(importing)
consumer("regress.of_strings")(str.upper)
consumer("regress.looks_at_nothing", returns="none")(lambda exported: None)
