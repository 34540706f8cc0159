"""What did an exporter, or a function of the interpreter, owe, and what was found?  Two sentences a rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bufspec.reports.value_texts import (
    fields_of,
    joined,
    more_or_fewer,
    number_in,
    order_in,
    pointer_in,
    quoted,
    requests_in,
    requests_made,
    text_in,
    tuple_of,
)
from bufspec.values import Finding, of_kind


class Sentences(NamedTuple):
    """What was expected and what was found, in words."""

    expected: str
    found: str


Make = Callable[[Finding], Sentences]


def _not_refused(one: Finding) -> Sentences:
    return Sentences(f"a refusal of {one['name']}", "granted")


def _refused(one: Finding) -> Sentences:
    granted = joined(requests_in(one["owed"])[:1])
    return Sentences(f"{one['name']} granted, as {granted} was", f"refused with {text_in(one['found'])}")


def _other_answer(one: Finding) -> Sentences:
    names = requests_in(one["owed"])
    found = f"another answer to {one['name']}"
    if len(names) > 1:
        found = f"an answer to {one['name']} that is neither"
    return Sentences(f"the answer to {joined(names, ' or to ')}", found)


BY_ASPECT: dict[str, Make] = {
    "not_refused": _not_refused,
    "refused": _refused,
    "other_answer": _other_answer,
}
"""What is said alike of every rule that has such a check."""


def _presence(one: Finding) -> Sentences:
    field, request = fields_of(one), f" for {one['name']}"
    is_null = of_kind(one["owed"], "pointer") == "NULL"
    if one["fields"] == ["format"]:
        is_text = isinstance(one["found"], str)
        found = f"format {quoted(one['found'])}" if is_text else pointer_in(one["found"], field)
        return Sentences(("format NULL" if is_null else "a format") + request, found)
    due = f"{field} NULL" if is_null else f"{field} an array of ndim entries"
    return Sentences(due + request, pointer_in(one["found"], field))


def _number(expected: str) -> Make:
    """A field that is a number; `{owed}` of what is expected is the number that is due."""

    def make(one: Finding) -> Sentences:
        return Sentences(
            expected.format(owed=text_in(one["owed"])), f"{fields_of(one)} {number_in(one['found'])}"
        )

    return make


def _ndim_allowed(one: Finding) -> Sentences:
    allowed = one["owed"] if isinstance(one["owed"], list) else []
    return Sentences(f"ndim {joined(allowed, ' or ')}", f"ndim {number_in(one['found'])}")


def _length(one: Finding) -> Sentences:
    due = f"len {text_in(one['owed'])}, product(shape) * itemsize"
    return Sentences(
        "a shape whose size fits" if one["aspect"] == "overflow" else due,
        f"len {number_in(one['found'])} with shape {tuple_of(one['given'])}",
    )


def _itemsize_of_format(one: Finding) -> Sentences:
    due = f"itemsize {number_in(one['owed'])}, the size of format {quoted(one['given'])}"
    return Sentences(due, f"itemsize {number_in(one['found'])}")


def _format_without_nd(one: Finding) -> Sentences:
    allowed = one["owed"] if isinstance(one["owed"], list) else []
    return Sentences(joined([quoted(str(text)) for text in allowed], " or "), quoted(one["found"]))


def _array(one: Finding) -> Sentences:
    field = fields_of(one)
    if of_kind(one["owed"], "pointer") is not None:
        return Sentences("no pointer to follow", f"{field} {tuple_of(one['found'])}")
    return Sentences(f"{field} {tuple_of(one['owed'])}", f"{field} {tuple_of(one['found'])}")


def _contiguous(one: Finding) -> Sentences:
    is_array = isinstance(one["found"], list)
    found = f"strides {tuple_of(one['found'])}" if is_array else pointer_in(one["found"], "strides")
    return Sentences(f"strides in order {order_in(one)} for {one['name']}", found)


def _memory(expected: str) -> Make:
    def make(one: Finding) -> Sentences:
        if one["aspect"] == "presence":
            return Sentences(expected, pointer_in(one["found"], "buf"))
        if one["found"] is None:
            return Sentences(expected, "other elements")
        return Sentences(expected, f"buf {number_in(one['found'])} bytes off, at other elements")

    return make


def _owner(one: Finding) -> Sentences:
    owners = {"garbage": "obj points at no object", "NULL": "obj NULL"}
    found = owners.get(of_kind(one["found"], "owner"), "obj was not written")
    return Sentences("obj a reference to the exporter", found)


def _owner_after_refusal(one: Finding) -> Sentences:
    is_garbage = of_kind(one["found"], "owner") == "garbage"
    return Sentences(
        "obj NULL (or untouched) after a failure", "obj garbage" if is_garbage else "obj an object"
    )


def _kept(expected: str, found: str) -> Make:
    """Of a reference count, or the bytes of the process, after one request or a number of them."""

    def make(one: Finding) -> Sentences:
        if one["aspect"] == "process_bytes":
            halves = one["found"] if isinstance(one["found"], list) else [0, 0]
            return Sentences(
                f"the process to grow by less than {number_in(one['owed'])} bytes with each request",
                f"{halves[0]} bytes more after the first half of {requests_made(one)}, "
                f"{halves[1]} more after the second",
            )
        if one["times"]:
            changed = f"changed by {number_in(one['found'])} over {requests_made(one)}"
            return Sentences(expected, f"a reference count that {changed}")
        return Sentences(
            expected, found.format(kept=more_or_fewer(one["found"]), number=number_in(one["found"]))
        )

    return make


def _memory_valid(one: Finding) -> Sentences:
    if one["aspect"] == "other_elements":
        return Sentences("the same elements through every view, whichever thread holds it", "other elements")
    freed = "memory was freed while exported (use after free)"
    lost = "memory can no longer be read while exported"
    return Sentences("memory stays valid until released", freed if one["aspect"] == "reused" else lost)


def _arrays_valid(one: Finding) -> Sentences:
    unreadable = of_kind(one["found"], "fields") or []
    changed = [name for name in one["fields"] if name not in unreadable]
    parts = [f"{joined(changed)} changed"] if changed else []
    parts += [f"{joined(unreadable)} can no longer be read"] if unreadable else []
    return Sentences("fields, arrays and format unchanged while the view is held", "; ".join(parts))


def _writable(one: Finding) -> Sentences:
    lost = "what was written is not read again through the same view"
    return Sentences(
        "memory that can be written, as readonly 0 says",
        lost if one["aspect"] == "not_read_back" else "it cannot be written",
    )


def _inside_only(one: Finding) -> Sentences:
    by = " by the release" if one["aspect"] == "at_release" else ""
    return Sentences("only the struct is written", f"bytes outside the struct were overwritten{by}")


def _no_exception(one: Finding) -> Sentences:
    granted = f"granted, and {text_in(one['found'])} is set"
    at_release = one["aspect"] == "at_release"
    return Sentences("no exception", "the release left an exception set" if at_release else granted)


def _lock_ends(one: Finding) -> Sentences:
    operation = text_in(one["given"])
    return Sentences(
        f"{operation} to work after the last release, as on an object that was never exported",
        f"{operation} raised {text_in(one['found'])} after the last release; "
        "on a twin that was never exported it did not",
    )


def _status(one: Finding) -> Sentences:
    request = "a grant" if number_in(one["owed"]) == 0 else "a refusal"
    return Sentences(f"status {number_in(one['owed'])} for {request}", f"status {number_in(one['found'])}")


def _function(one: Finding) -> Sentences:
    return Sentences(f"{number_in(one['owed'])} for order {order_in(one)}", text_in(one["found"]))


def _pep688(one: Finding) -> Sentences:
    found = text_in(one["found"] if one["aspect"] == "raised" else one["given"])
    return Sentences("what PEP 688 says", found)


def _plain(expected: str, found: str) -> Make:
    """The same for every break; `{fields}`, `{owed}` and `{found}` stand for the values."""

    def make(one: Finding) -> Sentences:
        values = {
            "fields": fields_of(one),
            "owed": text_in(one["owed"]),
            "found": text_in(one["found"]),
            "given": text_in(one["given"]),
        }
        return Sentences(expected.format(**values), found.format(**values))

    return make


BY_RULE: dict[str, Make] = {
    **dict.fromkeys(
        (
            "request.nd.shape_present",
            "request.nd.shape_absent",
            "request.strides.strides_present",
            "request.strides.strides_absent",
            "request.indirect.suboffsets_present",
            "request.indirect.suboffsets_absent",
            "request.format.present",
            "request.format.absent",
            "field.shape.zero_dim_null",
            "field.strides.zero_dim_null",
            "field.suboffsets.zero_dim_null",
            "field.suboffsets.null_if_none",
        ),
        _presence,
    ),
    "request.writable.writable": _number("readonly 0 for WRITABLE"),
    "request.ndim.without_nd": _ndim_allowed,
    "request.ndim.without_nd_zero_dim": _ndim_allowed,
    "request.format.without_nd": _format_without_nd,
    "request.reserved.read_or_write_alone": _plain("{owed}", "{found}"),
    "field.buf.logical_start": _memory("the declared elements, the first of them at buf"),
    "field.buf.same_memory": _memory("the same memory for every request"),
    "field.obj.owned_reference": _plain("a new reference to obj", "{found} new references to obj"),
    "field.obj.not_null": _owner,
    "field.len.product": _length,
    "field.readonly.boolean": _number("readonly 0 or 1"),
    "field.readonly.truthful": _writable,
    "field.readonly.same_for_all": _number("readonly {owed}, the same for all requests without WRITABLE"),
    "field.itemsize.independent": _number("itemsize {owed}, whatever is requested"),
    "field.ndim.independent": _number("ndim {owed}, the same for every request with ND"),
    "field.ndim.nonnegative": _number("ndim >= 0"),
    "field.ndim.at_most_64": _number("ndim <= 64"),
    "field.shape.nonnegative": lambda one: Sentences("extents >= 0", f"shape {tuple_of(one['found'])}"),
    "field.shape.same_for_all": _array,
    "field.strides.same_for_all": _array,
    "field.suboffsets.same_for_all": _array,
    "field.struct.all_filled": _plain("every field written", "{fields} not written"),
    "layout.bounds.inside_block": _plain(
        "elements that can all be read", "an element outside readable memory"
    ),
    "layout.contiguous.as_requested": _contiguous,
    "format.text.terminated": _plain("a NUL-terminated text", "no NUL before the end of readable memory"),
    "format.text.parses": _plain("a format by the grammar of struct and PEP 3118", '"{found}": {given}'),
    "format.text.same_for_all": _plain('format "{owed}", the same for every request', 'format "{found}"'),
    "format.itemsize.agrees": _itemsize_of_format,
    "format.itemsize.agrees_pep3118": _itemsize_of_format,
    "lifetime.release.references_restored": _kept(
        "the reference count of obj as before the acquire", "{kept} than before the acquire"
    ),
    "lifetime.release.memory_restored": _kept("no memory kept by a request", "{number} bytes more"),
    "lifetime.release.obj_kept": _kept("one reference to obj dropped", "{kept} than before the acquire"),
    "lifetime.release.through_copy": _kept(
        "a release through a copy of the struct to release what the struct held",
        "the reference count of obj is {kept} than before the acquire",
    ),
    "lifetime.release.obj_null": _plain("obj NULL after the release", "obj is not NULL"),
    "lifetime.export.memory_valid": _memory_valid,
    "lifetime.export.memory_unchanged": _plain(
        "the elements unchanged while the view is held", "other elements"
    ),
    "lifetime.export.arrays_valid": _arrays_valid,
    "lifetime.export.lock_ends": _lock_ends,
    "lifetime.struct.inside_only": _inside_only,
    "error.status.zero_or_minus_one": _status,
    "error.exception.set_on_failure": _plain("an exception", "refused, and no exception is set"),
    "error.exception.none_on_success": _no_exception,
    "error.type.buffer_error": _plain(
        "BufferError or ValueError for a request that cannot be met", "{found}"
    ),
    "error.obj.null_on_failure": _owner_after_refusal,
    "error.refusal.nothing_kept": _kept(
        "the reference count of the object as before the refused request", "{kept}"
    ),
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
"""The other rules; those of requests that are to be refused, or granted, are in BY_ASPECT."""
