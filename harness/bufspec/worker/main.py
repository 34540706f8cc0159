"""The process in which subjects live: takes requests, runs them, answers.

Started by its keeper (isolation/keeper.py), whose number it gets.  One JSON object a line in, one out, on the
standard streams as they were at the start; both are moved out of the way before anything of a subject runs
(wire/channel.py).  A subject may kill this process at any moment: what matters is in the
journal and the ledger by then.  What a subject changes around itself is put back before the next one
(surroundings.py).
"""

from __future__ import annotations

import ctypes
import errno
import faulthandler
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bufspec import _engine
from bufspec.declare import CONSUMER, EXPORTER, FUNCTION, Subject
from bufspec.errors import LONGEST_TEXT, BufspecError
from bufspec.library import Native, named
from bufspec.processes.family import end_left_behind
from bufspec.wire import messages
from bufspec.wire.channel import Channel
from bufspec.wire.journal import Journal
from bufspec.wire.line import decode_request, encode_answer
from bufspec.wire.messages import Message
from bufspec.wire.profile import Profile
from bufspec.wire.remote_file import HELLO_SECONDS
from bufspec.wire.text import without_addresses
from bufspec.worker.bridge_checks import BridgeChecks
from bufspec.worker.checks import in_place_of
from bufspec.worker.consumers import consumer_keywords, facts_of_consumer, memories_of
from bufspec.worker.inferred import inferred_returns
from bufspec.worker.memory_limit import MemoryLimit
from bufspec.worker.native import facts_of_library
from bufspec.worker.operations import named_operations, operations_of
from bufspec.worker.pairs import pair_block, pair_trace
from bufspec.worker.raised_at import text_and_place
from bufspec.worker.registry import (
    file_groups,
    group_names,
    load_group,
    shown_group_names,
    subject_named,
    use_files,
)
from bufspec.worker.slots import exports, kind_of, slot_of
from bufspec.worker.source import sources
from bufspec.worker.surroundings import Surroundings, see_shared_modules

PR_SET_PDEATHSIG = 1
MOST_TRACE = 1 << 18
"""Characters of a traceback that are sent: a subject's exceptions may say anything."""


def groups(request: messages.Groups) -> Message:
    """The names of all subject files; none is imported."""
    return {"groups": group_names()}


def groups_asked(request: Mapping[str, Any]) -> list[str]:
    """The subject files that are to be listed, those of somebody's own left out."""
    return shown_group_names() if request["groups"] is None else list(request["groups"])


def list_subjects(request: messages.List) -> Message:
    """What the subject files named in `groups` declare (None: all files), and after them the files in use."""
    listed = []
    for group in [load_group(name) for name in groups_asked(request)] + file_groups():
        subjects = [
            {
                "name": one.name,
                "target": one.target,
                "unavailable": one.unavailable,
                "builds": one.build is not None,
                "accepts": list(one.accepts),
                "memories": memories_of(one),
                "where": one.where,
                **({"peer": one.peer} if one.peer[0] else {}),
            }
            for one in group.subjects.values()
        ]
        listed.append({"name": group.name, "unavailable": group.unavailable, "subjects": subjects})
    return {"groups": listed}


def resolve(request: messages.Resolve) -> Message:
    """Nothing, if `subject` is there and gives what its target needs; raises what is wrong with it."""
    subject_named(request["subject"])
    return {}


def profile(request: messages.LookAt) -> Message:
    """What can be tried with a subject: the names of its operations, and whether it builds objects."""
    subject = subject_named(request["subject"])
    if subject.remote:
        from bufspec.worker.remote import remote_profile

        return remote_profile(subject, request.get("hello_seconds", HELLO_SECONDS))
    operations: list[str] = []
    facts: messages.Facts = {"declared": list(subject.operations)}
    if not hasattr(sys, "getrefcount"):  # the driver's interpreter may see what this one does not show
        facts["observes"] = _engine.observations(subject.target)
    if isinstance(subject.what, Native):
        facts = facts_of_library(subject.what)
        operations = list(facts["declared"])
    elif subject.target == EXPORTER and not isinstance(subject.what, str):
        made = subject.what()
        facts |= {
            "views": list(subject.views),
            "exports": exports(made),
            "type": f"an object of type {type(made).__qualname__}",
        }
        facts["slot_of"] = slot_of(made)
        facts["kind"] = kind_of(made)
        facts["expects"] = -1 if subject.expect is None else len(subject.expect)
        operations = list(operations_of(subject, made, discover=request["discover"]))
    elif subject.target == CONSUMER:
        facts["returns"] = subject.returns
    elif subject.target == FUNCTION:
        operations = list(subject.calls)
    return {
        "operations": operations,
        "builds": subject.build is not None,
        "volatile": subject.volatile,
        "memories": memories_of(subject),
        "facts": facts,
    }


