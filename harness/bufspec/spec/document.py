"""Which passages does a saved document have, whatever it is written in?

A page in HTML, a source in reStructuredText or a plain text, a header in C; what it is, its content says.
"""

from __future__ import annotations

import re
from pathlib import Path

from bufspec.files.opened import MEGABYTE, read_text
from bufspec.files.problem import Problem, Refused
from bufspec.spec.document_html import passages_of_html
from bufspec.spec.document_rst import passages_of_rst
from bufspec.spec.passages import Passage, Passages, title_of, words_of

MOST_BYTES = 4 * MEGABYTE
MOST_PASSAGES = 50_000
HTML = re.compile(r"<(?:!doctype|html|head|body|div|section)\b", re.IGNORECASE)
DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)


def read_document(path: Path) -> Passages:
    """The passages of a file, in order; raises Refused for what cannot be read as text, or has too many."""
    found = passages_of(read_text(path, MOST_BYTES))
    if len(found) > MOST_PASSAGES:
        reason = f"more than {MOST_PASSAGES:,} passages"
        raise Refused(Problem(str(path), 1, 1, reason, "is it the file that was meant?"))
    return Passages(tuple(found))


def passages_of(text: str) -> list[Passage]:
    """The passages of a document."""
    if text.lstrip()[:1] == "<" and HTML.search(text, 0, 4096):
        return passages_of_html(text)
    if DEFINE.search(text):
        return _passages_of_header(text)
    return passages_of_rst(text)


def _passages_of_header(text: str) -> list[Passage]:
    """Each definition of a macro on its own, with the lines that it goes on over."""
    found = []
    lines = enumerate(text.splitlines(), 1)
    for number, line in lines:
        match = DEFINE.match(line)
        if match:
            pieces = [line]
            while pieces[-1].endswith("\\"):
                pieces[-1] = pieces[-1][:-1]
                pieces.append(next(lines, (0, ""))[1])
            code = re.sub(r"/\*.*?\*/|//.*", " ", "".join(pieces))
            found.append(Passage(title_of(match[1]), number, words_of(code)))
    return found
