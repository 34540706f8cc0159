"""yara: rules that are matched against memory.  Tried with 4.5."""

from typing import Any

import yara
from bufspec.declare import consumer

RULES = yara.compile(source="rule five { strings: $a = { 05 } condition: $a }")


@consumer("yara.match", refuses=(yara.Error,))
def _match(exported: Any) -> object:
    return [
        (one.offset, one.matched_data)
        for found in RULES.match(data=exported)
        for text in found.strings
        for one in text.instances
    ]
