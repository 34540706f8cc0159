"""A record as one HTML page that needs no network: see bufspec.reports.page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bufspec.reports.page.page import page_text


def text_from_events(events: Iterable[dict[str, Any]], texts: Mapping[str, Any]) -> Iterator[str]:
    """The page of one record."""
    yield from page_text([events], [], texts)
