"""A run that can be continued: what it was asked and planned lies in a folder next to its record.

`bufspec check --out DIR` begins one in DIR/unfinished, which is removed when the run is over; after a driver
was killed `bufspec check --resume DIR` takes it up.  Finished subjects are kept, those that were being judged
begin again, and since a seed decides all that is drawn, the record is that of a run never interrupted.
A record that is replaced stays until the new one is over, which grows in DIR/unfinished till then.
The state is signed, since it names code that runs when it is taken up (signature.py).
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from attrs import fields, resolve_types

from bufspec.errors import EXIT_USAGE, BufspecError, OutputError, RecordError
from bufspec.files.json_text import DAMAGED, object_from_text
from bufspec.files.opened import MEGABYTE, read_text
from bufspec.files.problem import Problem, Refused
from bufspec.files.written import empty_folder, new_folder, own_folder, write_whole
from bufspec.run.plan import Options
from bufspec.run.record import EVENTS_FILE, cannot_begin
from bufspec.run.signature import is_signed, refuse_unsigned, signed
from bufspec.run.workspace import DRIVER_FILE, claim, claimed_by, working_directory
from bufspec.wire.shapes import Misfit, check
from bufspec.words import EDITIONS

FOLDER = "unfinished"
NEXT = f"{FOLDER}.next"
"""The folder of a run that is about to begin: what cannot begin replaces nothing."""
CHECK = "check"
OF_CODE = ("expressions", "exporter_expressions", "consumer_expressions", "files")
"""The options that name code to be run."""
Asked = TypeVar("Asked", bound=Any)
"""The options of a command."""
OPTIONS_FILE = "options.json"
PLAN_FILE = "plan.json"
"""What a run was planned to do; where there is none, nothing was begun that could be continued."""
MOST = 16 * MEGABYTE
RANGES: dict[str, tuple[float, float]] = {
    "jobs": (1, 256),
    "seed": (0, 2**32 - 1),
    "timeout": (0.1, 1e6),
    "setup_timeout": (0.1, 1e6),
    "memory_limit": (0, 1 << 24),
    "repeat": (1, 1000),
}
VERSION = r"([0-9]{1,4}\.[0-9]{1,4})?"
CHOICES = {"edition": EDITIONS, "bound": ("short", "full")}


@contextmanager
def run_folder(
    options: Any,
    out: Path | None,
    resume: Path | None,
    command: str = CHECK,
    record: str = EVENTS_FILE,
    *,
    force: bool = False,
) -> Iterator[Path]:
    """The folder to work in: the one in `resume` again, a new one in `out`, or a temporary one."""
    new = working_directory() if out is None else begun(out, options, command, record, force=force)
    kind = continued(resume) if resume else new
    with kind as folder:
        yield folder


@contextmanager
def begun(
    out: Path, options: Any, command: str = CHECK, record: str = EVENTS_FILE, *, force: bool = False
) -> Iterator[Path]:
    """The working folder of a new run in `out`; removed when the run is over, left where it was interrupted.

    A run that could not even be planned, since what it was asked for makes no sense, leaves nothing.

    `options` are those of the command, `record` is its file.

    Raises RecordError if another run works there, if one did and its record is not to be replaced (`force`),
    or nothing can be written.
    """
    import cattrs

    folder, new = out / FOLDER, out / NEXT
    for one in (folder, new):
        refuse_if_claimed(one)
    if not force:
        refuse_used(out, record)
    is_new = not os.path.lexists(out)
    try:
        new_folder(out)
        _clear(new)
        new.mkdir(mode=0o700)
        claim(new)
        asked = {"command": command, "options": cattrs.unstructure(options), "directory": os.getcwd()}
        write_whole(new / OPTIONS_FILE, json.dumps(signed("options", asked)))
        if os.path.lexists(out / record):
            write_whole(new / record, "")  # where the new one grows
        clear(out)
        new.rename(folder)
    except OSError as error:
        _clear(new)
        raise cannot_begin(out, error) from error
    except OutputError:
        _clear(new)
        raise
    try:
        yield folder
    except BufspecError as error:
        if error.exit_code == EXIT_USAGE and not [*folder.glob(PLAN_FILE), *folder.glob(f"*/{PLAN_FILE}")]:
            clear(out)
            if is_new:
                with suppress(OSError):
                    out.rmdir()
        raise
    _clear_own(out)


def refuse_used(out: Path, record: str) -> None:
    """Raise RecordError if a record of that name, or an interrupted run, is in `out`."""
    if os.path.lexists(out / FOLDER):
        raise RecordError(
            "a run was interrupted there",
            where=f"--out {out}",
            hint=f"--resume {out} continues it; --force starts anew in its place",
        )
    if os.path.lexists(out / record):
        raise RecordError(
            f"{record} of an earlier run is there",
            where=f"--out {out}",
            hint="use another directory; --force replaces it",
        )


@contextmanager
def continued(out: Path) -> Iterator[Path]:
    """The working folder of the run that was interrupted in `out`; see asked_in for its options."""
    folder = out / FOLDER
    refuse_if_claimed(folder)
    claim(folder)
    yield folder
    _clear_own(out)


def _clear_own(out: Path) -> None:
    """As clear(), of the folder that this run has worked in: a subject may have removed what says so."""
    with suppress(OSError, OutputError):
        if (out / FOLDER).is_dir() and not (out / FOLDER).is_symlink():
            claim(out / FOLDER)
    clear(out)


def clear(out: Path) -> None:
    """Remove the working folder in `out`; one that is not ours stays, as a link does, and is in the way."""
    _clear(out / FOLDER)


def _clear(path: Path) -> None:
    with own_folder(path) as folder:
        if folder is not None and _is_claimed(folder):
            # What marks it as ours goes last: the next run clears up after one that was killed in here.
            empty_folder(folder, last=DRIVER_FILE)
    with suppress(OSError):
        path.rmdir()  # only if nothing is in it


def _is_claimed(folder: int) -> bool:
    with suppress(OSError):
        return stat.S_ISREG(os.stat(DRIVER_FILE, dir_fd=folder, follow_symlinks=False).st_mode)
    return False


def asked_in(out: Path, *, trust: bool = False) -> Options:
    """What the run of bufspec check that was interrupted in `out` was asked to do; see asked_of()."""
    return asked_of(out, CHECK, Options, trust=trust)


def asked_of(out: Path, command: str, kind: type[Asked], *, trust: bool = False) -> Asked:
    """What the run of that command that was interrupted in `out` was asked to do, as options of that kind.

    Raises RecordError if there is none, or it cannot be continued from the present directory, Refused for a
    state that cannot be read, and TrustError for one that is not signed, unless `trust` says that it may run.
    """
    where = f"--resume {out}"
    file = out / FOLDER / OPTIONS_FILE
    with own_folder(out / FOLDER) as folder:
        if folder is None and os.path.lexists(out / FOLDER):
            raise RecordError("is not a folder of yours", where=str(out / FOLDER), hint="remove it")
    try:
        asked = object_from_text(read_text(file, MOST, follow=False), str(file))
    except FileNotFoundError:
        raise RecordError(
            "no run was interrupted there",
            where=where,
            hint=f"a run that can be continued is one with --out DIR; bufspec {command} --out DIR starts one",
        ) from None
    try:
        check(str, asked.get("directory"), "directory")
        check(str, asked.get("command"), "command")
        if asked["command"] != command:
            raise RecordError(
                f"a run of another command, {asked['command']!r:.40}",
                where=f"{file}:1:1",
                hint=f"bufspec {command} --out DIR starts a run of this one",
            )
        options = options_from(asked.get("options"), kind)
    except Misfit as error:
        raise Refused(
            Problem(str(file), 1, 1, str(error), f"{DAMAGED}; bufspec {command} --out DIR")
        ) from error
    code = tuple(one for name in OF_CODE for one in getattr(options, name, ()))
    code += tuple(filter(None, [getattr(options, "python", "")]))
    if (code or getattr(options, "expectations", ())) and asked["directory"] != os.getcwd():
        raise RecordError(
            "the run was started in another directory",
            where=f"{file}:1:1",
            hint=f"its paths are relative to that one: cd {asked['directory']}",
        )
    if not trust and not is_signed("options", asked):
        raise refuse_unsigned("the state of the run", code, f"{file}:1:1")
    return options


def replaces(out: Path, record: str) -> bool:
    """Whether the record of that name in `out` is an earlier one, which an interrupted run is to replace."""
    return os.path.lexists(out / FOLDER / record)


def finished_in(out: Path) -> list[dict[str, Any]] | None:
    """The events of the record in `out` if its run is over, None if there is none or the run can go on."""
    from bufspec.run.recorded import open_record

    if not os.path.lexists(out / EVENTS_FILE) or replaces(out, EVENTS_FILE):
        return None
    try:
        record = open_record(out / EVENTS_FILE, partial=True, follow=False)
        return list(record) if record.foot["complete"] else None
    except Refused:
        if not os.path.lexists(out / FOLDER):
            raise
        return None  # it is written again, from the state of the run


def options_from(value: Any, options: type[Asked]) -> Asked:
    """The options that plain values spell; raises Misfit for others, and for what no command line takes."""
    import cattrs

    check(dict[str, Any], value, "options")
    resolve_types(options)
    known = {one.name: one.type for one in fields(options)}
    if value.keys() != known.keys():
        raise Misfit("options", f"the keys {', '.join(known)}")
    for name, kind in known.items():
        check(list[str] if kind == tuple[str, ...] else kind, value[name], f"options.{name}")
    for name, (least, most) in RANGES.items():
        if name in known and not least <= value[name] <= most:
            raise Misfit(f"options.{name}", f"a number from {least:g} to {most:g}")
    for name, choices in CHOICES.items():
        if name in known and value[name] not in choices:
            raise Misfit(f"options.{name}", f"one of {', '.join(choices)}")
    if not re.fullmatch(VERSION, value.get("rules_of", "")):
        raise Misfit("options.rules_of", "a version like 0.1")
    return cattrs.structure(value, options)


def refuse_if_claimed(folder: Path) -> None:
    """Raise RecordError if another process works in that folder of a run."""
    driver = claimed_by(folder)
    if driver:
        raise RecordError(
            f"process {driver} is still running there",
            where=str(folder),
            hint="wait for it, or use another directory",
        )
