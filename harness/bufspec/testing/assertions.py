"""Judging from a test: assert_conforms() an exporter, assert_consumes() a consumer; for pytest, unittest and
whoever else asserts.

What is judged stays where it is: forks of the test's process judge it (isolation/forked.py), so that a crash,
a hang or an exit is a failed assertion and not the end of the tests.  Only temporary files are written.
"""

from __future__ import annotations

import asyncio
import ctypes
import fnmatch
import io
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fspath
from typing import Any

import anyio
from attrs import evolve, frozen

from bufspec.declare import (
    CONSUMER,
    READS,
    Build,
    Consume,
    Operation,
    Subject,
    consumer,
    exporter,
    take_declared,
)
from bufspec.errors import DeclarationError, UndecidedError
from bufspec.isolation.forked import ForkedSupervisor
from bufspec.isolation.in_process import InProcess
from bufspec.reports.summary import summary_from_events
from bufspec.reports.terminal.check import print_broken, print_deaths, print_report
from bufspec.reports.terminal.console import plain_console
from bufspec.reports.wording.outdated import what_is_wrong
from bufspec.reports.wording.sentences import in_words
from bufspec.run.check import run_plan
from bufspec.run.news import FAIL_ON, has_news, is_undecided
from bufspec.run.plan import Options, make_plan
from bufspec.run.record import CaseFailed, Event, json_from_event
from bufspec.run.workspace import working_directory
from bufspec.wire.given import give, withdraw
from bufspec.wire.views import with_views
from bufspec.words import CURRENT, DEATH

Files = Sequence[str | PathLike[str]]

HOW = frozenset({"rules", "exclude", "edition", "expectations", "timeout", "isolated"})
"""The keywords that say how to judge; the others of assert_conforms() and assert_consumes() say what."""


def assert_conforms(
    obj_or_factory: object,
    *,
    name: str | None = None,
    build: Build | None = None,
    expect: bytes | bytearray | memoryview | None = None,
    operations: Mapping[str, Operation] | None = None,
    discover: bool = True,
    volatile: bool = False,
    readonly: bool = False,
    views: Mapping[str, Operation] | None = None,
    rules: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    edition: str = CURRENT,
    expectations: Files = (),
    fail_on: str = "required",
    allow_undecided: bool = False,
    timeout: float = 10.0,
    isolated: bool = True,
) -> None:
    """Judge an exporter, and raise AssertionError, whose text is the terminal's report, if there is news.

        def test_matrix():
            bufspec.assert_conforms(lambda: Matrix(2, 3), expect=bytes(6))

    Give a factory, called for each object that a case needs, wherever you can: a single object is judged
    through all cases, and nothing that would change it for good is done to it.

    `name` (package.subject) is what reports and expectations call it; `build`, `expect`, `operations`,
    `discover`, `volatile`, `readonly` and `views` are as in bufspec.declare.exporter(); `rules` and `exclude`
    are globs of rule ids; `expectations` are files of known failures; `fail_on` is "required" or
    "recommended"; `allow_undecided` lets an object pass that grants nothing, which is else an UndecidedError;
    `timeout` is in seconds, for one case.  `isolated=False` judges in this very process, for a debugger: then
    a crash takes it down.  Takes a fraction of a second, and more for what is declared beyond the object.

    Raises UndecidedError, an AssertionError, if nothing could be judged, and another BufspecError
    (DeclarationError, SelectionError, ...) for what makes no sense.
    """
    subject = subject_from_object(
        obj_or_factory,
        name=name,
        build=build,
        expect=expect,
        operations=operations,
        discover=discover,
        volatile=volatile,
        readonly=readonly,
        views=views,
    )
    for one in with_views([subject]):
        _assert_good(
            judge(
                one,
                rules=rules,
                exclude=exclude,
                edition=edition,
                expectations=expectations,
                timeout=timeout,
                isolated=isolated,
            ),
            fail_on,
            allow_undecided,
        )


