"""How does an application run so that its requests are recorded, and what came of it?

The application runs as it would: its own input and output, its own exit code.  Its Python processes find our
sitecustomize through PYTHONPATH; what the environment does not reach is not recorded.
"""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from attrs import field, frozen

from bufspec.errors import EngineError, RecordError, SelectionError
from bufspec.files.opened import MEGABYTE, read_chunks, read_text
from bufspec.files.problem import Refused
from bufspec.files.written import new_folder, not_written

INJECT = Path(__file__).resolve().parent / "inject"
SUFFIX, UNRECORDED = ".requests", ".unrecorded"
MOST = 1 << 40
COUNTS = struct.Struct("<8sII8Q")
"""The beginning of the head of a record, up to and with the counts."""


@frozen
class Recorded:
    """What a recording came to."""

    folder: Path
    code: int
    """The exit code of the application, or 128 + the signal that ended it."""
    processes: int
    requests: int
    releases: int
    unrecorded: int
    """Requests and releases for which there was no room."""
    refused: list[str] = field(factory=list)
    """Why other Python processes were not recorded."""


def record_application(
    command: Sequence[str], folder: Path, *, most: int, stacks: bool, force: bool
) -> Recorded:
    """Run the command and record its Python processes into `folder`.

    Raises RecordError if the folder cannot be used, SelectionError if the command cannot be started.
    """
    folder = folder.absolute()
    module = find_spec("bufspec._recorder")
    if module is None or module.origin is None:
        raise EngineError("bufspec._recorder is missing", hint="pip install . builds it")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(INJECT), os.environ.get("PYTHONPATH", "")))),
        "BUFSPEC_RECORD": str(folder),
        "BUFSPEC_RECORD_MODULE": module.origin,
        "BUFSPEC_RECORD_MOST": str(most * MEGABYTE),
        "BUFSPEC_RECORD_STACKS": "1" if stacks else "",
    }
    with _earlier_aside(folder, force) as replace:
        recorded = _counted(folder, _run(command, environment))
        if recorded.processes:
            replace()
    return recorded


@contextmanager
def _earlier_aside(folder: Path, force: bool) -> Iterator[Callable[[], None]]:
    """Set what was recorded in the folder before aside; it is put back unless what is yielded is called."""
    where = f"--out {folder}"
    try:
        new_folder(folder)
        names = os.listdir(folder)
    except OSError as error:
        raise RecordError(f"the folder cannot be used: {error.strerror}", where=where) from error
    old = [name for name in names if name.endswith((SUFFIX, UNRECORDED))]
    if not old:
        yield lambda: None
        return
    if not force:
        hint = "use another --out, or --force, which removes what was recorded there"
        raise RecordError("there is a recording in this folder already", where=where, hint=hint)
    try:
        aside = Path(tempfile.mkdtemp(prefix="before-", dir=folder))
        for name in old:
            (folder / name).rename(aside / name)
    except OSError as error:
        raise not_written(folder, error) from error
    try:
        yield lambda: shutil.rmtree(aside)
    finally:
        if aside.is_dir():
            for name in old:
                (aside / name).replace(folder / name)
            aside.rmdir()


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    # The terminal sends INT to the application as well, which is who answers it.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(
            command, env=environment, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None
        )
        code = process.wait()
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SelectionError(
            f"the command cannot be started: {reason}", where=" ".join(command), hint="bufspec record -- CMD"
        ) from error
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def _counted(folder: Path, code: int) -> Recorded:
    processes = requests = releases = unrecorded = 0
    for file in folder.glob(f"*{SUFFIX}"):
        try:
            head = next(read_chunks(file, MOST), b"")[: COUNTS.size]
        except (OSError, Refused):
            continue  # bufspec judge says what is wrong with it
        if len(head) == COUNTS.size:
            counts = COUNTS.unpack(head)
            processes += 1
            requests += counts[8]
            releases += counts[9]
            unrecorded += counts[10]
    refused = {
        line for file in folder.glob(f"*{UNRECORDED}") for line in read_text(file, MEGABYTE).splitlines()
    }
    return Recorded(folder, code, processes, requests, releases, unrecorded, sorted(refused))
