"""A record as the JSON of a badge, for the endpoint of shields.io: the profile, or what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bufspec.reports.standing import standing_from_events

LABEL = "buffer protocol"


def text_from_events(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The JSON object that the endpoint asks for."""
    standing = standing_from_events(events)
    badge = {"schemaVersion": 1, "label": LABEL, "message": standing.text, "color": standing.colour}
    yield json.dumps(badge) + "\n"