def assert_consumes(
    consume: Consume,
    *,
    name: str | None = None,
    kind: str = READS,
    returns: str = "",
    accepts: Sequence[str] = (),
    fallback: bool = False,
    fits: Mapping[str, Any] | None = None,
    order: str = "",
    refuses: Sequence[type[BaseException]] = (),
    reentrant: bool = True,
    threads: bool = True,
    rules: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    edition: str = CURRENT,
    expectations: Files = (),
    fail_on: str = "required",
    allow_undecided: bool = False,
    timeout: float = 10.0,
    isolated: bool = True,
) -> None:
    """Judge a consumer, and raise AssertionError, whose text is the terminal's report, if there is news.

        def test_checksum():
            bufspec.assert_consumes(mypackage.checksum)

    `consume` is called with one object, whose memory it uses; it is called some hundred times, now and then
    from several threads at once, and must give the same for the same bytes each time: one with a state is
    given as bufspec.declare.consumer.fresh(lambda: File("name").readinto).

    The keywords from `kind` to `threads` are as in bufspec.declare.consumer(); the others as
    for assert_conforms().  Takes about a second.

    Raises UndecidedError, an AssertionError, if nothing could be judged, and another BufspecError
    (DeclarationError, SelectionError, ...) for what makes no sense.
    """
    subject = subject_from_consumer(
        consume,
        name=name,
        kind=kind,
        returns=returns,
        accepts=accepts,
        fallback=fallback,
        fits=fits,
        order=order,
        refuses=refuses,
        reentrant=reentrant,
        threads=threads,
    )
    _assert_good(
        judge(
            subject,
            rules=rules,
            exclude=exclude,
            edition=edition,
            expectations=expectations,
            timeout=timeout,
            isolated=isolated,
        ),
        fail_on,
        allow_undecided,
    )


def _assert_good(judgement: Judgement, fail_on: str, allow_undecided: bool) -> None:
    if fail_on not in FAIL_ON:
        raise DeclarationError(f"fail_on is {fail_on!r}", hint=f"one of {', '.join(FAIL_ON)}")
    if not allow_undecided and (reason := judgement.undecided):
        raise UndecidedError(
            f"{judgement.finished['subject']} is undecided: {reason}",
            hint="allow_undecided=True, if nothing can be judged here and that is right",
        )
    if not judgement.is_complete or has_news(judgement.events, fail_on, allow_undecided=True):
        raise AssertionError(judgement.report())


@frozen
class Judgement:
    """What a subject came to, as the events of a record."""

    events: list[dict[str, Any]]

    @property
    def is_complete(self) -> bool:
        """Whether the subject was judged to the end, or to its own."""
        return bool(self.events[-1]["complete"])

    @property
    def finished(self) -> dict[str, Any]:
        """The event that says what the subject came to."""
        return next(event for event in self.events if event["event"] == "subject-finished")

    @property
    def undecided(self) -> str:
        """Why nothing was judged, and nobody expected that; empty otherwise."""
        return str(self.finished["undecided"]["reason"]) if is_undecided(self.finished) else ""

    def failures(self, rule: str | None) -> list[dict[str, Any]]:
        """The recorded failures of one rule; the deaths for None."""
        return [one for one in self.events if one["event"] == "case-failed" and one["rule"] == rule]

    def outdated(self, rule: str) -> str:
        """The expectations that no longer hold of a rule, or of "death", in words; empty if there is none."""
        found = [
            event
            for event in self.events
            if event["event"] == "expectation-outdated"
            and (event["rule"] == rule or (rule != DEATH and fnmatch.fnmatchcase(rule, event["rule"])))
        ]
        return "\n".join(
            f"{what_is_wrong(one).lower()}: {one['rule']} ({one['because']}) {one['where']}" for one in found
        )

    def report(self) -> str:
        """The record as the terminal shows it, without colours, under a line that says what it came to."""
        (row,) = summary_from_events(self.events).rows
        out = io.StringIO()
        print_report(plain_console(out), self.events)
        return f"{row.name}: {row.verdict}\n{out.getvalue()}"

    def report_of(self, rule: str | None) -> str:
        """What the terminal shows of one broken rule; of the deaths for None."""
        summary = summary_from_events(self.events)
        out = io.StringIO()
        for deaths in (*summary.deaths, *summary.known_deaths) if rule is None else ():
            print_deaths(plain_console(out), deaths)
        for broken in summary.new_failures_of(rule) if rule is not None else ():
            print_broken(plain_console(out), broken)
        return out.getvalue().lstrip("\n")


