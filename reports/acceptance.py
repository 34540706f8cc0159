"""How much of what was tried did a subject grant or accept, in words?"""

from __future__ import annotations

from typing import Any

CLASSES = {
    "several_dims": "several dimensions",
    "zero_dim": "no dimension",
    "dimensions_64": "64 dimensions",
    "items": "items of several bytes",
    "byte_order": "foreign byte order",
    "readonly": "read-only",
}
"""Names of capabilities that read otherwise in a sentence."""


def acceptance(event: dict[str, Any]) -> str:
    """How much of the memory a consumer accepted, and which classes: empty if none was given.

    "accepted 412 of 1,492 memories: contiguous, one dimension, items of 1 byte"
    """
    memories = event.get("memories", {})
    given, accepted = memories.get("all", (0, 0))
    if not given:
        return ""
    kinds = {name: numbers[1] for name, numbers in memories.items() if name != "all"}
    words = [CLASSES.get(name, name) for name, times in kinds.items() if times]
    if accepted and not kinds.get("several_dims"):
        words.append("one dimension" if accepted > kinds.get("zero_dim", 0) else "")
    if accepted and not kinds.get("items"):
        words.append("items of 1 byte")
    text = ", ".join(word for word in words if word)
    return f"accepted {accepted:,} of {given:,} memories" + (f": {text}" if text else "")


def exercised(event: dict[str, Any]) -> str:
    """How many requests an exporter granted, or memories a consumer accepted: "412 of 1,492"."""
    if "granted" in event:
        return f"{event['granted']:,} of {event['answers']:,}"
    given, accepted = event.get("memories", {}).get("all", (0, 0))
    return f"{accepted:,} of {given:,}" if given else ""
