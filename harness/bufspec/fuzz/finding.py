"""What a campaign found, each in a file of its own: written when met, and again once it is known better.

A finding is met as a scenario that broke a rule or ended its process.  It is run again alone; what shows
again is made smaller and then is news, known, or the same as another one.  A file is replaced whole, so a
driver that is killed loses none, and meets none twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Any, get_type_hints

from attrs import asdict, define, field

from bufspec.errors import RecordError
from bufspec.files.json_text import object_from_text
from bufspec.files.opened import MEGABYTE, read_present
from bufspec.files.written import new_folder, write_whole
from bufspec.wire.shapes import Misfit, check

ID_LETTERS = 12
MOST_COUNTED = 1 << 53
"""No campaign has counted more of anything."""


class Status(StrEnum):
    """What became of a finding."""

    MET = "met"
    """It was not looked at yet."""
    NEWS = "news"
    MINOR = "minor"
    """A rule below the level that a campaign fails on."""
    KNOWN = "known"
    """An expectation lists it."""
    SAME = "same"
    """Made smaller it is one that was there before."""
    ALONE_NOT = "alone_not"
    """The scenario alone, in a new process, does not show it."""


@define
class Finding:
    """One scenario that broke `rule`, or ended its process with `outcome`."""

    id: str
    subject: str
    target: str
    rule: str
    outcome: str
    encoded: str
    execution: int
    stream: int
    status: Status = Status.MET
    described: str = ""
    likeness: str = ""
    """What it has in common with findings that are the same: rule, subject, and the step that is to blame."""
    same_as: str = ""
    expected: str = ""
    found: str = ""
    level: str = ""
    reason: str = ""
    replay: str = ""
    script: str = ""
    tries: int = 0
    times: int = 1
    """How many deaths were met that end alike at a step of this kind."""
    steps: int = 0
    trace: dict[str, Any] = field(factory=dict)

    @property
    def what(self) -> str:
        """The rule, or how the process ended."""
        return self.rule or self.outcome


AN_ID = re.compile(f"[0-9a-f]{{{ID_LETTERS}}}")
APART = ("trace", "script")
"""What is written to files of their own."""
WRITTEN: dict[str, type] = {
    name: str if kind is Status else kind
    for name, kind in get_type_hints(Finding).items()
    if name not in APART
}
"""The type of each field in the file of a finding."""


def new_id(subject: str, what: str, text: str) -> str:
    """The id of a finding, which follows from what was met."""
    return hashlib.sha256("\0".join((subject, what, text)).encode()).hexdigest()[:ID_LETTERS]


class Findings:
    """The findings of a campaign, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        new_folder(folder)
        self.by_id: dict[str, Finding] = {}
        for file in sorted(folder.glob("*.json")):
            if file.name.endswith(".trace.json"):
                continue
            one = finding_in(file)
            self.by_id[one.id] = one

    def meet(self, one: Finding) -> bool:
        """Write a finding down, if it is not there; whether it was not."""
        known = self.by_id.get(one.id)
        if known is not None:
            return False
        self.save(one)
        return True

    def save(self, one: Finding) -> None:
        """Write a finding as it is now."""
        self.by_id[one.id] = one
        plain = {key: value for key, value in asdict(one).items() if key in WRITTEN}
        if one.script:
            write_whole(self.folder / f"{one.id}.py", one.script)
        if one.trace:
            write_whole(self.folder / f"{one.id}.trace.json", json.dumps(one.trace, indent=1) + "\n")
        write_whole(self.folder / f"{one.id}.json", json.dumps(plain, indent=1) + "\n")

    @property
    def waiting(self) -> list[Finding]:
        """Those that were not looked at yet, in the order in which they were met."""
        return [one for one in self.by_id.values() if one.status is Status.MET]

    def of(self, *status: str) -> list[Finding]:
        """Those of that status."""
        return [one for one in self.by_id.values() if one.status in status]


def finding_in(file: Path) -> Finding:
    """The finding that a file has; raises RecordError for any other file.

    A campaign may come from somebody else: its ids become names of files, and its texts lines of a test.
    """
    try:
        plain = object_from_text(read_present(file, MEGABYTE), str(file))
        for name, value in plain.items():
            if name not in WRITTEN:
                raise ValueError(f"no field {name!r:.60}")
            check(WRITTEN[name], value, name)
            if isinstance(value, str):
                value.encode("utf-8")  # lone surrogates cannot be written again
        one = Finding(**{**plain, "status": Status(plain["status"])})
        if not AN_ID.fullmatch(one.id) or one.id != file.stem:
            raise ValueError(f"its id is not {ID_LETTERS} hexadecimal digits, and the name of the file")
        return one
    except (TypeError, KeyError, ValueError, Misfit) as error:
        raise RecordError(
            f"it is no finding of a campaign: {error}",
            where=f"{file}:1:1",
            hint="remove it; the campaign finds it again",
        ) from error
