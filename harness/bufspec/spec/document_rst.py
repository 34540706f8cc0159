"""Which passages does a text in reStructuredText have?

Reads as much of it as documents about the protocol use, and needs no Docutils; a plain text is taken, too.
How deep a line is indented is looked at only where a term is told from its definition, for some copies of old
documents have lost it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bufspec.spec.passages import Passage, declared, title_of, words_of

DIRECTIVE = re.compile(r"\s*\.\. ([\w:+-]+?)::(?:\s+(.*))?$")
DECLARING = re.compile(
    r"(?:c:|py:)?(?:c?function|c?member|c?macro|c?type|cvar|data|attribute|class|method|exception|struct|var"
    r"|decorator|object|opcode|staticmethod|classmethod|enum|enumerator)"
)
QUIET = {"index", "highlight", "highlightlang", "sectionauthor", "moduleauthor", "tabularcolumns", "module",
         "currentmodule", "testsetup", "only", "include"}  # fmt: skip
CODE = {"code-block", "code", "sourcecode", "doctest", "testcode", "productionlist", "literalinclude"}
VERSIONS = {"versionadded", "versionchanged", "deprecated", "deprecated-removed", "versionremoved"}
UNDERLINE = re.compile(r"([=\-~^\"'`#*+.:_])\1{2,}\s*")
GRID = re.compile(r"\s*\+[-=+]+\+\s*")
SIMPLE = re.compile(r"\s*=+(?:\s+=+)+\s*")
BULLET = re.compile(r"^\s*(?:[*+\-\u2022]|#\.|\d{1,3}\.|\(?[\da-z]\))\s+")
OPTION = re.compile(r"\s*:[\w -]+:(?:\s|$)")
REFERENCE = re.compile(r":(?:std:)?(?:ref|doc|numref|source):`[^`]*`")
ROLE = re.compile(r":((?:[\w+-]+:)*[\w+-]+):`([^`]*)`")
TARGET = re.compile(r"`([^`<]*?)\s*<[^`>]*>`__?")
NAMED = re.compile(r"`([^`]*)`__?(?!\w)")
LONGEST = 20_000
CALLS = {"func", "meth", "cfunc"}
FOOTNOTE = re.compile(r"\[(?:#\w*|\d+|\*)\]_")


def passages_of_rst(text: str) -> list[Passage]:
    """The passages, in order."""
    return list(_Reader(text.expandtabs().splitlines()).read())


def plain(text: str) -> str:
    """A text without roles, targets and escapes; as it is, if it is longer than what anybody writes."""
    if len(text) > LONGEST:
        return text
    text = FOOTNOTE.sub(" ", REFERENCE.sub(" ", text))
    text = NAMED.sub(r"\1", TARGET.sub(r"\1", ROLE.sub(_role, text)))
    return re.sub(r"\\(.)", lambda match: "" if match[1].isspace() else match[1], text)


def _role(match: re.Match[str]) -> str:
    name, said = match[1].rpartition(":")[2], match[2]
    title, target, _ = said.partition("<")
    if target and title.strip():
        return title.strip()
    shown = said.strip("<>").lstrip("!")
    if shown.startswith("~"):
        shown = shown.rpartition(".")[2].lstrip("~")
    if name in ("pep", "rfc"):
        return f"{name.upper()} {shown}"
    return f"{shown}()" if name in CALLS and not shown.endswith(")") else shown


class _Reader:
    """Goes over the lines once; `section` is what stands last before the line it is at."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.section = ""

    def read(self) -> Iterator[Passage]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            directive = DIRECTIVE.match(line)
            if not line.strip():
                self.at += 1
            elif directive:
                yield from self.directive(directive)
            elif line.lstrip().startswith(".. "):
                self.skip()  # a label, a comment, a footnote's target
            elif GRID.fullmatch(line):
                yield from self.grid()
            elif SIMPLE.fullmatch(line):
                yield from self.simple_table()
            else:
                yield from self.paragraph()

    def passage(self, text: str, line: int) -> Iterator[Passage]:
        words = words_of(plain(text))
        if words:
            yield Passage(self.section, line + 1, words)

    def skip(self) -> None:
        """Leave out the lines up to the next empty one."""
        while self.at < len(self.lines) and self.lines[self.at].strip():
            self.at += 1

    def options(self) -> None:
        """Leave out the options of a directive."""
        while self.at < len(self.lines) and OPTION.match(self.lines[self.at]):
            self.at += 1

    def directive(self, match: re.Match[str]) -> Iterator[Passage]:
        name, said, first = match[1], match[2] or "", self.at
        self.at += 1
        if DECLARING.fullmatch(name):
            signatures = [said]
            while self.at < len(self.lines) and self.lines[self.at].strip():
                if not OPTION.match(self.lines[self.at]):
                    signatures.append(self.lines[self.at])
                self.at += 1
            for number, signature in enumerate(filter(str.strip, signatures)):
                if number == 0:
                    self.section = declared(signature)
                yield from self.passage(signature, first + number)
        elif name in VERSIONS:
            words = said.split(maxsplit=2 if name == "deprecated-removed" else 1)
            rest = words[-1] if len(words) > (2 if name == "deprecated-removed" else 1) else ""
            if rest:
                self.lines[self.at - 1] = rest
                self.at -= 1
        elif name in QUIET:
            self.skip()
        elif name in CODE:
            self.options()
            yield from self.code(_indent(self.lines[first]))
        else:
            self.options()
            yield from self.passage(said, first)

    def paragraph(self) -> Iterator[Passage]:
        first = self.at
        lines: list[str] = []
        while self.at < len(self.lines) and self.lines[self.at].strip():
            line = self.lines[self.at]
            if lines and (UNDERLINE.fullmatch(line) and len(line.strip()) >= 3):
                if len(lines) > 1:
                    yield from self.passage(" ".join(lines[:-1]), first)
                self.section = title_of(plain(lines[-1]).strip("`*"))
                self.at += 1
                return
            if lines and (BULLET.match(line) or DIRECTIVE.match(line) or GRID.fullmatch(line)):
                break
            if UNDERLINE.fullmatch(line) and not lines:
                self.at += 1  # the line above a heading
                return
            lines.append(line)
            self.at += 1
            if self.is_term(line, len(lines)):
                self.section = title_of((plain(line).replace("`", "").split() or [""])[0])
                break
        indent = _indent(lines[0])
        lines[0] = BULLET.sub("", lines[0], count=1)
        yield from self.passage(" ".join(lines), first)
        if lines[-1].rstrip().endswith("::"):
            yield from self.code(indent)

    def code(self, indent: int) -> Iterator[Passage]:
        """Code, which is not marked up: what is deeper than what it belongs to."""
        lines: list[str] = []
        first = self.at
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.strip() and _indent(line) <= indent:
                break
            if line.strip():
                first = first if lines else self.at
                lines.append(line)
            elif lines:
                yield from self.raw(lines, first)
                lines = []
            self.at += 1
        yield from self.raw(lines, first)

    def raw(self, lines: list[str], first: int) -> Iterator[Passage]:
        words = words_of("\n".join(lines))
        if words:
            yield Passage(self.section, first + 1, words)

    def is_term(self, line: str, count: int) -> bool:
        """Whether a line is a term: the next one, its definition, is deeper, with no empty one between."""
        if count != 1 or BULLET.match(line) or self.at >= len(self.lines):
            return False
        after = self.lines[self.at]
        return (
            bool(after.strip())
            and _indent(after) > _indent(line)
            and not line.lstrip().startswith(("|", ":"))
        )

    def grid(self) -> Iterator[Passage]:
        columns = self.lines[self.at].count("+") - 1
        cells = [""] * columns
        first = self.at
        while self.at < len(self.lines) and self.lines[self.at].lstrip().startswith(("+", "|")):
            line = self.lines[self.at].strip()
            if GRID.fullmatch(line):
                yield from self.passage(" ".join(cells), first)
                cells, first = [""] * columns, self.at + 1
            else:
                row = re.sub(r"\.\. [\w:]+:: ", "", line).strip("|").split("|", columns - 1)
                for index, cell in enumerate(row):
                    cells[index] += " " + cell
            self.at += 1
        yield from self.passage(" ".join(cells), first)

    def simple_table(self) -> Iterator[Passage]:
        starts = [match.start() for match in re.finditer(r"=+", self.lines[self.at])]
        self.at += 1
        borders, cells, first = 1, [""] * len(starts), self.at
        while self.at < len(self.lines) and borders < 3:
            line = self.lines[self.at]
            if SIMPLE.fullmatch(line):
                borders += 1
                yield from self.passage(" ".join(cells), first)
                cells, first = [""] * len(starts), self.at + 1
                if borders == 2 and not (self.at + 1 < len(self.lines) and self.lines[self.at + 1].strip()):
                    borders = 3
            elif line[: starts[1]].strip():
                yield from self.passage(" ".join(cells), first)
                cells, first = _cells(line, starts), self.at
            else:
                cells = [f"{cell} {more}" for cell, more in zip(cells, _cells(line, starts), strict=True)]
            self.at += 1
        yield from self.passage(" ".join(cells), first)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _cells(line: str, starts: list[int]) -> list[str]:
    ends = [*starts[1:], max(len(line), starts[-1])]
    return [line[start:end] for start, end in zip(starts, ends, strict=True)]
