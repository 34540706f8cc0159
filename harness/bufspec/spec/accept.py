"""How does a clause come by the digest of its passage?

Writes the digests of a document into the file of its text in spec/sources, and nothing else there: what the
clauses say stays as it is.  A passage that cannot be told from others is refused.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from bufspec.errors import SelectionError, TablesError
from bufspec.files.opened import read_text
from bufspec.files.written import write_named
from bufspec.spec.clause_texts import TextFile
from bufspec.spec.document import read_document
from bufspec.spec.drift import chosen, place
from bufspec.spec.passages import Passages, title_of
from bufspec.spec.positions import MAX_BYTES
from bufspec.spec.tables import Spec

LONGEST_NAME = 200
CLAUSE = re.compile(r"^  ([SC]-[A-Z0-9-]+):\s*$")
DIGEST = re.compile(r"^(        digest: )\S.*$")
READ = re.compile(r"^read: .*$(?:\n+others: \[[^\]]*\])?", re.MULTILINE)
TEXT = re.compile(r"^(text: .*)$", re.MULTILINE)


def accept(spec: Spec, path: Path, text: str | None, read: str) -> tuple[str, int]:
    """Take the digests of the document in the file `path`, which is the copy called `read`.

    Returns the file that was written and how many digests in it are new.  Raises TablesError where a passage
    is not exactly one.
    """
    if not read.isprintable() or not 1 <= len(read) <= LONGEST_NAME:
        raise SelectionError(
            f"the name of the copy has to be 1 to {LONGEST_NAME} printable characters",
            where="--accept",
            hint='name what was read: "Python 3.15.2, c-api/buffer.html"',
        )
    passages = read_document(path)
    file = chosen(spec, passages, path, text)
    digests = _digests(file, passages, path)
    target = spec.directory / file.file
    before = read_text(target, MAX_BYTES)
    after, count = _with_digests(before, digests)
    others = _others(file, passages, digests)
    line = f"read: {json.dumps(read, ensure_ascii=False)}\n\nothers: " + (
        f"[\n{others}\n]" if others else "[]"
    )
    after = (
        READ.sub(lambda _: line, after) if READ.search(after) else TEXT.sub(rf"\1\n{line}", after, count=1)
    )
    write_named(target, (after,))
    return str(target), count


def _others(file: TextFile, passages: Passages, digests: dict[str, list[str]]) -> str:
    """The passages that no clause was read from, four a line."""
    taken = {one[:16] for some in digests.values() for one in some}
    sections = {title_of(one.section) for clause in file.clauses for one in clause.passages}
    found = dict.fromkeys(
        one.short for one in passages.all if one.section in sections and one.short not in taken
    )
    quoted = [f'"{one}"' for one in found]
    rows = [", ".join(quoted[first : first + 4]) for first in range(0, len(quoted), 4)]
    return ",\n".join(f"  {row}" for row in rows)


def _digests(file: TextFile, passages: Passages, path: Path) -> dict[str, list[str]]:
    """The digests of each clause's passages, in their order."""
    digests: dict[str, list[str]] = {}
    unclear = []
    for clause in file.clauses:
        for one in clause.passages:
            _, found = place(one, passages)
            if len({passage.digest for passage in found}) == 1:
                digests.setdefault(clause.clause, []).append(found[0].digest)
            else:
                unclear.append(f"{clause.clause} ({len(found)} passages of section {one.section})")
    if unclear:
        raise TablesError(
            f"these clauses name passages that are not exactly one each: {', '.join(unclear)}",
            where=str(path),
            hint=f"correct their section or their words in {file.file}",
        )
    return digests


def _with_digests(text: str, digests: dict[str, list[str]]) -> tuple[str, int]:
    left = {clause: iter(one) for clause, one in digests.items()}
    lines, clause, count = text.split("\n"), "", 0
    for number, line in enumerate(lines):
        match = CLAUSE.match(line)
        clause = match[1] if match else clause
        if clause in left and DIGEST.match(line):
            new = DIGEST.sub(rf'\1"{next(left[clause])}"', line)
            count += new != line
            lines[number] = new
    return "\n".join(lines), count
