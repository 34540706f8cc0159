"""Which command fixes a file of expectations of which an entry no longer holds?

The file is updated from the record of a run that tried all that the entry speaks of.  Where this run is not
such a one, or keeps no record, the command makes one first.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from bufspec.run.expectations.entry import SPECIAL, Expectation, is_name
from bufspec.run.expectations.files import expectations_directory
from bufspec.words import CURRENT

if TYPE_CHECKING:
    from bufspec.run.plan import Plan

RECORD = "bufspec-record"
"""Where a record goes that is made to update a file."""


@frozen
class Fixing:
    """How a run was asked for: the folder of its record (empty: none), and the words of its command."""

    record: str = ""
    asked: tuple[str, ...] = ()

    def command(self, plan: Plan, entry: Expectation) -> str | None:
        """The command line that fixes the file of an entry, None where no command can try the entry again."""
        if plan.options.shard:
            return None  # the record is a part; that of all shards is the one to go by
        file = own_file(entry, (one.file for one in plan.expectations.files if one.ours))
        covered = not plan.options.filtered and covers(plan, entry)
        if covered and self.record:
            return update_command(self.record, file)
        judge = list(self.asked) if covered else _whole(plan, entry)
        if not judge:
            return None
        judge += ["--out", RECORD, "--force", "--fail-on", "none"]
        return f"{shlex.join(['bufspec', *judge])} && {update_command(RECORD, file)}"


def covers(plan: Plan, entry: Expectation) -> bool:
    """Whether a run has every subject that an entry may speak of."""
    if is_name(entry.subject):
        return True
    package = entry.subject.partition(".")[0]
    whole = {one.name for one in plan.whole_packages}
    return package in whole if not SPECIAL & set(package) else bool(whole)


def own_file(entry: Expectation, ours: Iterable[str]) -> str:
    """The file of an entry as a command line names it; `ours` are those that come with bufspec."""
    file = entry.where.rpartition(":")[0]
    return str(expectations_directory() / file.partition("/")[2]) if file in set(ours) else file


def update_command(record: str, file: str) -> str:
    """The command line that updates a file by a record."""
    return shlex.join(["bufspec", "expect", "update", record, "--file", file])


def _whole(plan: Plan, entry: Expectation) -> list[str]:
    """The words of a run that tries all that an entry speaks of; none if no pattern names its subjects."""
    package = entry.subject.partition(".")[0]
    if ":" in entry.subject or SPECIAL & set(package):
        return []
    options = plan.options
    words = ["check", f"{package}.*"]
    for file in options.files:
        words += ["--subjects", file]
    for file in options.expectations:
        words += ["--expectations", file]
    if not options.expects_known:
        words.append("--no-expectations")
    if options.edition != CURRENT:
        words += ["--edition", options.edition]
    return words
