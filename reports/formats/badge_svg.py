"""A record as a badge, an image that needs no server: the profile, or what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from bufspec.reports.formats.badge import LABEL
from bufspec.reports.standing import BAD, GOOD, KNOWN, OPEN, standing_from_events

# Each dark enough for white text on it: a contrast of 4.5 at least.
COLOURS = {GOOD: "#2f7d0e", KNOWN: "#8a6100", BAD: "#c03520", OPEN: "#6a6a6a"}
CHARACTER, MARGIN, HEIGHT = 6.3, 6.0, 20


def text_from_events(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The SVG."""
    standing = standing_from_events(events)
    left, right = _width(LABEL), _width(standing.text)
    whole = left + right
    title = escape(f"{LABEL}: {standing.text}")
    font = 'font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" fill="#fff" text-anchor="middle"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole:g}" height="{HEIGHT}" role="img">'
        f"<title>{title}</title>"
        f'<clipPath id="round"><rect width="{whole:g}" height="{HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#round)"><rect width="{left:g}" height="{HEIGHT}" fill="#444"/>'
        f'<rect x="{left:g}" width="{right:g}" height="{HEIGHT}" fill="{COLOURS[standing.colour]}"/></g>'
        f"<g {font}>{_label(LABEL, left / 2, left)}{_label(standing.text, left + right / 2, right)}</g>"
        "</svg>\n"
    )


def _width(text: str) -> float:
    return round(len(text) * CHARACTER + 2 * MARGIN)


def _label(text: str, middle: float, room: float) -> str:
    # The width is given, for no font is the same everywhere.
    return f'<text x="{middle:g}" y="14" textLength="{room - 2 * MARGIN:g}">{escape(text)}</text>'