def subject_from_object(obj_or_factory: object, *, name: str | None = None, **declared: Any) -> Subject:
    """The subject that an object, or a factory of objects, makes; the rest as for exporter().

    Raises DeclarationError for what is neither, and for operations on an object that no factory makes.
    """
    is_object = bool(ctypes.pythonapi.PyObject_CheckBuffer(ctypes.py_object(obj_or_factory)))
    if not is_object and not callable(obj_or_factory):
        raise DeclarationError(
            f"an object of type {type(obj_or_factory).__name__} is neither an exporter nor a factory",
            where="assert_conforms",
            hint="give an object whose type has bf_getbuffer or __buffer__ (Python 3.12 and later), "
            "or a function that makes one",
        )
    if is_object and declared.get("operations"):
        raise DeclarationError(
            "operations change an object for good, and there is only this one",
            where="assert_conforms",
            hint="give a factory: assert_conforms(lambda: ..., operations=...)",
        )
    factory: Callable[[], object]
    if is_object:
        declared["discover"] = False
        factory = lambda: obj_or_factory  # noqa: E731
    else:
        factory = obj_or_factory  # type: ignore[assignment]
    earlier = take_declared()
    exporter(name or _name_of(obj_or_factory, is_object), **declared)(factory)
    (subject,) = take_declared()
    assert not earlier, "subject files take what they declare"
    return subject


def subject_from_consumer(consume: object, *, name: str | None = None, **declared: Any) -> Subject:
    """The subject that a callable makes; the rest as for consumer().

    Raises DeclarationError for what cannot be called.
    """
    if not callable(consume):
        raise DeclarationError(
            f"an object of type {type(consume).__name__} cannot be called",
            where="assert_consumes",
            hint="give a callable of one object, whose memory it uses: zlib.compress",
        )
    earlier = take_declared()
    consumer(name or _name_of(consume, is_object=False, anonymous=CONSUMER), **declared)(consume)
    (subject,) = take_declared()
    assert not earlier, "subject files take what they declare"
    return subject


def _name_of(given: object, is_object: bool, anonymous: str = "factory") -> str:
    text = type(given).__name__ if is_object else getattr(given, "__name__", "<lambda>")
    return f"given.{re.sub('[^A-Za-z0-9_]', '', text.replace('<lambda>', anonymous)) or 'object'}"


def judge(
    subject: Subject,
    *,
    rules: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    edition: str = CURRENT,
    expectations: Files = (),
    timeout: float = 10.0,
    isolated: bool = True,
) -> Judgement:
    """What a subject of this process comes to; the arguments are those of assert_conforms()."""
    if not 0 < timeout < float("inf"):
        raise DeclarationError(
            f"timeout is {timeout!r}",
            where=subject.where,
            hint="a number of seconds for one case: 10.0",
        )
    options = Options(
        patterns=(subject.name,),
        edition=edition,
        rules=tuple(rules or ()),
        exclude=tuple(exclude),
        expectations=tuple(fspath(file) for file in expectations),
        timeout=timeout,
    )
    give(subject)
    try:
        return Judgement(_outside_of_loops(lambda: anyio.run(_judge, options, isolated, subject.target)))
    finally:
        withdraw(subject.name)


async def _judge(options: Options, isolated: bool, target: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []

    def emit(event: Event) -> None:
        if isinstance(event, CaseFailed):
            event = evolve(event, replay=_replay(event, target))
        events.append(in_words(json_from_event(event)))

    kind = ForkedSupervisor if isolated else InProcess
    with working_directory() as work:
        async with kind(work / "plan.log") as first:
            await run_plan(await make_plan(options, work, first), work, emit, kind=kind, first=first)
    return events


def _replay(event: CaseFailed, target: str) -> str:
    """How to see a failure again: what a test has made cannot be named on a command line."""
    alone = f'rules=["{event.rule}"]' if event.rule else "isolated=False"
    front = "assert_consumes" if target == CONSUMER else "assert_conforms"
    return f"bufspec.{front}(..., {alone})  # case {event.case}"


def _outside_of_loops(run: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What run() gives, in a thread of its own if an event loop is running in this one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    found: list[list[dict[str, Any]]] = []
    failed: list[BaseException] = []

    def in_thread() -> None:
        try:
            found.append(run())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=in_thread, name="bufspec")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return found[0]
