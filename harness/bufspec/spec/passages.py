"""Which passages does a document have, and what is each of them down to its words?

A passage is a paragraph, an item of a list, a row of a table, a declaration, a piece of code; its section is
the heading or the declaration that stands last before it.  What is markup, layout or quotation marks goes, so
that a page in HTML and its source in reStructuredText have the same passages; letters keep their case, for
"must" and "MUST" differ, and so do signs that compare.  Knows no clause.
"""

from __future__ import annotations

import hashlib
import re
from functools import cached_property

from attrs import define

WORD = re.compile(r"(?<!\w)-\d\w*|\w+|[<>=!]=|[<>=%+]")
TITLE = re.compile(r"\s+")


@define(slots=False, frozen=True)
class Passage:
    """The words of one passage, the section it stands in, and its first line."""

    section: str
    line: int
    words: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the words."""
        return hashlib.sha256(" ".join(self.words).encode()).hexdigest()

    @property
    def short(self) -> str:
        """The beginning of the digest: enough to tell the passages of one document from each other."""
        return self.digest[:16]

    @property
    def text(self) -> str:
        """The words on one line."""
        return " ".join(self.words)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Each word once."""
        return frozenset(self.words)


@define(slots=False, frozen=True)
class Passages:
    """All passages of one document, in order, and found by their digests."""

    all: tuple[Passage, ...]

    @cached_property
    def by_digest(self) -> dict[str, list[Passage]]:
        """The passages with each digest."""
        found: dict[str, list[Passage]] = {}
        for one in self.all:
            found.setdefault(one.digest, []).append(one)
        return found

    def having(self, words: tuple[str, ...]) -> list[Passage]:
        """The passages that have each of `words`."""
        wanted = frozenset(words)
        return [one for one in self.all if wanted <= one.vocabulary]


def words_of(text: str) -> tuple[str, ...]:
    """The words, numbers and comparing signs of a text without markup."""
    return tuple(WORD.findall(text))


def title_of(text: str) -> str:
    """A heading, or the name that a declaration declares, as sections are compared."""
    return TITLE.sub(" ", text).strip().casefold()


def declared(signature: str) -> str:
    """The name that a signature declares: the last part of it, without a type, parameters or a value."""
    head = re.split(r"[(=\[]", signature.strip(), maxsplit=1)[0] or signature.strip()
    name = (head.replace("*", " ").split() or [""])[-1]
    return title_of(name.rpartition(".")[2] or name)
