"""Which profile has a subject: how rich are the requests that it answers, or the memories it reads, right?

Five classes, each taking more than the one before.  An exporter has the richest whose compound requests it
grants, a consumer the richest whose memory it accepts, if no required rule is broken in that class nor in one
below it.  A badge, a statement and the page show the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

NONE = "none"


@frozen
class Class:
    """One class: the compounds that exporters grant, and in words what consumers accept."""

    name: str
    compounds: tuple[str, ...]
    flags: tuple[str, ...]
    """What the richer compound of the two asks for."""
    memory: str


CLASSES = (
    Class("simple", ("SIMPLE", "WRITABLE"), ("WRITABLE",), "contiguous memory of bytes"),
    Class(
        "contiguous",
        ("CONTIG_RO", "CONTIG"),
        ("ND", "WRITABLE"),
        "contiguous memory of any shape and size of items",
    ),
    Class("strided", ("STRIDED_RO", "STRIDED"), ("ND", "STRIDES", "WRITABLE"), "memory with strides"),
    Class(
        "formatted",
        ("RECORDS_RO", "RECORDS"),
        ("ND", "STRIDES", "FORMAT", "WRITABLE"),
        "memory with strides, of structures or another byte order",
    ),
    Class(
        "indirect",
        ("FULL_RO", "FULL"),
        ("ND", "STRIDES", "FORMAT", "INDIRECT", "WRITABLE"),
        "memory with suboffsets, reached through pointers",
    ),
)
"""All classes, the simplest first."""


def profile_of(finished: Mapping[str, Any]) -> str:
    """The profile of a subject, by its subject-finished event: the name of a class, or "none".

    "none" for one that is undecided, was not judged completely or ended its process, and for functions.
    """
    record = finished.get("profile")
    if record is None or finished.get("conforms") is None or finished.get("deaths"):
        return NONE
    found = NONE
    for one in CLASSES:
        if record["broken"].get(one.name):
            break
        tried = record["tried"]
        if any(tried.get(name, (0, 0))[1] for name in (one.name, *one.compounds)):
            found = one.name
    return found


def profile_words(finished: Mapping[str, Any]) -> str:
    """What the profile says, in a sentence: "grants FULL_RO, FULL and all that ask for less"."""
    name = profile_of(finished)
    if name == NONE:
        return ""
    one = next(one for one in CLASSES if one.name == name)
    if finished["target"] == "consumer":
        return f"accepts {one.memory} and reads it right"
    tried = finished["profile"]["tried"]
    granted = [compound for compound in one.compounds if tried.get(compound, (0, 0))[1]]
    return f"grants {' and '.join(granted)}, and breaks no required rule there or below"