def run(request: messages.Run) -> Message:
    """Run the cases of one subject from `first_case` on; failures go to the journal, totals to the ledger.

    The journal ends with what is answered, for a subject may have closed the line.  `worn` names what the
    subject changed in this process and what could not be put back.
    """
    try:
        return _run(request)
    except BaseException as error:
        # A subject has bounded the files of this process, or a thread or a hook of its own raises here.
        is_its_own = not isinstance(error, Exception) or getattr(error, "errno", 0) == errno.EFBIG
        if not is_its_own:
            raise
        with suppress(BaseException):
            os.write(2, _trace(error).encode("utf-8", "backslashreplace"))
        os._exit(1)


def _run(request: messages.Run) -> Message:
    _load_tables(request["tables"])
    surroundings = Surroundings()
    limit = MemoryLimit(request["memory_limit"])
    with Journal(Path(request["journal"])) as journal:
        answer = _judge(request, journal, FailureWriter(journal, surroundings, limit), limit)
        answer["worn"] = surroundings.restore()
        surroundings.close()
        journal.write({"end": answer})
    return answer


def _judge(request: messages.Run, journal: Journal, on_failure: FailureWriter, limit: MemoryLimit) -> Message:
    try:
        subject = subject_named(request["subject"])
        if subject.remote:
            from bufspec.worker.remote import run_remote

            def begin() -> None:
                journal.write({"start": request["first_case"]})

            return run_remote(subject, request, _cases(subject, request), on_failure, begin)
        ledger = _engine.Ledger(request["ledger"], False)
        keywords: dict[str, Any] = {
            "cases": _cases(subject, request),
            "rules": request["rules"],
            "first_case": request["first_case"],
            "ranges": request["ranges"],
            "stop_on_failure": request["stop_on_failure"],
        }
        journal.write({"start": request["first_case"]})
        limit.lower()
        if isinstance(subject.what, Native):
            facts = _engine.run_native(named(subject.what), ledger, on_failure, **keywords)
            return {} if facts is None else {"facts": facts_of_consumer(subject, request, ledger, facts)}
        if isinstance(subject.what, str):
            with in_place_of(subject.names):
                _engine.run_function(subject.what, ledger, on_failure, **keywords)
        elif subject.target == CONSUMER:
            facts = _engine.run_consumer(
                subject.what, ledger, on_failure, **keywords, **consumer_keywords(subject)
            )
            return {"facts": facts_of_consumer(subject, request, ledger, facts)}
        else:
            declared = _exporter_keywords(subject, request)
            check = BridgeChecks(subject)
            _engine.run_exporter(subject.what, ledger, on_failure, check=check, **keywords, **declared)
    except BaseException as error:  # SystemExit and KeyboardInterrupt of a subject included
        limit.lift()
        sys.setrecursionlimit(on_failure.recursion_limit)
        # Whatever it is, the run goes on with other subjects.
        return {"done": "run", **_raised(error), **({"ours": True} if on_failure.was_in_the_way else {})}
    finally:
        limit.lift()
    return {}


OF_THE_MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}
"""What the system says where no file can be written, whoever wants to."""


class FailureWriter:
    """Writes failures to the journal, whatever the subject left of stack and memory to do it with."""

    def __init__(self, journal: Journal, surroundings: Surroundings, limit: MemoryLimit) -> None:
        self._journal = journal
        self._limit = limit
        self.recursion_limit = surroundings.recursion_limit
        self.was_in_the_way = False
        """Whether the machine could not write, which is no fault of the subject's."""

    def __call__(self, failure: Mapping[str, Any]) -> None:
        try:
            self._journal.write(failure)
        except (RecursionError, MemoryError):
            sys.setrecursionlimit(self.recursion_limit)
            with self._limit.lifted():
                self._journal.write(failure)
        except OSError as error:
            self.was_in_the_way = error.errno in OF_THE_MACHINE
            raise


