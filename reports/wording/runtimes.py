"""What did the interpreter owe, and what was found?  Two sentences a rule."""

from __future__ import annotations

from bufspec.reports.wording.values import (
    Make,
    Sentences,
    number_in,
    order_in,
    text_in,
)
from bufspec.values import Finding


def _function(one: Finding) -> Sentences:
    return Sentences(f"{number_in(one['owed'])} for order {order_in(one)}", text_in(one["found"]))


def _pep688(one: Finding) -> Sentences:
    found = text_in(one["found"] if one["aspect"] == "raised" else one["given"])
    return Sentences("what PEP 688 says", found)


BY_RULE: dict[str, Make] = {
    "function.is_contiguous.agrees": _function,
    **dict.fromkeys(
        (
            "pep688.exporter.looked_up_on_type",
            "pep688.exporter.returns_memoryview",
            "pep688.exporter.inherited_slot",
            "pep688.exporter.restricted_view",
            "pep688.flags.unmodified",
            "pep688.flags.mismatch_refused",
            "pep688.release.result_ignored",
            "pep688.method.synthesised",
            "pep688.method.arguments_checked",
            "pep688.names.buffer_flags",
        ),
        _pep688,
    ),
}
