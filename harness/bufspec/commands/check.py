"""The command `bufspec check`: what is judged, what is written of it, and the exit code."""

from __future__ import annotations

import sys
from typing import Any

import click
from attrs import evolve

from bufspec.commands.check_asked import AFTERWARDS, Asked
from bufspec.commands.check_options import check_options
from bufspec.commands.check_run import judge, list_plan, print_record
from bufspec.commands.configured import configuration, make_folders_of_reports, say_configuration
from bufspec.commands.ending import Ending, complain, ending_well, need_engine
from bufspec.commands.formats import texts, write_formats
from bufspec.commands.options import judge_in_python, refuse_with_resume
from bufspec.commands.signals import run_in_loop, run_kept
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN, EXIT_INCOMPLETE, EXIT_USAGE
from bufspec.reports.formats.all import Sources
from bufspec.run.news import has_news, is_undecided


@click.command()
@check_options
@ending_well
def check(**given: Any) -> None:
    """Judge subjects: names or globs of `bufspec subjects`, and objects of your own.

    Without any, those of the project's configuration, [tool.bufspec] of pyproject.toml or bufspec.toml, or
    else stdlib.* and runtime.*.

    \b
    bufspec check
    bufspec check stdlib.bytearray 'numpy.*'
    bufspec check --subjects my_subjects.py
    bufspec check --exporter 'numpy:arange(12).reshape(3, 4)[::-1]'
    bufspec check --consumer zlib:compress
    bufspec check --native ./libmine.so              a shared library, see bufspec_subject.h
    bufspec check --remote 'python3 peer.py'
    bufspec check 'stdlib.*' --junit junit.xml --markdown summary.md
    bufspec check 'mypackage.*' --repeat 5           what does not come out the same is flaky

    Exit code: 0 nothing new; 1 a new failure (see --fail-on), an end of the subject's process (a crash, a
    hang, ...), an outdated expectation, or a subject of which nothing could be judged; 2 wrong usage; 3 the
    run could not finish.
    """
    asked = Asked.of(given)
    need_engine()
    if asked.list_only or asked.verbose:
        say_configuration()
    if not asked.names_subjects and configuration() is None:
        complain(
            "no subject is named, and there is no configuration: judging stdlib.* and runtime.* "
            "('bufspec init' begins one for your package)"
        )
    options = asked.options()
    if asked.last_failed:
        from bufspec.run.last_failed import only_last_failed

        narrowed = only_last_failed(options, trust=asked.trust)
        if narrowed is None:
            print("no selected subject failed in the last run: judging all of them", file=sys.stderr)
        options = narrowed or options
    events = None
    if asked.resume:
        from bufspec.run.resume import asked_in

        refuse_with_resume(AFTERWARDS)
        events = _shown_again(asked)
        if events is None:
            options = evolve(asked_in(asked.resume, trust=asked.trust), jobs=options.jobs)
    if events is None:
        judge_in_python(options.python)
    if asked.list_only:
        run_in_loop(list_plan, options, asked.output)
        return
    if events is None:
        make_folders_of_reports()
        events = run_kept("check", asked.out or asked.resume, judge, options, asked)
    write_formats(Sources((events,), texts=texts), asked.formats)
    raise Ending(exit_code(events, asked.fail_on, allow_undecided=asked.allow_undecided))


def _shown_again(asked: Asked) -> list[dict[str, Any]] | None:
    """The record of --resume if its run is over, which is shown; None if the run can go on."""
    from bufspec.run.record import EVENTS_FILE
    from bufspec.run.resume import clear, finished_in

    assert asked.resume
    whole = finished_in(asked.resume)
    if whole:
        clear(asked.resume)  # the driver may have been killed after its record
        if asked.prints_report:
            print_record(whole, asked.output, str(asked.resume / EVENTS_FILE), asked.verbose)
    return whole or None


def exit_code(events: list[dict[str, Any]], fail_on: str, *, allow_undecided: bool = False) -> int:
    """The exit code that a record comes to.

    That it is incomplete counts first; that no subject could be judged for what its declaration says is wrong
    usage; then comes what is new.
    """
    stopped_on_purpose = events[-1].get("reason", "").startswith("stopped")
    if not events[-1]["complete"] and not stopped_on_purpose:
        return EXIT_INCOMPLETE
    if not has_news(events, fail_on, allow_undecided=allow_undecided):
        return EXIT_AS_EXPECTED
    finished = [event for event in events if event["event"] == "subject-finished"]
    misdeclared = [one for one in finished if is_undecided(one) and one["undecided"]["by_declaration"]]
    return EXIT_USAGE if finished and len(misdeclared) == len(finished) else EXIT_BROKEN
