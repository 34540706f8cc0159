"""How is a drawing written down as SVG?  Every text is made visible and escaped here, and nowhere else.

No style, no script, no link, no id: what comes out is the same in a page with a strict
Content-Security-Policy, in a file of its own, and twice on one page.  Colour is that of the text around it;
a page may give the classes others.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from bufspec.visible import visible

FONT = 11
CHARACTER = 6.7
"""How wide a character of that size is."""
LONGEST_TEXT = 110
NOTHING: Mapping[str, object] = {}


def shortened(text: str, most: int = LONGEST_TEXT) -> str:
    """The text on one line, with an escape for what cannot be seen, cut to `most` characters."""
    shown = visible(text[: most + 1])
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def width_of(text: str, size: float = FONT) -> float:
    """About how wide a text is drawn."""
    return len(text) * CHARACTER * size / FONT


class Drawing:
    """Gathers shapes and texts, and how far they reach."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.nodes = 0
        self.right = 0.0
        self.bottom = 0.0

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        kind: str,
        title: str = "",
        more: Mapping[str, object] = NOTHING,
    ) -> None:
        """A rectangle of a class; `title` is what a pointer over it shows."""
        self._reach(x + width, y + height)
        inside = f"<title>{_escaped(shortened(title))}</title>" if title else ""
        self.nodes += 1 if title else 0
        size = {"x": x, "y": y, "width": max(width, 2.0), "height": height}
        self._add("rect", inside, {"class": kind, **size, **_LOOKS[kind.split()[-1]], **more})

    def line(self, path: str, kind: str) -> None:
        """A path that is not filled."""
        self._add("path", "", {"class": kind, "d": path, "fill": "none", **_LOOKS[kind]})

    def shape(self, path: str, kind: str) -> None:
        """A path that is filled."""
        self._add("path", "", {"class": kind, "d": path, **_LOOKS[kind]})

    def text(
        self,
        x: float,
        y: float,
        text: str,
        kind: str,
        *,
        anchor: str = "start",
        size: float = FONT,
        most: int = LONGEST_TEXT,
    ) -> None:
        """A line of text."""
        shown = shortened(text, most)
        width = width_of(shown, size)
        self._reach(x + {"start": width, "middle": width / 2, "end": 0}[anchor], y + 4)
        look: dict[str, object] = {"class": kind, "x": x, "y": y, "font-size": size}
        if anchor != "start":
            look["text-anchor"] = anchor
        self._add("text", escape(shown), {**look, **_LOOKS[kind]})

    def written(self, title: str, description: str) -> str:
        """The whole picture, with what it says in words."""
        width, height = round(self.right + 8), round(self.bottom + 8)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="memory-picture" role="img" '
            f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" fill="currentColor" '
            f'font-family="ui-monospace, monospace">'
        )
        words = f"<title>{_escaped(title)}</title><desc>{_escaped(description)}</desc>"
        return f"{head}{words}{''.join(self._parts)}</svg>"

    def _add(self, tag: str, inside: str, attributes: dict[str, object]) -> None:
        self.nodes += 1
        written = "".join(f' {name}="{_value(value)}"' for name, value in attributes.items())
        self._parts.append(f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>")

    def _reach(self, right: float, bottom: float) -> None:
        self.right, self.bottom = max(self.right, right), max(self.bottom, bottom)


_LOOKS: dict[str, dict[str, object]] = {
    "block": {"fill-opacity": 0.04, "stroke": "currentColor", "stroke-opacity": 0.55},
    "even": {"fill-opacity": 0.14, "stroke": "currentColor", "stroke-width": 1},
    "odd": {"fill-opacity": 0.3, "stroke": "currentColor", "stroke-width": 1},
    "pointer": {"fill-opacity": 0.06, "stroke": "currentColor", "stroke-dasharray": "2 2"},
    "hidden": {"fill-opacity": 0.06, "stroke": "currentColor", "stroke-dasharray": "1 2"},
    "outside": {
        "fill-opacity": 0.06,
        "stroke": "currentColor",
        "stroke-width": 1.5,
        "stroke-dasharray": "5 3",
    },
    "marked": {"fill-opacity": 0.1, "stroke": "currentColor", "stroke-width": 3},
    "tick": {"stroke": "currentColor", "stroke-opacity": 0.35},
    "arrow": {"stroke": "currentColor"},
    "head": {},
    "at": {"fill-opacity": 0.75},
    "index": {},
    "caption": {},
    "note": {"fill-opacity": 0.75},
    "mark": {"font-weight": "bold"},
}
"""What each class looks like where no page says otherwise."""


def _escaped(text: str) -> str:
    return escape(visible(text))


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else escape(visible(str(value)), quote=True)
