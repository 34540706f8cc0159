"""The command `bufspec check`: what is judged, how the record is shown, and the exit code."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from bufspec.commands.ending import Ending, ending_well, need_engine, print_json_line
from bufspec.commands.options import (
    edition_option,
    files_option,
    format_option,
    processors,
    refuse_with_resume,
    setup_timeout_option,
    timeout_option,
    verbose_option,
)
from bufspec.commands.signals import run_in_loop, run_kept
from bufspec.declare import KINDS, ORDERS, READS, RETURNS
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN, EXIT_INCOMPLETE, EXIT_USAGE
from bufspec.fits import check_fits
from bufspec.reports.terminal.console import console
from bufspec.run.news import FAIL_ON, has_news, is_undecided
from bufspec.wire.expression import consumer_name, exporter_name

if TYPE_CHECKING:
    from bufspec.run.plan import Options
    from bufspec.run.record import Event


AFTERWARDS = ("resume", "trust", "jobs", "output", "verbose", "fail_on", "allow_undecided", "minimises")
"""The options that change nothing in what is judged, and so may differ where a run is continued."""


@click.command()
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option(
    "--exporter",
    "expressions",
    multiple=True,
    metavar="MODULE:EXPRESSION",
    help="Judge the object that this expression returns.",
)
@click.option(
    "--expect",
    metavar="PYTHON",
    help="The elements of what --exporter gives, in C order, as bytes: 'bytes(range(6))'.",
)
@click.option("--readonly", is_flag=True, help="What --exporter gives is never to be written.")
@click.option(
    "--consumer",
    "consumers",
    multiple=True,
    metavar="MODULE:EXPRESSION",
    help="Judge this callable, which takes an exporter as its one argument.",
)
@click.option("--kind", type=click.Choice(KINDS), default=READS, help="What --consumer does with the memory.")
@click.option(
    "--returns",
    type=click.Choice(RETURNS[1:]),
    help="What --consumer returns.  [default: the same as for plain bytes]",
)
@click.option(
    "--order",
    type=click.Choice(ORDERS[1:]),
    help="What --consumer returns is the segment as it lies, in the order of the memory.",
)
@click.option(
    "--fits",
    metavar="PYTHON",
    help='The only memory that --consumer takes: \'{"nbytes": 16}\', \'{"shape": (24,), "format": "f"}\'.',
)
@files_option
@edition_option
@click.option("--rule", "rules", multiple=True, metavar="GLOB", help="Only the rules that match.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Skip the rules that match.")
@click.option("--list", "list_only", is_flag=True, help="List the rules and cases that would run; run none.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Number of worker processes.  [default: one per processor]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    metavar="N",
    help="Seed for generated cases.  [default: fixed]",
)
@click.option(
    "--no-discover",
    is_flag=True,
    help="Try only declared mutations, not methods found by their usual names.",
)
@timeout_option
@setup_timeout_option
@click.option(
    "--minimise", "minimises", is_flag=True, help="Show the simplest scenario that breaks each new rule."
)
@click.option("--fail-fast", is_flag=True, help="Stop at the first broken rule.")
@click.option("--last-failed", is_flag=True, help="Rerun the subjects that failed last in this directory.")
@click.option("--case", "cases", multiple=True, metavar="GLOB", help="Only the cases that match.")
@click.option(
    "--memory-limit",
    type=click.IntRange(1, 1 << 24),
    metavar="MB",
    help="Memory that a worker may use beyond what it has at the start.",
)
@click.option(
    "--in-process", is_flag=True, help="Judge in this process, for a debugger; a crash ends the run."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the record, events.jsonl, to this directory.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Continue the interrupted run of that --out.",
)
@click.option(
    "--trust",
    is_flag=True,
    help="Run what --resume or --last-failed names, even if it is not signed by you.",
)
@click.option(
    "--expectations",
    multiple=True,
    metavar="FILE",
    help="Known failures, in addition to those that come with bufspec.  [repeatable]",
)
@click.option("--no-expectations", is_flag=True, help="Ignore the known failures that come with bufspec.")
@format_option("pretty", "json", "markdown")
@verbose_option(
    "Also what needs no action: subjects that conform, known failures at length, ambiguous rules."
)
@click.option(
    "--fail-on",
    type=click.Choice(list(FAIL_ON)),
    default="required",
    show_default=True,
    help="Lowest level at which a broken rule fails the run.",
)
@click.option(
    "--allow-undecided", is_flag=True, help="Do not fail for subjects of which nothing could be judged."
)
@ending_well
def check(
    subjects: tuple[str, ...],
    expressions: tuple[str, ...],
    expect: str | None,
    readonly: bool,
    consumers: tuple[str, ...],
    kind: str,
    returns: str | None,
    order: str | None,
    fits: str | None,
    files: tuple[str, ...],
    edition: str,
    rules: tuple[str, ...],
    exclude: tuple[str, ...],
    list_only: bool,
    jobs: int | None,
    seed: int | None,
    no_discover: bool,
    timeout: float,
    setup_timeout: float,
    minimises: bool,
    fail_fast: bool,
    last_failed: bool,
    cases: tuple[str, ...],
    memory_limit: int | None,
    in_process: bool,
    out: Path | None,
    resume: Path | None,
    trust: bool,
    expectations: tuple[str, ...],
    no_expectations: bool,
    output: str,
    verbose: bool,
    fail_on: str,
    allow_undecided: bool,
) -> None:
    """Judge subjects: names or globs of `bufspec subjects` (default: stdlib.*), and objects of your own.

    \b
    bufspec check stdlib.bytearray 'numpy.*'
    bufspec check --subjects my_subjects.py
    bufspec check --exporter 'numpy:arange(12).reshape(3, 4)[::-1]'
    bufspec check --consumer zlib:compress

    Exit code: 0 nothing new; 1 a new failure (see --fail-on), an end of the subject's process (a crash, a
    hang, ...), an outdated expectation, or a subject of which nothing could be judged; 2 wrong usage; 3 the
    run could not finish.
    """
    if trust and not (resume or last_failed):
        raise click.UsageError("--trust is about --resume or --last-failed")
    if not consumers and (returns or order or fits or kind != READS):
        raise click.UsageError("--kind, --returns, --order and --fits describe a --consumer")
    if expect is not None and len(expressions) != 1:
        raise click.UsageError("--expect describes one --exporter")
    if readonly and not expressions:
        raise click.UsageError("--readonly describes an --exporter")
    need_engine()
    from bufspec.run.plan import Options
    from bufspec.wire.profile import DEFAULT_SEED

    options = Options(
        patterns=subjects,
        expressions=(
            *(
                exporter_name(one, readonly=readonly, expect=_bytes_of(expect), expect_of=expect or "")
                for one in expressions
            ),
            *(
                consumer_name(one, kind, returns or "", order=order or "", fits=_fits_of(fits))
                for one in consumers
            ),
        ),
        files=files,
        expectations=expectations,
        expects_known=not no_expectations,
        edition=edition,
        rules=rules,
        exclude=exclude,
        jobs=jobs or processors(),
        seed=DEFAULT_SEED if seed is None else seed,
        timeout=timeout,
        setup_timeout=setup_timeout,
        fail_fast=fail_fast,
        discover=not no_discover,
        case_patterns=cases,
        memory_limit=memory_limit or 0,
        in_process=in_process,
    )
    if last_failed:
        from bufspec.run.last_failed import only_last_failed

        narrowed = only_last_failed(options, trust=trust)
        if narrowed is None:
            print("no selected subject failed in the last run: judging all of them", file=sys.stderr)
        options = narrowed or options
    if resume:
        from bufspec.run.record import EVENTS_FILE
        from bufspec.run.resume import asked_in, clear, finished_in

        refuse_with_resume(AFTERWARDS)
        if whole := finished_in(resume):
            clear(resume)  # the driver may have been killed after its record
            _print_record(whole, output, str(resume / EVENTS_FILE), verbose)
            raise Ending(exit_code(whole, fail_on, allow_undecided=allow_undecided))
        options = evolve(asked_in(resume, trust=trust), jobs=options.jobs)
    if list_only:
        run_in_loop(_list_plan, options, output)
    else:
        events = run_kept(
            "check", out or resume, _check, options, out, resume, trust, output, verbose, fail_on, minimises
        )
        raise Ending(exit_code(events, fail_on, allow_undecided=allow_undecided))


def _fits_of(fits: str | None) -> dict[str, Any] | None:
    """The memory that --fits describes; raises UsageError or DeclarationError for what describes none."""
    if fits is None:
        return None
    try:
        value = ast.literal_eval(fits)
    except (ValueError, SyntaxError) as error:
        raise click.UsageError(f"--fits {fits}: not a dict of Python: {error}") from error
    check_fits("--consumer", value, f"--fits {fits}")
    return dict(value)


def _bytes_of(expect: str | None) -> bytes | None:
    """What --expect gives, an expression of builtins; raises UsageError for what is no bytes."""
    if expect is None:
        return None
    try:
        value = eval(expect, {}, {})
    except Exception as error:
        raise click.UsageError(f"--expect {expect}: {type(error).__name__}: {error}") from error
    if not isinstance(value, bytes | bytearray):
        raise click.UsageError(f"--expect {expect} is {type(value).__name__}, not bytes")
    return bytes(value)


async def _list_plan(options: Options, output: str) -> None:
    from bufspec.isolation.supervisor import Supervisor
    from bufspec.reports.terminal.listing import listing_from_plan, print_listing
    from bufspec.run.plan import make_plan
    from bufspec.run.workspace import working_directory

    with working_directory() as work:
        async with Supervisor(work / "plan.log") as supervisor:
            listing = listing_from_plan(await make_plan(options, work, supervisor))
    if output == "json":
        print(json.dumps(listing, indent=2))
    else:
        print_listing(console(), listing)


async def _check(
    options: Options,
    out: Path | None,
    resume: Path | None,
    trust: bool,
    output: str,
    verbose: bool,
    fail_on: str,
    minimises: bool,
) -> list[dict[str, Any]]:
    from bufspec.isolation.supervisor import Supervisor
    from bufspec.reports.terminal.progress import progress
    from bufspec.reports.wording.sentences import in_words
    from bufspec.run.check import run_plan
    from bufspec.run.last_failed import remember
    from bufspec.run.plan import make_plan
    from bufspec.run.record import Recorder, RunFinished, json_from_event, signed_event
    from bufspec.run.resume import run_folder

    kind = Supervisor
    if options.in_process:
        from bufspec.isolation.in_process import InProcess

        kind = InProcess
    events: list[dict[str, Any]] = []
    with run_folder(options, out, resume) as work:
        async with kind(work / "plan.log") as first:
            plan = await make_plan(options, work, first)
            kept = None
            if out or resume:
                from bufspec.run.kept import Kept

                kept = Kept(work, plan, trust=trust)
                kept.begin()
            recorder = Recorder.open(out or resume)

            last: list[Event] = []

            def emit(event: Event) -> None:
                if minimises and isinstance(event, RunFinished):
                    last.append(event)
                else:
                    write(event)

            def write(event: Event) -> None:
                said = signed_event(in_words(json_from_event(event)))
                events.append(said)
                recorder.write(said)
                if output == "json":
                    print_json_line(said)

            with recorder, progress(console(error=True), len(plan.subjects)) as on_progress:
                try:
                    await run_plan(
                        plan, work, emit, on_progress=on_progress, kind=kind, first=first, kept=kept
                    )
                    if minimises:
                        from bufspec.replay.failures import minimised

                        async for one in minimised(events, plan.rulebook, work, options.timeout):
                            write(one)
                finally:
                    for event in last:
                        write(event)
    remember(events, {one.name: one.file for one in plan.subjects}, fail_on)
    if output != "json":
        _print_record(events, output, recorder.shown, verbose)
    return events


def _print_record(events: list[dict[str, Any]], output: str, shown: str | None, verbose: bool) -> None:
    if output == "pretty":
        from bufspec.reports.terminal.check import print_report

        print_report(console(), events, record=shown, verbose=verbose)
    elif output == "markdown":
        from bufspec.reports.formats.markdown import text_from_events

        sys.stdout.writelines(text_from_events(events))
    else:
        for event in events:
            print_json_line(event)


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
