"""What may an exception or a process say, so that two runs say the same?"""

from __future__ import annotations

import re

ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


def without_addresses(text: str) -> str:
    """The text with `0x...` for every address, so that two runs say the same."""
    return ADDRESS.sub("0x...", text)
