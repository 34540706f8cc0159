"""Which subjects held news when they were last judged from this directory: what --last-failed judges again.

Kept in the user's cache ($XDG_CACHE_HOME/bufspec or ~/.cache/bufspec), a small file for each directory.
A run replaces what is known of the subjects that it judged and leaves the others; nothing else depends on it.
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

from bufspec.run.news import FAIL_ON, is_news, is_undecided
from bufspec.run.plan import Options


def memory_file() -> Path:
    """The file of the current directory."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    digest = hashlib.sha256(os.getcwd().encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Path(cache) / "bufspec" / "last_failed" / f"{digest}.json"


def remembered() -> dict[str, str]:
    """The subjects that failed last, each with the file of one's own that declares it, or an empty text."""
    try:
        known = json.loads(memory_file().read_text(encoding="utf-8"))["failed"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {str(name): str(file) for name, file in known.items()} if isinstance(known, dict) else {}


def remember(events: Sequence[Mapping[str, Any]], files: Mapping[str, str], fail_on: str) -> None:
    """Note which subjects of a record hold news; `files` has the file of one's own that declares each."""
    known = remembered()
    for event in events:
        if event["event"] == "subject-finished":
            known.pop(event["subject"], None)
    for event in events:
        levels = FAIL_ON[fail_on] or FAIL_ON["required"]
        if "subject" in event and (is_news(dict(event), levels) or is_undecided(dict(event))):
            known[event["subject"]] = files.get(event["subject"], "")
    with suppress(OSError):  # a convenience: a run does not fail for want of it
        path = memory_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps({"directory": os.getcwd(), "failed": known}), encoding="utf-8")
        new.replace(path)


def only_last_failed(options: Options) -> Options | None:
    """The same run with only the subjects that failed last among those asked for; None if none of them did.

    Without patterns, expressions and files all that failed is meant, and what declares it is found again.
    """
    known = remembered()
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
    return evolve(
        options,
        patterns=tuple(name for name in names if ":" not in name),
        expressions=tuple(name for name in names if ":" in name),
        files=tuple(dict.fromkeys([*options.files, *files])),
    )
