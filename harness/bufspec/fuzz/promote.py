"""A finding becomes a case that is judged for ever: a subject file that replays its scenario.

The file is one of suites/regress/, or of a test suite of one's own: a test of pytest that fails while the
finding shows.
"""

from __future__ import annotations

from pathlib import Path

from bufspec.errors import RecordError, near_names
from bufspec.files.written import write_whole
from bufspec.fuzz.finding import Finding, Findings, Status
from bufspec.visible import visible

TEXT = '''"""A campaign found it."""

{comment}

import subprocess
import sys

REPLAY = {replay!r}


def test_{name}() -> None:
    """The scenario breaks no rule and ends no process any more."""
    done = subprocess.run([sys.executable, "-m", "bufspec.cli", *REPLAY], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
'''


def promote(folder: Path, wanted: str, to: Path | None) -> Path:
    """Write the regression file of the finding whose id begins so; the file.

    Raises RecordError if there is none, or several, or it does not show alone.
    """
    if not (folder / "findings").is_dir():
        raise RecordError("no campaign is there", where=str(folder), hint="bufspec fuzz SUBJECT --out DIR")
    findings = Findings(folder / "findings")
    ids = [one for one in findings.by_id if one.startswith(wanted)]
    if len(ids) != 1:
        raise RecordError(
            f"{len(ids)} findings have an id that begins with {wanted!r:.40}",
            where=str(folder),
            hint=near_names(wanted, findings.by_id, otherwise="bufspec fuzz prints the ids"),
        )
    one = findings.by_id[ids[0]]
    if one.status not in (Status.NEWS, Status.MINOR, Status.KNOWN):
        raise RecordError(
            f"the finding is not one to keep: {one.status.value}",
            where=str(folder / "findings" / f"{one.id}.json"),
            hint="a finding that shows alone, and is none of the others, can be promoted",
        )
    file = (to or Path()) / f"test_{name_of(one)}.py"
    write_whole(
        file,
        TEXT.format(
            comment="\n".join(f"# {visible(line)}".rstrip() for line in _told(one)),
            replay=_replay(one, folder),
            name=name_of(one),
        ),
        mode=0o644,
    )
    return file


def _told(one: Finding) -> list[str]:
    """What the finding is, for a comment, line by line: its texts are of whoever wrote the campaign."""
    described = (one.described or one.encoded).split("\n")
    return [
        f"{one.what} of {one.subject}",
        "",
        *described,
        "",
        f"expected  {one.expected}",
        f"found     {one.found}",
    ]


def _replay(one: Finding, folder: Path) -> list[str]:
    """The words of its replay behind `bufspec`; raises RecordError where it is another command."""
    import shlex

    try:
        command, *words = shlex.split(one.replay)
    except ValueError:
        command, words = "", []
    if command != "bufspec" or words[:1] != ["replay"]:
        raise RecordError(
            "its replay is no command of bufspec replay",
            where=f"{folder / 'findings' / one.id}.json:1:1",
            hint="remove the finding; the campaign finds it again",
        )
    return words


def name_of(one: Finding) -> str:
    """The name of a finding's test: letters, digits and underscores."""
    text = f"{one.subject}_{one.what}_{one.id[:6]}"
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text).lower()
