"""Which rules cannot be judged of a peer's subject although it makes the observations that they need?

A rule names observations, and `struct` is one for the whole struct.  A peer may see some fields of it only: a
rule about another one is skipped, and says so.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable

from bufspec.remote.messages import Message

ORDER = (
    "request.strides.*",
    "request.simple.*",
    "request.contiguous.*",
    "request.?_contiguous.*",
    "request.any_contiguous.*",
    "request.refusal.needless",
    "request.indirect.*",
    "request.stray_bits.*",
    "layout.contiguous.*",
)
"""Rules about the order in which the elements lie, which shape, strides and suboffsets say together."""
RULES_ABOUT: dict[str, tuple[str, ...]] = {
    "buf": ("field.buf.*", "request.contiguous.copy", "field.readonly.of_a_copy"),
    "obj": ("field.obj.*", "error.obj.*", "lifetime.release.obj_null"),
    "len": ("field.len.*",),
    "itemsize": ("field.itemsize.*", "field.len.*", "format.itemsize.*", "field.strides.at_least_itemsize"),
    "readonly": (
        "field.readonly.*",
        "request.writable.*",
        "request.refusal.needless",
        "request.stray_bits.*",
    ),
    "ndim": ("field.ndim.*", "request.ndim.*", "request.stray_bits.*"),
    "format": ("format.*", "request.format.*", "request.stray_bits.*"),
    "shape": ("field.shape.*", "request.nd.*", "field.len.*", *ORDER),
    "strides": ("field.strides.[!e]*", *ORDER),
    "suboffsets": ("field.suboffsets.*", *ORDER),
    "absence": (
        "request.*.absent",
        "request.*_absent",
        "field.*.zero_dim_null",
        "field.suboffsets.null_if_none",
    ),
}
FILLED = "field.struct.all_filled"
"""Shows only in a struct that held a pattern before: whoever looks at the bytes around it fills it, too."""


SIZES = "format.itemsize.*"
"""Of a long and of a pointer, which are other ones on other machines than those that the tables have."""


def unjudged(subject: Message, rules: Iterable[str], *, pointer_bytes: int = 8) -> dict[str, str]:
    """Those of the rules that the peer cannot show anything of, with the reason of each."""
    found: dict[str, str] = {}
    for rule in rules:
        if pointer_bytes != 8 and fnmatch.fnmatchcase(rule, SIZES):
            found[rule] = f"a pointer has {pointer_bytes} bytes there, and native sizes differ"
            continue
        fields = [
            field
            for field in subject.get("unseen", ())
            if any(fnmatch.fnmatchcase(rule, pattern) for pattern in RULES_ABOUT[field])
        ]
        if fields:
            found[rule] = f"the peer cannot see {', '.join(fields)}"
            if fields == ["absence"]:
                found[rule] = "the peer cannot see the absence of a field"
        elif rule == FILLED and "canaries" not in subject["observes"]:
            found[rule] = "the peer does not observe canaries"
    return found
