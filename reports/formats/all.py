"""Which formats can a record be written in, and what makes each?

A row here is all that `bufspec report` and the options of `bufspec check` need to offer a format.  Its module
is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from attrs import frozen

Event = dict[str, Any]
Text = Callable[..., Iterator[str]]
"""Gives a record in a format, piece by piece.  The events can be gone through more than once."""


@frozen
class Sources:
    """What a report is made of: records of checks, records of pairs, and what the tables say of the rules."""

    records: tuple[Iterable[Event], ...]
    pairs: tuple[Iterable[Event], ...] = ()
    texts: Callable[[], Mapping[str, Any]] = dict


TextOfAll = Callable[[Sources], Iterator[str]]


@frozen
class Format:
    """One format: its name, which is its option too, and its line in --help."""

    name: str
    help: str
    takes_all: bool = False
    """Whether it shows all sources; others show one record."""
    says_rules: bool = False
    """Whether it also shows what the tables say of the rules, of that one record."""

    @property
    def parameter(self) -> str:
        """Its name as Python spells it: of its module, and of the argument that its option becomes."""
        return self.name.replace("-", "_")

    def text(self, sources: Sources) -> Iterator[str]:
        """The text of the file, piece by piece."""
        module = import_module(f"bufspec.reports.formats.{self.parameter}")
        if self.takes_all:
            of_all: TextOfAll = module.text_from_sources
            return of_all(sources)
        pieces: Text = module.text_from_events
        return pieces(sources.records[0], *([sources.texts()] if self.says_rules else []))


FORMATS = (
    Format("html", "an HTML page that works without a network.", takes_all=True),
    Format("markdown", "Markdown, for the summary of a CI job or for an issue."),
    Format("junit", "JUnit XML, for the tests of a CI job."),
    Format("sarif", "SARIF 2.1.0, for code scanning.", says_rules=True),
    Format("tap", "the Test Anything Protocol, version 13."),
    Format("json", "what the run came to as one JSON object."),
    Format("csv", "rules by subjects, or exporters by consumers, as comma-separated values.", takes_all=True),
    Format("badge", "the JSON of a badge, for the endpoint of shields.io."),
    Format("badge-svg", "a badge as an image."),
)
