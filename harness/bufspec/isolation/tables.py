"""Are the tables that workers read still the ones that the driver wrote?

They lie in the folder that a run works in, where a subject may write, too.
"""

from __future__ import annotations

from pathlib import Path

from bufspec.files.opened import read_bytes
from bufspec.files.problem import Refused
from bufspec.files.removed import make_way
from bufspec.files.written import write_whole

_written: dict[str, bytes] = {}
"""What this process wrote, by the name of the file."""
_texts: dict[bytes, bytes] = {}
"""The same texts, each kept once: a process of tests has many runs of the same tables."""


def write_tables(file: Path, text: str) -> None:
    """Write what workers are to read, and remember it."""
    write_whole(file, text)
    raw = text.encode("utf-8")
    _written[str(file)] = _texts.setdefault(raw, raw)


def put_back_tables(file: str) -> None:
    """Write a file again that is no longer as it was; none that this process did not write."""
    known = _written.get(file)
    if known is None:
        return
    path = Path(file)
    try:
        if read_bytes(path, len(known), follow=False) == known:
            return
    except (Refused, FileNotFoundError):
        make_way(path)
    write_whole(path, known.decode("utf-8"))