def explore(request: messages.Explore) -> Message:
    """Random scenarios of a campaign; what they broke goes to the journal, totals to the state."""
    from bufspec.worker.campaign import explored

    _load_tables(request["tables"])
    subject = subject_named(request["subject"])
    surroundings = Surroundings()
    limit = MemoryLimit(request["memory_limit"])
    with Journal(Path(request["journal"])) as journal:
        writer = FailureWriter(journal, surroundings, limit)
        limit.lower()
        try:
            there = explored(subject, request, _keywords(subject, request), writer)
        finally:
            limit.lift()
        worn = surroundings.restore()
        surroundings.close()
    return {"there": there, "worn": worn}


def trace(request: messages.TraceOf) -> Message:
    """One case, or an encoded `scenario`, with all that was seen in it."""
    _load_tables(request["tables"])
    subject = subject_named(request["subject"])
    if subject.remote:
        return _trace_of_remote(subject, request)
    keywords = _keywords(subject, request)
    what = named(subject.what) if isinstance(subject.what, Native) else subject.what
    keywords["ledger"] = _engine.Ledger(request["ledger"], False) if "ledger" in request else None
    if subject.target == EXPORTER and not isinstance(what, tuple):
        keywords["check"] = BridgeChecks(subject)
    with in_place_of(subject.names):
        if "scenario" in request:
            scenario = bytes.fromhex(request["scenario"])
            seen = _engine.trace_scenario(subject.target, what, scenario, **keywords)
        else:
            cases = _cases(subject, request)
            index = cases.index(request["case"])
            seen = _engine.trace_case(subject.target, what, cases=cases, index=index, **keywords)
    if not isinstance(what, tuple) and (found := inferred_returns(subject)):
        seen["inferred"] = found
    return {"trace": seen}


def _trace_of_remote(subject: Subject, request: messages.TraceOf) -> Message:
    from bufspec.worker.remote import trace_remote

    if "scenario" in request:
        return trace_remote(subject, bytes.fromhex(request["scenario"]), "")
    cases = _cases(subject, request)
    return trace_remote(subject, cases.scenario(cases.index(request["case"])), request["case"])


def source(request: messages.Source) -> Message:
    """How the objects of a subject are made and what is done to them, as Python text."""
    subject = subject_named(request["subject"])
    if subject.remote:
        from bufspec.worker.remote import source_of_remote

        return source_of_remote(subject, bytes.fromhex(request["scenario"]))
    return sources(subject, bytes.fromhex(request["scenario"]), request["tried"])


def bench(request: messages.BenchOf) -> Message:
    """What a judged request costs compared with a raw one, on one object of the subject."""
    _load_tables(request["tables"])
    subject = subject_named(request["subject"])
    assert not isinstance(subject.what, str), "only exporters are benched"
    if isinstance(subject.what, Native):
        cost = _engine.bench_native(*named(subject.what), request["rounds"])
        return {"bench": cost, "process": os.getpid()}
    return {"bench": _engine.bench_requests(subject.what(), request["rounds"]), "process": os.getpid()}


def measure(request: messages.Measure) -> Message:
    """What a request, a release and a full read of an object of the subject cost."""
    from bufspec.worker.measured import measured

    subject = subject_named(request["subject"])
    assert not isinstance(subject.what, str), "only exporters are measured"
    if isinstance(subject.what, Native):
        return {"measured": None}
    return {"measured": measured(subject.what())}


def bench_built(request: messages.BenchBuilt) -> Message:
    """What judging the objects costs that the subject builds from layouts."""
    from bufspec.worker.built import judge_built

    _load_tables(request["tables"])
    subject, ledger = subject_named(request["subject"]), Path(request["ledger"])
    return {"built": judge_built(subject, ledger, runs=request["runs"], cases=request["cases"])}


