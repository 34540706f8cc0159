"""The process in which subjects live: takes requests, runs them, answers.

Started as `python -P -m bufspec.worker`.  One JSON object a line in, one out, on the standard streams as they
were at the start; both are moved out of the way before anything of a subject runs, so that a subject that
prints, reads or closes them disturbs nobody.  A subject may kill this process at any moment: what matters is
in the journal and the ledger by then.
"""

from __future__ import annotations

import ctypes
import faulthandler
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bufspec import _engine
from bufspec.declare import CONSUMER, EXPORTER, Subject
from bufspec.errors import BufspecError
from bufspec.journal import Journal
from bufspec.operations import named_operations, operations_of
from bufspec.profile import Profile
from bufspec.registry import find_subject, group_names, load_group, shown_group_names, subject_from_expression

Message = dict[str, Any]

PR_SET_PDEATHSIG = 1


class Channel:
    """The line to the driver.  Creating it moves standard input and output away: input is then empty and
    output goes where the error stream goes."""

    def __init__(self) -> None:
        self._requests = os.fdopen(os.dup(0), "rb")
        self._answers = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)

    def requests(self) -> Iterator[Message]:
        """Each request until the driver closes the line."""
        for line in self._requests:
            yield json.loads(line)

    def answer(self, message: Message) -> None:
        """Send one answer."""
        os.write(self._answers, json.dumps(message, default=repr).encode("ascii") + b"\n")


def groups(request: Message) -> Message:
    """The names of all subject files; none is imported."""
    return {"groups": group_names()}


def list_subjects(request: Message) -> Message:
    """What the subject files named in `groups` declare (absent: all files)."""
    listed = []
    for name in shown_group_names() if request["groups"] is None else request["groups"]:
        group = load_group(name)
        subjects = [
            {"name": one.name, "target": one.target, "unavailable": one.unavailable}
            for one in group.subjects.values()
        ]
        listed.append({"name": name, "unavailable": group.unavailable, "subjects": subjects})
    return {"groups": listed}


def resolve(request: Message) -> Message:
    """Nothing, if `subject` is there and gives what its target needs; raises what is wrong with it."""
    _subject(request["subject"])
    return {}


def profile(request: Message) -> Message:
    """What can be tried with a subject: the names of its operations, and whether it builds objects."""
    subject = _subject(request["subject"])
    operations: list[str] = []
    if subject.target == EXPORTER and not isinstance(subject.what, str):
        operations = list(operations_of(subject, subject.what(), discover=request["discover"]))
    return {"operations": operations, "builds": subject.build is not None, "volatile": subject.volatile}


def run(request: Message) -> Message:
    """Run the cases of one subject from `first_case` on; failures go to the journal, totals to the ledger."""
    _load_tables(request["tables"])
    subject = _subject(request["subject"])
    cases = _cases(subject, request)
    ledger = _engine.Ledger(request["ledger"], False)
    with Journal(Path(request["journal"])) as journal:
        journal.write({"start": request["first_case"]})
        keywords = {
            "cases": cases,
            "rules": request["rules"],
            "first_case": request["first_case"],
            "stop_on_failure": request["stop_on_failure"],
        }
        if isinstance(subject.what, str):
            _engine.run_function(subject.what, ledger, journal.write, **keywords)
        elif subject.target == CONSUMER:
            _engine.run_consumer(subject.what, ledger, journal.write, **keywords)
        else:
            _engine.run_exporter(
                subject.what, ledger, journal.write, **keywords, **_exporter_keywords(subject, request)
            )
    return {}


def trace(request: Message) -> Message:
    """One case, or an encoded `scenario`, with all that was seen in it."""
    _load_tables(request["tables"])
    subject = _subject(request["subject"])
    keywords = _exporter_keywords(subject, request) if subject.target == EXPORTER else {}
    if "scenario" in request:
        scenario = bytes.fromhex(request["scenario"])
        return {"trace": _engine.trace_scenario(subject.target, subject.what, scenario, **keywords)}
    cases = _cases(subject, request)
    index = cases.index(request["case"])
    return {"trace": _engine.trace_case(subject.target, subject.what, cases=cases, index=index, **keywords)}


def bench(request: Message) -> Message:
    """What a judged request costs beside a raw one, on one object of the subject."""
    _load_tables(request["tables"])
    subject = _subject(request["subject"])
    assert not isinstance(subject.what, str), "only exporters are benched"
    return {"bench": _engine.bench_requests(subject.what(), request["rounds"])}


HANDLERS: dict[str, Callable[[Message], Message]] = {
    "groups": groups,
    "list": list_subjects,
    "resolve": resolve,
    "profile": profile,
    "run": run,
    "trace": trace,
    "bench": bench,
}


def _subject(name: str) -> Subject:
    return subject_from_expression(name) if ":" in name else find_subject(name)


def _cases(subject: Subject, request: Message) -> _engine.Cases:
    known = Profile(tuple(request["operations"]), request["builds"], subject.volatile)
    return known.cases(subject.target, request["edition"], request["seed"], request["bound"])


def _exporter_keywords(subject: Subject, request: Message) -> Message:
    return {
        "operations": named_operations(subject, request["operations"]),
        "build": subject.build,
        "expect": subject.expect,
        "volatile": subject.volatile,
    }


_tables_loaded = ""


def _load_tables(path: str) -> None:
    global _tables_loaded
    if path != _tables_loaded:
        _engine.load_tables(json.loads(Path(path).read_text(encoding="utf-8")))
        _tables_loaded = path


def _answer_to(request: Message) -> Message:
    try:
        return {"done": request["do"], **HANDLERS[request["do"]](request)}
    except BufspecError as error:
        return {
            "refused": type(error).__name__,
            "what": error.what,
            "where": error.where,
            "hint": error.hint,
        }
    except BaseException as error:  # SystemExit and KeyboardInterrupt of a subject included
        return {"raised": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}


def _die_with_the_driver() -> None:
    """Have this process killed when the driver dies: a subject that hangs notices no closed line."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> None:
    """Answer requests until the driver closes the line."""
    _die_with_the_driver()
    channel = Channel()
    faulthandler.enable(os.fdopen(os.dup(2), "w"), all_threads=False)
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    for request in channel.requests():
        channel.answer(_answer_to(request))
    sys.stdout.flush()
    os._exit(0)  # what subjects registered to run at exit is not judged


if __name__ == "__main__":
    main()
