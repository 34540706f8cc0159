"""A run that can be continued: what it was asked and planned lies in a folder next to its record.

`bufspec check --out DIR` begins one in DIR/unfinished, which is removed when the run is over; after a driver
was killed `bufspec check --resume DIR` takes it up.  Finished subjects are kept, those that were being judged
begin again, and since a seed decides all that is drawn, the record is that of a run never interrupted.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bufspec import __version__
from bufspec.errors import RecordError
from bufspec.run.plan import Options, Plan
from bufspec.run.record import EVENTS_FILE
from bufspec.run.workspace import DRIVER_FILE, claim, claimed_by, working_directory, write_whole

FOLDER = "unfinished"
OPTIONS_FILE = "options.json"
PLAN_FILE = "plan.json"


@contextmanager
def run_folder(options: Options, out: Path | None, resume: Path | None) -> Iterator[Path]:
    """The folder to work in: the one in `resume` again, a new one in `out`, or a temporary one."""
    kind = continued(resume) if resume else begun(out, options) if out else working_directory()
    with kind as folder:
        yield folder


@contextmanager
def begun(out: Path, options: Options) -> Iterator[Path]:
    """The working folder of a new run in `out`; removed when the run is over, left where it was interrupted.

    Raises RecordError if another run works there, or nothing can be written.
    """
    import cattrs

    folder = out / FOLDER
    _refuse_if_claimed(folder)
    try:
        (out / EVENTS_FILE).unlink(missing_ok=True)
        clear(out)
        folder.mkdir(parents=True)
        claim(folder)
        asked = {"options": cattrs.unstructure(options), "directory": os.getcwd()}
        write_whole(folder / OPTIONS_FILE, json.dumps(asked))
    except OSError as error:
        raise RecordError(
            f"the record cannot be written: {error.strerror}", where=str(out), hint="name another --out"
        ) from error
    yield folder
    clear(out)


@contextmanager
def continued(out: Path) -> Iterator[Path]:
    """The working folder of the run that was interrupted in `out`; see asked_in for its options."""
    folder = out / FOLDER
    _refuse_if_claimed(folder)
    claim(folder)
    yield folder
    clear(out)


def clear(out: Path) -> None:
    """Remove the working folder in `out`; one that is not ours stays, and is then in the way."""
    folder = out / FOLDER
    if (folder / DRIVER_FILE).is_file():
        # What marks it as ours goes last, so that the next run clears up after one that was killed in here.
        for one in folder.iterdir():
            if one.is_dir() and not one.is_symlink():
                shutil.rmtree(one, ignore_errors=True)
            elif one.name != DRIVER_FILE:
                one.unlink(missing_ok=True)
        (folder / DRIVER_FILE).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()  # only if nothing is in it


def asked_in(out: Path) -> Options:
    """What the run that was interrupted in `out` was asked to do.

    Raises RecordError if there is none, or it cannot be continued from the present directory.
    """
    import cattrs

    where = f"--resume {out}"
    try:
        asked = json.loads((out / FOLDER / OPTIONS_FILE).read_text(encoding="utf-8"))
        options = cattrs.structure(asked["options"], Options)
    except FileNotFoundError:
        raise RecordError(
            "no run was interrupted there",
            where=where,
            hint="a run that can be continued is one with --out DIR; bufspec check --out DIR starts one",
        ) from None
    except (OSError, ValueError, KeyError, TypeError, cattrs.errors.BaseValidationError) as error:
        raise RecordError(
            f"the options of the run cannot be read: {type(error).__name__}",
            where=where,
            hint="start it again: bufspec check --out",
        ) from error
    here = options.expressions or options.files or options.expectations
    if here and asked["directory"] != os.getcwd():
        raise RecordError(
            "the run was started in another directory",
            where=where,
            hint=f"its paths are relative to that one: cd {asked['directory']}",
        )
    return options


def complete_events(out: Path) -> list[dict[str, Any]] | None:
    """The events of a record in `out` that is whole, None if there is none or it was cut short."""
    try:
        lines = (out / EVENTS_FILE).read_text(encoding="utf-8").splitlines()
        events = [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return None
    whole = events and events[-1].get("event") == "run-finished" and events[-1].get("complete")
    return events if whole else None


def keep_plan(work: Path, plan: Plan) -> None:
    """Keep in the working folder what identifies a plan, or hold it against what is kept.

    Raises RecordError if the interrupted run was of other tables, cases, subjects or versions.
    """
    planned = _identity(plan)
    file = work / PLAN_FILE
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        write_whole(file, json.dumps(planned))
        return
    differing = [key for key in planned if kept.get(key) != planned[key]]
    if differing:
        raise RecordError(
            f"the run was started with other {' and '.join(differing)}",
            where=str(work.parent),
            hint="start it again: bufspec check --out",
        )


def _identity(plan: Plan) -> dict[str, Any]:
    cases = {}
    for target, names in plan.cases.items():
        digest = hashlib.sha256()
        for name in names:
            digest.update(name.encode() + b"\0")
        cases[target] = digest.hexdigest()
    return {
        "tables": plan.rulebook.digest,
        "versions": {"bufspec": __version__, "Python": platform.python_version()},
        "subjects": [one.name for one in plan.subjects],
        "cases": cases,
    }


def _refuse_if_claimed(folder: Path) -> None:
    driver = claimed_by(folder)
    if driver:
        raise RecordError(
            f"process {driver} is still running there",
            where=str(folder),
            hint="wait for it, or use another directory",
        )
