"""How is a subject of this process judged, or one of its cases shown again, and does that fail its test?"""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fspath
from typing import Any, TypeVar

import anyio
from attrs import evolve, fields, frozen

from bufspec.declare import Subject
from bufspec.errors import DeclarationError, UndecidedError
from bufspec.isolation.forked import ForkedSupervisor
from bufspec.isolation.in_process import InProcess
from bufspec.isolation.supervisor import Supervisor
from bufspec.replay.run import Asked, replay_case
from bufspec.reports.terminal.console import plain_console
from bufspec.reports.terminal.trace import print_replay
from bufspec.reports.wording.sentences import in_words
from bufspec.run.check import run_plan
from bufspec.run.news import FAIL_ON, has_news
from bufspec.run.plan import Options, make_plan
from bufspec.run.record import CaseFailed, Event, json_from_event
from bufspec.run.workspace import working_directory
from bufspec.testing.again import VARIABLE, Again, Wanted, wanted
from bufspec.testing.judgement import Judgement
from bufspec.wire.given import give, withdraw
from bufspec.wire.views import with_views
from bufspec.words import CURRENT

Files = Sequence[str | PathLike[str]]
Value = TypeVar("Value")


@frozen
class How:
    """How to judge, and what of it fails a test: keywords of assert_conforms() and assert_consumes()."""

    rules: Sequence[str] = ()
    exclude: Sequence[str] = ()
    edition: str = CURRENT
    expectations: Files = ()
    timeout: float = 10.0
    isolated: bool = True
    fail_on: str = "required"
    allow_undecided: bool = False

    def options(self, subject: Subject) -> Options:
        """The same, as options of a run; raises DeclarationError for what makes no sense."""
        if self.fail_on not in FAIL_ON:
            raise DeclarationError(f"fail_on is {self.fail_on!r}", hint=f"one of {', '.join(FAIL_ON)}")
        if not 0 < self.timeout < float("inf"):
            raise DeclarationError(
                f"timeout is {self.timeout!r}",
                where=subject.where,
                hint="a number of seconds for one case: 10.0",
            )
        return Options(
            patterns=(subject.name,),
            edition=self.edition,
            rules=tuple(self.rules),
            exclude=tuple(self.exclude),
            expectations=tuple(fspath(file) for file in self.expectations),
            timeout=self.timeout,
        )

    @staticmethod
    def taken_from(keywords: Mapping[str, Any]) -> tuple[How, dict[str, Any]]:
        """What of these keywords says how to judge, and the others, which declare the subject."""
        known = {one.name for one in fields(How)}
        how = {key: value for key, value in keywords.items() if key in known}
        how["rules"] = how.get("rules") or ()
        return How(**how), {key: value for key, value in keywords.items() if key not in known}

    @property
    def kind(self) -> type[Supervisor]:
        """What runs the subject: forks, or this process."""
        return ForkedSupervisor if self.isolated else InProcess


def failure_of(subject: Subject, how: How, notes: Sequence[str] = ()) -> str:
    """What a test of the subject, and of the views that its methods make, says when it fails; empty if good.

    Raises UndecidedError if nothing of one could be judged.
    """
    for one in with_views([subject]):
        again = Again(one.name)
        if shown := shown_again(one, how, again):
            return shown
        judgement = evolve(judge(one, how), notes=tuple(notes))
        if not how.allow_undecided and (reason := judgement.undecided):
            raise UndecidedError(f"{one.name} is undecided: {reason}", hint=hint_of_undecided(judgement))
        if not judgement.is_complete or has_news(judgement.events, how.fail_on, allow_undecided=True):
            return judgement.report(how.fail_on, again)
    return ""


def hint_of_undecided(judgement: Judgement) -> str:
    """What to write instead where the declaration is at fault."""
    if judgement.finished["undecided"]["by_declaration"]:
        return "give what makes the object, or takes the memory: assert_conforms(lambda: Matrix(2, 3))"
    return "allow_undecided=True, if nothing can be judged here and that is right"


def judge(subject: Subject, how: How) -> Judgement:
    """What a subject of this process comes to."""
    options = how.options(subject)
    return _given(subject, lambda: Judgement(anyio.run(_judge, options, how.kind)))


async def _judge(options: Options, kind: type[Supervisor]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []

    def emit(event: Event) -> None:
        if isinstance(event, CaseFailed):
            event = evolve(event, replay=Again(event.subject).command(event.case, event.rule))
        events.append(in_words(json_from_event(event)))

    with working_directory() as work:
        async with kind(work / "plan.log") as first:
            await run_plan(await make_plan(options, work, first), work, emit, kind=kind, first=first)
    return events


def shown_again(subject: Subject, how: How, again: Again) -> str:
    """The case of this subject that somebody wants to see, as `bufspec replay` shows it; empty if none."""
    options = how.options(subject)
    asked = wanted(subject.name, how.edition, discover=options.discover)
    return _given(subject, lambda: _shown(asked, how, again)) if asked else ""


def _shown(asked: Wanted, how: How, again: Again) -> str:
    what = Asked(how.timeout, in_short=not asked.full)
    shown = evolve(anyio.run(replay_case, asked.case, what, how.kind), command_of=again.command_of)
    out = io.StringIO()
    came_to = "breaks no rule" if shown.replay.clean else f"breaks {shown.rule}" if shown.rule else "dies"
    out.write(f"{asked.case.subject}: the case that {VARIABLE} names {came_to}\n")
    print_replay(plain_console(out), shown, full=asked.full)
    return out.getvalue()


def _given(subject: Subject, do: Callable[[], Value]) -> Value:
    """What do() gives while workers know the subject; in a thread if an event loop runs in this one."""
    give(subject)
    try:
        return _outside_of_loops(do)
    finally:
        withdraw(subject.name)


def _outside_of_loops(run: Callable[[], Value]) -> Value:
    """What run() gives, in a thread of its own if an event loop is running in this one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    found: list[Value] = []
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
