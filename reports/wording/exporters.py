"""What did an exporter owe in its answer to a request, and what was found?  Two sentences a rule."""

from __future__ import annotations

from bufspec.reports.wording.values import (
    Make,
    Sentences,
    bytes_in,
    fields_of,
    joined,
    number_in,
    order_in,
    plain,
    pointer_in,
    quoted,
    requests_in,
    text_in,
    tuple_of,
)
from bufspec.values import Finding, of_kind

NEVER_CHANGES = {
    "hash": "granted, by an object whose hash is that of its bytes",
    "payload": "granted, and the memory is that of a bytes or str object",
}


def _not_refused(one: Finding) -> Sentences:
    found = NEVER_CHANGES.get(text_in(one["given"]), "granted")
    if isinstance(one["found"], list):
        found = f"granted, by memory of shape {tuple_of(one['owed'])} and strides {tuple_of(one['found'])}"
    return Sentences(f"a refusal of {one['name']}", found)


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


def _element(one: Finding) -> Sentences:
    if not isinstance(one["given"], list):
        return Sentences("at each index the element that belongs there", "other elements")
    return Sentences(
        f"the element at {tuple_of(one['given'])} to be {bytes_in(one['owed'])}", bytes_in(one["found"])
    )


def _logical_start(one: Finding) -> Sentences:
    said = _memory("the declared elements, the first of them at buf")(one)
    if not isinstance(one["found"], int):
        return said
    return Sentences(said.expected, f"the elements are right {one['found']} bytes from buf")


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


def _indicator_kept(one: Finding) -> Sentences:
    lost = "the exception that was set before the release is gone, or another one, after it"
    left = "the release left an exception set"
    if one["aspect"] == "unraisable":
        return Sentences(
            "a release that raises nothing", f"__release_buffer__ raised {text_in(one['found'])}"
        )
    return Sentences("the error indicator as before", left if one["aspect"] == "at_release" else lost)


def _status(one: Finding) -> Sentences:
    request = "a grant" if number_in(one["owed"]) == 0 else "a refusal"
    return Sentences(f"status {number_in(one['owed'])} for {request}", f"status {number_in(one['found'])}")


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
    "request.reserved.read_or_write_alone": plain("{owed}", "{found}"),
    "field.buf.logical_start": _logical_start,
    "field.buf.same_memory": _memory("the same memory for every request"),
    "field.obj.owned_reference": plain("a new reference to obj", "{found} new references to obj"),
    "field.obj.not_null": _owner,
    "field.len.product": _length,
    "field.readonly.boolean": _number("readonly 0 or 1"),
    "field.readonly.of_a_copy": _number("readonly 1 of a copy, where what is written is lost"),
    "field.readonly.same_for_all": _number("readonly {owed}, the same for all requests without WRITABLE"),
    "field.itemsize.independent": _number("itemsize {owed}, whatever is requested"),
    "field.ndim.independent": _number("ndim {owed}, the same for every request with ND"),
    "field.ndim.nonnegative": _number("ndim >= 0"),
    "field.ndim.at_most_64": _number("ndim <= 64"),
    "field.shape.nonnegative": lambda one: Sentences("extents >= 0", f"shape {tuple_of(one['found'])}"),
    "field.shape.same_for_all": _array,
    "field.strides.same_for_all": _array,
    "field.strides.elements_right": _element,
    "field.strides.at_least_itemsize": lambda one: Sentences(
        f"strides of {number_in(one['owed'])} bytes, the itemsize, or more",
        f"strides {tuple_of(one['found'])}",
    ),
    "field.suboffsets.same_for_all": _array,
    "field.struct.all_filled": plain("every field written", "{fields} not written"),
    "layout.bounds.inside_block": plain(
        "elements that can all be read", "an element outside readable memory"
    ),
    "layout.contiguous.as_requested": _contiguous,
    "format.text.terminated": plain("a NUL-terminated text", "no NUL before the end of readable memory"),
    "format.text.parses": plain("a format by the grammar of struct and PEP 3118", '"{found}": {given}'),
    "format.text.same_for_all": plain('format "{owed}", the same for every request', 'format "{found}"'),
    "format.itemsize.agrees": _itemsize_of_format,
    "format.itemsize.agrees_pep3118": _itemsize_of_format,
    "error.status.zero_or_minus_one": _status,
    "error.exception.set_on_failure": plain("an exception", "refused, and no exception is set"),
    "error.exception.none_on_success": plain("no exception", "granted, and {found} is set"),
    "error.release.indicator_kept": _indicator_kept,
    "error.type.buffer_error": plain("BufferError or ValueError for a request that cannot be met", "{found}"),
    "error.obj.null_on_failure": _owner_after_refusal,
}
"""The other rules; those of requests that are to be refused, or granted, are in BY_ASPECT."""
