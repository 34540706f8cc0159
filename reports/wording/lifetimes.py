"""What did an exporter owe while its views lived, and after?  Two sentences a rule."""

from __future__ import annotations

from bufspec.reports.wording.values import (
    Make,
    Sentences,
    joined,
    more_or_fewer,
    number_in,
    plain,
    requests_made,
    text_in,
)
from bufspec.values import Finding, of_kind
from bufspec.words import CHECKS_OF_BRIDGES, INTERFACE_THERE


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
        return Sentences(
            "the same elements through every view, however many are held, whichever thread holds it",
            "other elements",
        )
    freed = "memory was freed while exported (use after free), or was never the object's"
    lost = "memory can no longer be read while exported"
    return Sentences("memory stays valid until released", freed if one["aspect"] == "reused" else lost)


def _arrays_valid(one: Finding) -> Sentences:
    gone = of_kind(one["found"], "fields") or []
    changed = [name for name in one["fields"] if name not in gone]
    parts = [f"{joined(changed)} changed"] if changed else []
    if one["aspect"] == "reused":
        parts.append(f"the memory of {joined(gone)} was freed while exported (use after free)")
    elif gone:
        parts.append(f"{joined(gone)} can no longer be read")
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


def _lock_ends(one: Finding) -> Sentences:
    operation = text_in(one["given"])
    return Sentences(
        f"{operation} to work after the last release, as on an object that was never exported",
        f"{operation} raised {text_in(one['found'])} after the last release; "
        "on a twin that was never exported it did not",
    )


def _bridge(one: Finding) -> Sentences:
    if one["aspect"] == "raised":
        return Sentences(INTERFACE_THERE, f"{text_in(one['found'])} raised")
    return Sentences(text_in(one["owed"]), text_in(one["found"]))


BY_RULE: dict[str, Make] = {
    **dict.fromkeys(CHECKS_OF_BRIDGES, _bridge),
    "field.readonly.truthful": _writable,
    "lifetime.release.references_restored": _kept(
        "the reference count of obj as before the acquire", "{kept} than before the acquire"
    ),
    "lifetime.release.memory_restored": _kept("no memory kept by a request", "{number} bytes more"),
    "lifetime.release.obj_kept": _kept("one reference to obj dropped", "{kept} than before the acquire"),
    "lifetime.release.through_copy": _kept(
        "a release through a copy of the struct to release what the struct held",
        "the reference count of obj is {kept} than before the acquire",
    ),
    "lifetime.release.obj_null": plain("obj NULL after the release", "obj is not NULL"),
    "lifetime.export.memory_valid": _memory_valid,
    "lifetime.export.memory_unchanged": plain(
        "the elements unchanged while the view is held", "other elements"
    ),
    "lifetime.export.arrays_valid": _arrays_valid,
    "lifetime.export.lock_ends": _lock_ends,
    "lifetime.struct.inside_only": _inside_only,
    "error.refusal.nothing_kept": _kept(
        "the reference count of the object as before the refused request", "{kept}"
    ),
}