HANDLERS: dict[str, Callable[[Any], Message]] = {
    "groups": groups,
    "list": list_subjects,
    "resolve": resolve,
    "profile": profile,
    "run": run,
    "explore": explore,
    "trace": trace,
    "source": source,
    "pairs": pair_block,
    "pair_trace": pair_trace,
    "bench": bench,
    "measure": measure,
    "bench_built": bench_built,
}


def _cases(subject: Subject, request: messages.Run | messages.TraceOf) -> _engine.Cases:
    known = Profile(tuple(request["operations"]), request["builds"], subject.volatile, request["memories"])
    return known.cases(subject.target, request["edition"], request["seed"], request["bound"])


def _keywords(subject: Subject, request: messages.Run | messages.TraceOf | messages.Explore) -> Message:
    """What is declared of a subject, as the functions of the engine take it."""
    if isinstance(subject.what, Native):
        return {}
    if subject.target == EXPORTER:
        return _exporter_keywords(subject, request)
    return consumer_keywords(subject) if subject.target == CONSUMER else {}


def _exporter_keywords(
    subject: Subject, request: messages.Run | messages.TraceOf | messages.Explore
) -> Message:
    return {
        "operations": named_operations(subject, request["operations"]),
        "build": subject.build,
        "expect": subject.expect,
        "volatile": subject.volatile,
        "readonly": subject.readonly,
    }


_tables_loaded = ""


def _load_tables(path: str) -> None:
    global _tables_loaded
    if path != _tables_loaded:
        _engine.load_tables(json.loads(Path(path).read_text(encoding="utf-8")))
        _tables_loaded = path


def answer_to_line(line: bytes) -> bytes:
    """What the request that a line has comes to, as a line."""
    try:
        request = decode_request(line)
    except BufspecError as error:
        return encode_answer(answer_from_error(error))
    return encode_answer(answer_to(request))


def answer_to(request: Message) -> Message:
    """What a request comes to; an error is an answer too."""
    try:
        see_shared_modules()
        if request["do"] == "list":  # before files of somebody's own can stand in their way
            for name in groups_asked(request):
                load_group(name)
        use_files(request.get("files", ()), request.get("hello_seconds", HELLO_SECONDS))
        return {"done": request["do"], **HANDLERS[request["do"]](request)}
    except BaseException as error:  # SystemExit and KeyboardInterrupt of a subject included
        return answer_from_error(error)


def answer_from_error(error: BaseException) -> Message:
    """The answer that reports an error: `refused` with one of ours, `raised` with one of a subject's."""
    if isinstance(error, BufspecError):
        return {
            "refused": type(error).__name__,
            "what": error.what,
            "where": error.where,
            "hint": error.hint,
        }
    return _raised(error)


def _raised(error: BaseException) -> Message:
    return {
        "raised": without_addresses(text_and_place(error)),
        "kind": type(error).__name__[:LONGEST_TEXT],
        "trace": _trace(error),
    }


def _trace(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(error))[:MOST_TRACE]
    except BaseException:
        return ""


def _die_with_the_keeper(keeper: int) -> None:
    """Have this process killed when its keeper dies, as that does with the driver.

    A subject that hangs notices no closed line.
    """
    if sys.platform == "linux":
        _die_with_the_parent()
        if os.getppid() != keeper:
            os._exit(0)  # it died before it could be watched


def _die_with_the_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def import_from_here() -> None:
    """Let the modules of the current directory be imported, as those of a script's are."""
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())


def main(keeper: int) -> None:
    """Answer requests until the driver closes the line."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # else an interrupt would be an exception of ours, anywhere
    _die_with_the_keeper(keeper)
    channel = Channel()
    faulthandler.enable(os.fdopen(os.dup(2), "w"), all_threads=False)
    os.register_at_fork(after_in_child=_die_with_the_parent)
    import_from_here()
    worker = os.getpid()
    for line in channel.lines():
        answer = answer_to_line(line)
        if os.getpid() != worker:
            os._exit(0)  # a forked child of a subject that came back here
        if b'"worn"' in answer:
            end_left_behind(keeper)
        if not channel.send(answer):
            break
    with suppress(BaseException):
        sys.stdout.flush()
    os._exit(0)  # what subjects registered to run at exit is not judged
