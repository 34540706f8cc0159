"""Which passages does a saved document have, whatever it is written in?

A page in HTML, a source in reStructuredText or a plain text, a header in C; what it is, its content says.
"""

from __future__ import annotations

import re
from pathlib import Path

from bufspec.files.opened import MEGABYTE, read_text
from bufspec.spec.document_html import passages_of_html
from bufspec.spec.document_rst import passages_of_rst
from bufspec.spec.passages import Passage, title_of, words_of

MOST_BYTES = 20 * MEGABYTE
HTML = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|div|section)\b", re.IGNORECASE | re.DOTALL
)
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)


def read_document(path: Path) -> list[Passage]:
    """The passages of a file, in order; raises Refused for what cannot be read as text."""
    return passages_of(read_text(path, MOST_BYTES))


def passages_of(text: str) -> list[Passage]:
    """The passages of a document."""
    if HTML.match(text[:4096]):
        return passages_of_html(text)
    if DEFINE.search(text):
        return _passages_of_header(text)
    return passages_of_rst(text)


def _passages_of_header(text: str) -> list[Passage]:
    """Each definition of a macro on its own, with the lines that it goes on over."""
    found = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = DEFINE.match(line)
        if match:
            whole, at = line, number
            while whole.endswith("\\") and at + 1 < len(lines):
                at += 1
                whole = whole[:-1] + lines[at]
            code = re.sub(r"/\*.*?\*/|//.*", " ", whole)
            found.append(Passage(title_of(match[1]), number + 1, words_of(code)))
    return found
