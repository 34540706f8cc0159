"""How are the texts of a record cut and divided for the page?  Every text of others is made visible here."""

from __future__ import annotations

from typing import Any

from bufspec.visible import visible

LONGEST = 1000
"""So many characters of a text are shown; a message may have a million."""
MOST_STEPS = 200


def shown(text: object, most: int = LONGEST) -> str:
    """A text of others on one line, with an escape for what cannot be seen, cut to `most` characters."""
    text = str(text)
    if len(text) <= most:
        return visible(text)
    return f"{visible(text[:most])}… ({len(text):,} characters)"


def shown_values(value: Any) -> Any:
    """Plain JSON with every text in it as shown() gives it, those of keys too."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {shown(key): shown_values(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shown_values(one) for one in value]
    return value


def steps_of(scenario: str) -> tuple[str, list[str]]:
    """What a scenario is about, and its steps: "on format B, shape (12,)" and "consume", "give up"."""
    about, colon, steps = scenario.rpartition(": ") if scenario.startswith("on ") else ("", "", scenario)
    if not colon:
        steps = scenario
    parts = steps.split("; ")
    more = len(parts) - MOST_STEPS
    kept = [shown(one) for one in parts[:MOST_STEPS]]
    return shown(about.removeprefix("on ")), kept + ([f"… {more:,} more steps"] if more > 0 else [])


def link_of(text: str) -> str:
    """An address of the web as one to follow; empty for what is none."""
    is_web = text.startswith(("https://", "http://")) and len(text) <= LONGEST
    return text if is_web and text.isascii() and text.isprintable() and " " not in text else ""
