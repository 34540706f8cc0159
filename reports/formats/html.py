"""Records as one HTML page that needs no network: see bufspec.reports.page."""

from __future__ import annotations

from collections.abc import Iterator

from bufspec.reports.formats.all import Sources
from bufspec.reports.page.page import page_text


def text_from_sources(sources: Sources) -> Iterator[str]:
    """The page of all records."""
    yield from page_text(sources.records, sources.pairs, sources.texts())
