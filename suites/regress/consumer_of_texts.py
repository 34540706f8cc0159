"""Memory read as a text: no zero ends it, and some bytes are no text.

Right are those that look at len, and that raise for bytes what they raise for memory.
"""

from typing import Any

import consumers as in_c
from bufspec.declare import consumer

VERDICTS = {
    "regress.as_utf8": {},
    "regress.as_digits": {},
    "regress.copied_first": {},
    "regress.to_the_zero": {"dies": True},
    "regress.digits_in_place": {"dies": True},
    "regress.low_bytes": {"breaks": ["consumer.data.elements_right"]},
}


@consumer("regress.as_utf8", accepts=("contiguous",))
def as_utf8(exported: Any) -> str:
    return str(exported, "utf-8")


@consumer("regress.as_digits")
def as_digits(exported: Any) -> int:
    return int(bytes(exported))


@consumer("regress.copied_first", accepts=("contiguous",))
def copied_first(exported: Any) -> int:
    return in_c.length_of_text(bytes(exported))


@consumer("regress.low_bytes", returns="list")
def low_bytes(exported: Any) -> list[int]:
    with memoryview(exported) as view:
        if view.format not in ("B", "h") or view.ndim != 1:
            raise TypeError("bytes or shorts, in one dimension")
        return [one & 0xFF if view.format == "h" else one for one in view.tolist()]


consumer("regress.to_the_zero", accepts=("contiguous",))(in_c.length_of_text)
consumer("regress.digits_in_place", accepts=("contiguous",))(in_c.number_in_text)
