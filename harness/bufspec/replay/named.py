"""Which case do the words of a command line, or a line of a record, name?"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO

from bufspec.errors import SelectionError
from bufspec.run.case_id import CaseId
from bufspec.run.record import EVENTS_FILE
from bufspec.wire.profile import DEFAULT_SEED
from bufspec.words import CURRENT


def case_from_words(words: Sequence[str], edition: str, files: Sequence[str] = ()) -> CaseId:
    """The case that `SUBJECT/CASE` or `SUBJECT CASE` names; raises SelectionError for other words."""
    subject, slash, case = words[0].rpartition("/") if len(words) == 1 else (words[0], "/", words[-1])
    if len(words) not in (1, 2) or not slash or not subject or not case:
        raise SelectionError(
            f"{shlex.join(words)} is not a case id",
            where="bufspec replay",
            hint="name it as SUBJECT/CASE, as the report and the record do",
        )
    return CaseId(subject, case, edition, files=tuple(files))


def case_from_record(place: str, stdin: TextIO) -> CaseId:
    """The case of a failure in a record: `DIR`, `DIR:N` (the Nth, from 1), or `-` for a line on `stdin`."""
    directory, colon, number = place.rpartition(":")
    counted = bool(colon) and number.isdigit()
    path = Path(directory if counted else place)
    path = path / EVENTS_FILE if path.is_dir() else path
    try:
        lines = (stdin.read() if place == "-" else path.read_text(encoding="utf-8")).splitlines()
        events = [json.loads(line) for line in lines if line.strip()]
        failures = [one for one in events if one["event"] == "case-failed" and one["case"]]
        return case_from_event(failures[int(number) - 1 if counted else 0])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SelectionError(f"the record cannot be read: {error}", where=place) from error
    except IndexError as error:
        raise SelectionError(f"the record has {len(failures)} failing cases", where=place) from error


def case_from_event(event: Mapping[str, Any]) -> CaseId:
    """The case of a failure, as its event in a record names it."""
    words = shlex.split(event["replay"])
    given = {option: value for option, value in pairwise(words) if option.startswith("--")}
    edition, file = given.get("--edition", CURRENT), given.get("--subjects")
    return CaseId(
        event["subject"],
        event["case"],
        edition,
        event["rule"],
        (file,) if file else (),
        int(given.get("--seed", DEFAULT_SEED)),
        "--no-discover" not in words,
    )
