"""What makes two runs runs of the same plan, wherever and in however many shards they are run?"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from attrs import asdict, evolve

from bufspec.files.opened import MEGABYTE, read_bytes
from bufspec.library import is_library
from bufspec.run.plan import Plan
from bufspec.run.versions import versions_of
from bufspec.wire.remote_file import command_of

MOST_SUBJECTS_FILE = 16 * MEGABYTE
MOST_LIBRARY = 256 * MEGABYTE
OF_THE_RUN_ALONE = {"jobs": None, "shard": "", "in_process": False, "python": ""}
"""Options by which nothing changes in what is judged."""


def digests_of_cases(plan: Plan) -> dict[str, str]:
    """A digest of the ids of the cases that the subjects of each target have."""
    found = {}
    for target, names in plan.cases.items():
        digest = hashlib.sha256()
        for name in names:
            digest.update(name.encode() + b"\0")
        found[target] = digest.hexdigest()
    return found


def plan_digest(plan: Plan) -> str:
    """The digest of all that decides what the whole plan comes to: what its shards have in common."""
    options = {**asdict(plan.options), **OF_THE_RUN_ALONE}
    identity: dict[str, Any] = {
        "tables": plan.rulebook.digest,
        "versions": versions_of([one.name for one in plan.subjects]),
        # Where a subject is declared has the folder of this machine in it.
        "subjects": [asdict(evolve(one, where="")) for one in plan.subjects],
        "cases": digests_of_cases(plan),
        "options": options,
        "expectations": asdict(plan.expectations),
        "files": [hashlib.sha256(_content(file)).hexdigest() for file in plan.options.files],
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode("ascii")).hexdigest()


def _content(file: str) -> bytes:
    if command := command_of(file):
        return command.encode("utf-8", "surrogateescape")
    try:
        return read_bytes(Path(file), MOST_LIBRARY if is_library(file) else MOST_SUBJECTS_FILE)
    except FileNotFoundError:
        return b""  # gone since it was loaded
