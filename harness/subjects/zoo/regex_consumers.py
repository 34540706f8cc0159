"""regex: another engine for regular expressions, of bytes as well.  Tried with 2026.11."""

from collections.abc import Callable
from typing import Any

import regex
from bufspec.declare import consumer

START = regex.compile(rb"\A")
UPPER = regex.compile(rb"[\x00-\x7f]+")

CONSUMERS: dict[str, Callable[[Any], object]] = {
    "sub": lambda given: bytes(START.sub(b"#", given)),
    "finditer": lambda given: [one.span() for one in UPPER.finditer(given)],
    "match_span": lambda given: (found := UPPER.match(given)) and found.span(),
    "fullmatch": lambda given: regex.fullmatch(rb"(?s).*", given).span(),
    "fuzzy": lambda given: (found := regex.search(rb"(?:abc){e<=2}", given)) and found.fuzzy_counts,
}

for _name, _consume in CONSUMERS.items():
    consumer(f"regex.{_name}")(_consume)

consumer("regex.match_kept", returns="none")(UPPER.match)
