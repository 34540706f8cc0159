"""Which advice fits what was found, and the type of the object?

A hint of the tables speaks to who writes bf_getbuffer in C.  Nobody is told to change what the type does not
have: a class in Python has no slots, and not every type has bf_releasebuffer.
"""

from __future__ import annotations

import re

from bufspec.tables.rulebook import RuleText
from bufspec.values import Finding, is_interface_missing, of_kind
from bufspec.words import CHECKS_OF_BRIDGES, COUNTED_ITEMS, IN_PYTHON

MISREAD_AS_ITEMS = ("counted_items", "of_itemsize")

OF_C = re.compile(r"bf_\w+|view->|\bPy[A-Z_]\w*|\bNULL\b|\bReturn -1\b|\bslot\b")
FOR_PYTHON = (
    "Return a memoryview from __buffer__ that fits the flags, or raise BufferError: the interpreter fills "
    "in the struct from it."
)

REFUSAL = (
    "Hand out what the interface documents; to refuse, raise BufferError, or AttributeError in a property."
)


COMPARED = ("result_as_of_bytes", "result_as_of_items")
CONTENTS = ("b'", 'b"', "bytearray(", "[")
"""How a result begins that holds elements, and so is no fact about the memory."""
FACTS = (
    'If the result says what the memory is (len, format, shape), not what is in it, declare returns="none".'
)


def advice(rule: RuleText, finding: Finding, kind: str) -> str | None:
    """The hint of a broken rule; `kind` is one of the circumstances of the type, or empty."""
    hint = _advice(rule, finding, kind)
    return f"{hint or ''} {FACTS}".strip() if _may_be_facts(finding) else hint


def _may_be_facts(finding: Finding) -> bool:
    """Whether a result that was compared may be about the memory: in no known way wrong as elements are."""
    misread, owed = of_kind(finding["given"], "misreading"), finding["owed"]
    is_known = misread is not None and misread not in MISREAD_AS_ITEMS
    return (
        finding["aspect"] in COMPARED
        and not is_known
        and not (isinstance(owed, str) and owed.startswith(CONTENTS))
    )


def _advice(rule: RuleText, finding: Finding, kind: str) -> str | None:
    if rule.id in CHECKS_OF_BRIDGES and is_interface_missing(finding):
        return REFUSAL
    if COUNTED_ITEMS in rule.hint_if and of_kind(finding["given"], "misreading") in MISREAD_AS_ITEMS:
        return rule.hint_if[COUNTED_ITEMS]
    if kind in rule.hint_if:
        return rule.hint_if[kind]
    if kind == IN_PYTHON and OF_C.search(rule.hint):
        return FOR_PYTHON
    return rule.hint or None
