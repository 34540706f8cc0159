"""Which subjects held news when they were last judged from this directory: what --last-failed judges again.

Kept in the user's cache ($XDG_CACHE_HOME/bufspec or ~/.cache/bufspec), a small file for each directory.
A run replaces what is known of the subjects that it judged and leaves the others; nothing else depends on it.
It is signed, since it names code that runs when it is taken up (signature.py).
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import evolve

from bufspec.errors import OutputError
from bufspec.files.json_text import object_from_text
from bufspec.files.of_user import cache_home
from bufspec.files.opened import MEGABYTE, read_text
from bufspec.files.problem import Refused
from bufspec.files.written import new_folder, write_whole
from bufspec.run.news import FAIL_ON, is_news, is_undecided
from bufspec.run.plan import Options
from bufspec.run.signature import is_signed, refuse_unsigned, signed

KIND = "last failed"
MOST = MEGABYTE


def memory_file() -> Path:
    """The file of the current directory."""
    digest = hashlib.sha256(os.getcwd().encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return cache_home() / "bufspec" / "last_failed" / f"{digest}.json"


def remembered() -> tuple[dict[str, str], bool]:
    """The subjects that failed last, each with the file of one's own that declares it, or an empty text; and
    whether that is signed, so that what it names may be run."""
    with suppress(OSError, Refused):
        file = memory_file()
        kept = object_from_text(read_text(file, MOST), str(file))
        known = kept.get("failed")
        if isinstance(known, dict) and all(isinstance(one, str) for one in known.values()):
            return known, is_signed(KIND, kept)
    return {}, False


def remember(events: Sequence[Mapping[str, Any]], files: Mapping[str, str], fail_on: str) -> None:
    """Note which subjects of a record hold news; `files` has the file of one's own that declares each.

    What was not signed is forgotten: signed anew, it would pass for this user's own.
    """
    known, is_ours = remembered()
    known = known if is_ours else {}
    judged = {event["subject"] for event in events if event["event"] == "subject-finished"}
    for name in judged:
        known.pop(name, None)
    for event in events:
        levels = FAIL_ON[fail_on] or FAIL_ON["required"]
        # What a whole run shows of an expectation has its glob for a subject.
        if event.get("subject") in judged and (is_news(dict(event), levels) or is_undecided(dict(event))):
            known[event["subject"]] = files.get(event["subject"], "")
    with suppress(OSError, OutputError):  # a convenience: a run does not fail for want of it
        path = memory_file()
        new_folder(path.parent)
        write_whole(path, json.dumps(signed(KIND, {"directory": os.getcwd(), "failed": known})))


def only_last_failed(options: Options, *, trust: bool = False) -> Options | None:
    """The same run with only the subjects that failed last among those asked for; None if none of them did.

    Without patterns, expressions and files all that failed is meant, and what declares it is found again.
    Raises TrustError if that would run code that the memory names and nobody signed, unless `trust` says that
    it may.
    """
    known, is_ours = remembered()
    asked = bool(options.patterns or options.expressions or options.files)
    names = [
        name
        for name, file in known.items()
        if not asked
        or name in options.expressions
        or any(fnmatch.fnmatchcase(name, pattern) for pattern in options.patterns)
        or (file in options.files and not options.patterns)
    ]
    if not names:
        return None
    files = [known[name] for name in names if known[name]]
    code = [name for name in names if ":" in name and name not in options.expressions]
    code += [file for file in files if file not in options.files]
    if code and not trust and not is_ours:
        raise refuse_unsigned("what failed last", code, f"{memory_file()}:1:1")
    return evolve(
        options,
        patterns=tuple(name for name in names if ":" not in name),
        expressions=tuple(name for name in names if ":" in name),
        files=tuple(dict.fromkeys([*options.files, *files])),
    )
