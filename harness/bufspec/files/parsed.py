"""Which tables came with this program to the letter, and what do they hold, as JSON?

cmake/parse_tables.py parses them when the package is built.  Each file is named by the SHA-256 of the YAML
that it was made from, so it can speak for no other text.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

PARSED = Path(__file__).resolve().parents[1] / "spec_data" / "parsed"


def as_json(text: bytes) -> Path:
    """Where a table of exactly this text lies as JSON, if it came with this program."""
    return PARSED / f"{hashlib.sha256(text).hexdigest()}.json"


def parsed(text: bytes) -> Any:
    """What a table of this text holds; raises OSError or ValueError if it did not come with this program."""
    return json.loads(as_json(text).read_bytes())


def came_with_us(text: str) -> bool:
    """Whether a table of exactly this text did."""
    return as_json(text.encode("utf-8")).is_file()
