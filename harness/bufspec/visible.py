"""How is a text shown that others wrote, so that it cannot pretend to be anything else?

Control characters, escape sequences, marks of direction, separators that break a line unseen, and lone
surrogates are shown as escapes, in every output for people.  Records keep each text as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_UNSAFE_IN_JSON = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text on one line, with an escape for each character that cannot be seen: \\x1b, \\u202e, \\n."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escape(one) for one in text)


def visible_lines(text: str) -> str:
    """As visible(), but a line break stays one."""
    return "\n".join(map(visible, text.split("\n")))


def visible_values(value: Any) -> Any:
    """A value of plain JSON with every text in it visible, those of keys too."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible_values(key): visible_values(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [visible_values(one) for one in value]
    return value


def visible_json(text: str) -> str:
    """JSON of the same values, with \\uXXXX for what cannot be seen: no reader splits a line there."""
    return _UNSAFE_IN_JSON.sub(_json_escape, text)


def _escape(character: str) -> str:
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    number = ord(character)
    width = 2 if number < 0x100 else 4 if number < 0x10000 else 8
    return known.get(character) or f"\\{'xuU'[(width > 2) + (width > 4)]}{number:0{width}x}"


def _json_escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
