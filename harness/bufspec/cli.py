"""The command line: reads what is asked, calls the module that does it, and ends with the exit code.

Thin on purpose: nothing about a subject is decided here.  How commands end is in commands/ending.py.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import click
from attrs import evolve
from click.core import ParameterSource

from bufspec import __version__
from bufspec.commands.ending import Ending, ending_well, need_engine, write_script
from bufspec.commands.pairs import pairs
from bufspec.commands.spec import spec
from bufspec.declare import KINDS, READS, RETURNS
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN, EXIT_INCOMPLETE
from bufspec.reports.console import WIDTH, console
from bufspec.run.news import FAIL_ON, has_news
from bufspec.tables.rulebook import load_rulebook
from bufspec.tables.words import CURRENT, EDITIONS
from bufspec.wire.expression import consumer_name

if TYPE_CHECKING:
    from bufspec.mutants.score import Score
    from bufspec.run.plan import Options
    from bufspec.run.record import Event
    from bufspec.run.selection import ListedGroup

Command = TypeVar("Command", bound=Callable[..., object])

edition_option = click.option(
    "--edition",
    type=click.Choice(EDITIONS),
    default=CURRENT,
    show_default=True,
    help="The text that is held against.",
)
timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="For one case.",
)


files_option = click.option(
    "--subjects",
    "files",
    multiple=True,
    metavar="FILE.py",
    help="Also what this file declares.  [repeatable]",
)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """The option --format with these choices, the first of them the default."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Of the output.",
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH})
@click.version_option(__version__, prog_name="bufspec", message="%(prog)s %(version)s")
def main() -> None:
    """Judge whether exporters, consumers and the runtime keep the Python buffer protocol."""


main.add_command(spec)
main.add_command(pairs)


@main.command()
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option(
    "--exporter", "expressions", multiple=True, metavar="MODULE:EXPRESSION", help="Judge what this gives."
)
@click.option(
    "--consumer",
    "consumers",
    multiple=True,
    metavar="MODULE:EXPRESSION",
    help="Judge this callable of one argument, an object whose memory it uses.",
)
@click.option("--kind", type=click.Choice(KINDS), default=READS, help="What --consumer does with the memory.")
@click.option(
    "--returns", type=click.Choice(RETURNS[1:]), help="What --consumer returns.  [default: as of plain bytes]"
)
@files_option
@edition_option
@click.option("--rule", "rules", multiple=True, metavar="GLOB", help="Only the rules that match.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Not the rules that match.")
@click.option(
    "--list", "list_only", is_flag=True, help="Name the rules and cases that would run, and run none."
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N", help="Worker processes.  [default: one a processor]"
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), metavar="N", help="Of what is drawn.  [default: fixed]"
)
@click.option(
    "--no-discover",
    is_flag=True,
    help="Try only declared operations under views, not the usual names that objects have.",
)
@timeout_option
@click.option("--fail-fast", is_flag=True, help="Stop at the first broken rule.")
@click.option("--last-failed", is_flag=True, help="Only the subjects that failed last, judged from here.")
@click.option("--case", "cases", multiple=True, metavar="GLOB", help="Only the cases that match.")
@click.option(
    "--memory-limit",
    type=click.IntRange(1, 1 << 24),
    metavar="MB",
    help="What a subject's process may take beyond what it has at the start.",
)
@click.option("--in-process", is_flag=True, help="Without isolation, for a debugger: a death ends the run.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write the record, events.jsonl, there."
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Go on with the run that was interrupted in that --out.",
)
@click.option(
    "--expectations",
    multiple=True,
    metavar="FILE",
    help="Failures that are expected, beside those that bufspec knows of.  [repeatable]",
)
@click.option("--no-expectations", is_flag=True, help="Not those that bufspec knows of.")
@format_option("pretty", "json", "markdown")
@click.option(
    "--fail-on",
    type=click.Choice(list(FAIL_ON)),
    default="required",
    show_default=True,
    help="The level from which a broken rule is news.",
)
@ending_well
def check(
    subjects: tuple[str, ...],
    expressions: tuple[str, ...],
    consumers: tuple[str, ...],
    kind: str,
    returns: str | None,
    files: tuple[str, ...],
    edition: str,
    rules: tuple[str, ...],
    exclude: tuple[str, ...],
    list_only: bool,
    jobs: int | None,
    seed: int | None,
    no_discover: bool,
    timeout: float,
    fail_fast: bool,
    last_failed: bool,
    cases: tuple[str, ...],
    memory_limit: int | None,
    in_process: bool,
    out: Path | None,
    resume: Path | None,
    expectations: tuple[str, ...],
    no_expectations: bool,
    output: str,
    fail_on: str,
) -> None:
    """Judge subjects: names or globs of `bufspec subjects` (default: stdlib.*), and objects of your own.

    \b
    bufspec check stdlib.bytearray 'numpy.*'
    bufspec check --subjects my_subjects.py
    bufspec check --exporter 'numpy:arange(12).reshape(3, 4)[::-1]'
    bufspec check --consumer zlib:compress

    Exit code: 0 as expected, 1 news: a rule broken that no expectation lists (see --fail-on), a death, an
    expectation that no longer holds; 2 wrong usage, 3 incomplete.
    """
    if not consumers and (returns or kind != READS):
        raise click.UsageError("--kind and --returns say what a --consumer does")
    need_engine()
    from bufspec.run.plan import Options
    from bufspec.wire.profile import DEFAULT_SEED

    options = Options(
        patterns=subjects,
        expressions=(*expressions, *(consumer_name(one, kind, returns or "") for one in consumers)),
        files=files,
        expectations=expectations,
        expects_known=not no_expectations,
        edition=edition,
        rules=rules,
        exclude=exclude,
        jobs=jobs or len(os.sched_getaffinity(0)),
        seed=DEFAULT_SEED if seed is None else seed,
        timeout=timeout,
        fail_fast=fail_fast,
        discover=not no_discover,
        case_patterns=cases,
        memory_limit=memory_limit or 0,
        in_process=in_process,
    )
    if last_failed:
        from bufspec.run.last_failed import only_last_failed

        narrowed = only_last_failed(options)
        if narrowed is None:
            print("nothing that is asked for failed last: judging all of it", file=sys.stderr)
        options = narrowed or options
    if resume:
        from bufspec.run.record import EVENTS_FILE
        from bufspec.run.resume import asked_in, clear, complete_events

        _refuse_beside_resume()
        if whole := complete_events(resume):
            clear(resume)  # the driver may have been killed behind its record
            _print_record(whole, output, str(resume / EVENTS_FILE))
            raise Ending(exit_code(whole, fail_on))
        options = evolve(asked_in(resume), jobs=options.jobs)
    if list_only:
        anyio.run(_list_plan, options, output)
    else:
        raise Ending(anyio.run(_check, options, out, resume, output, fail_on))


def _refuse_beside_resume() -> None:
    """Raise UsageError for what a run that is continued was told when it was begun."""
    context = click.get_current_context()
    for option in context.command.params:
        given = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        if given and option.name not in ("resume", "jobs", "output", "fail_on"):
            raise click.UsageError(
                f"--resume goes on with what was asked then; {option.opts[-1]} cannot be given again"
            )


async def _list_plan(options: Options, output: str) -> None:
    from bufspec.reports.listing import listing_from_plan, print_listing
    from bufspec.run.plan import make_plan
    from bufspec.run.workspace import working_directory

    with working_directory() as work:
        listing = listing_from_plan(await make_plan(options, work))
    if output == "json":
        print(json.dumps(listing, indent=2))
    else:
        print_listing(console(), listing)


async def _check(options: Options, out: Path | None, resume: Path | None, output: str, fail_on: str) -> int:
    from bufspec.isolation.in_process import InProcess
    from bufspec.isolation.supervisor import Supervisor
    from bufspec.reports.progress import progress
    from bufspec.run.check import run_plan
    from bufspec.run.last_failed import remember
    from bufspec.run.plan import make_plan
    from bufspec.run.record import Recorder, json_from_event, line_from_event
    from bufspec.run.resume import keep_plan, run_folder

    kind = InProcess if options.in_process else Supervisor
    events: list[dict[str, Any]] = []
    with run_folder(options, out, resume) as work:
        plan = await make_plan(options, work, kind)
        keep_plan(work, plan)
        recorder = Recorder.open(out or resume)

        def emit(event: Event) -> None:
            events.append(json_from_event(event))
            recorder.write(event)
            if output == "json":
                sys.stdout.write(line_from_event(event))

        with recorder, progress(console(error=True), len(plan.subjects)) as on_progress:
            await run_plan(plan, work, emit, on_progress=on_progress, kind=kind)
    remember(events, {one.name: one.file for one in plan.subjects}, fail_on)
    if output != "json":
        _print_record(events, output, recorder.shown)
    return exit_code(events, fail_on)


def _print_record(events: list[dict[str, Any]], output: str, shown: str | None) -> None:
    from bufspec.reports.markdown import print_markdown
    from bufspec.reports.terminal import print_report

    if output == "pretty":
        print_report(console(), events, record=shown)
    elif output == "markdown":
        print_markdown(sys.stdout, events)
    else:
        for event in events:
            print(json.dumps(event, ensure_ascii=False))


def exit_code(events: list[dict[str, Any]], fail_on: str) -> int:
    """The exit code that a record comes to."""
    if has_news(events, fail_on):
        return EXIT_BROKEN
    stopped_on_purpose = events[-1].get("reason", "").startswith("stopped")
    return EXIT_AS_EXPECTED if events[-1]["complete"] or stopped_on_purpose else EXIT_INCOMPLETE


@main.command()
@files_option
@format_option("pretty", "json")
@ending_well
def subjects(files: tuple[str, ...], output: str) -> None:
    """Name what can be judged here, and say why the rest cannot."""
    need_engine()
    from bufspec.reports.listing import print_subjects, subjects_as_json

    groups = anyio.run(_groups, files)
    if output == "json":
        print(json.dumps(subjects_as_json(groups), indent=2))
    else:
        print_subjects(console(), groups)


async def _groups(files: tuple[str, ...]) -> list[ListedGroup]:
    from bufspec.isolation.supervisor import Supervisor
    from bufspec.run.catalogue import list_groups
    from bufspec.run.workspace import working_directory

    with working_directory() as work:
        async with Supervisor(work / "subjects.log") as supervisor:
            return await list_groups(supervisor, files=files)


@main.command()
@click.argument("words", nargs=-1, metavar="[SUBJECT/CASE]")
@click.option(
    "--exporter", "expression", metavar="MODULE:EXPRESSION", help="The subject, in place of SUBJECT."
)
@click.option(
    "--record", metavar="DIR[:N]", help="The Nth failure of this record (default: the first), - a line of it."
)
@files_option
@edition_option
@click.option("--rule", metavar="RULE", help="Which broken rule is minimised and scripted.")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    metavar="N",
    help="Of the run that the case is from.  [default: fixed]",
)
@click.option("--discover/--no-discover", default=True, hidden=True)
@click.option("--minimise", "minimised", is_flag=True, help="Show the simplest scenario that fails alike.")
@click.option(
    "--standalone",
    "script",
    is_flag=False,
    flag_value="-",
    metavar="[FILE]",
    help="Write a Python script that shows the break without bufspec.  [default: to standard output]",
)
@timeout_option
@format_option("pretty", "json")
@ending_well
def replay(
    words: tuple[str, ...],
    expression: str | None,
    record: str | None,
    files: tuple[str, ...],
    edition: str,
    rule: str | None,
    seed: int | None,
    discover: bool,
    minimised: bool,
    script: str | None,
    timeout: float,
    output: str,
) -> None:
    """Run one case of one subject and show all of it: each call, each field, expected and found.

    The case is named as in the report: SUBJECT/CASE or SUBJECT CASE; scenario:HEX is a case too.

    Exit code: 0 if the case breaks no rule, 1 if it does or kills its process.
    """
    need_engine()
    from bufspec.replay.named import case_from_record, case_from_words
    from bufspec.replay.run import Asked, replay_case
    from bufspec.reports.trace import print_replay
    from bufspec.wire.profile import DEFAULT_SEED

    words = (expression, *words) if expression else words
    if bool(words) == bool(record):
        raise click.UsageError("a replay takes one case: bufspec replay SUBJECT/CASE, or --record DIR")
    case = case_from_record(record, sys.stdin) if record else case_from_words(words, edition, files)
    case = evolve(case, rule=rule or case.rule)
    if not record:
        case = evolve(case, seed=DEFAULT_SEED if seed is None else seed, discover=discover)
    shown = anyio.run(replay_case, case, Asked(timeout, minimised, script is not None))
    if shown.script is not None and script is not None:
        write_script(script, shown.script)
    if output == "json":
        if script != "-":
            print(json.dumps(shown.replay.to_json(), indent=2))
    elif script != "-":
        print_replay(console(), shown.replay)
    raise Ending(EXIT_AS_EXPECTED if shown.replay.clean else EXIT_BROKEN)


@main.command()
@format_option("pretty", "json")
@ending_well
def bench(output: str) -> None:
    """Measure what judging costs, as ratios within this run."""
    need_engine()
    from bufspec.reports.measurements import print_bench

    measured = anyio.run(_bench)
    if output == "json":
        print(json.dumps(measured.to_json(), indent=2))
    else:
        print_bench(console(), measured)


async def _bench() -> Any:
    from bufspec import _engine
    from bufspec.measure.bench import bench
    from bufspec.run.workspace import working_directory

    with working_directory() as work:
        return await bench(load_rulebook(CURRENT, _engine.rule_ids()), work)


@main.command()
@click.argument("glob", default="*", metavar="[GLOB]")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Worker processes.")
@timeout_option
@click.option(
    "--cases", is_flag=True, help="Also name the groups of cases that were the first to catch none."
)
@format_option("pretty", "json")
@ending_well
def mutants(glob: str, jobs: int | None, timeout: float, cases: bool, output: str) -> None:
    """Prove that the suite can see: judge subjects that break one rule each, and odd ones that break none.

    Exporters and consumers; the names of consumers begin with consumer_.

    Exit code: 0 if every mutant is caught by its rule and nothing else is reported, 1 if not.
    """
    need_engine()
    from bufspec.reports.mutants import print_score

    score = anyio.run(_mutants, glob, jobs or len(os.sched_getaffinity(0)), timeout)
    if output == "json":
        print(json.dumps(score.to_json(), indent=2))
    else:
        print_score(console(), score, cases=cases)
    raise Ending(EXIT_AS_EXPECTED if score.good else EXIT_BROKEN)


async def _mutants(glob: str, jobs: int, timeout: float) -> Score:
    from bufspec.mutants.score import judge_mutants
    from bufspec.reports.progress import progress
    from bufspec.run.workspace import working_directory
    from bufspec.wire.profile import DEFAULT_SEED

    with working_directory() as work:
        return await judge_mutants(
            glob,
            work,
            jobs=jobs,
            seed=DEFAULT_SEED,
            timeout=timeout,
            watch=lambda n: progress(console(error=True), n),
        )


if __name__ == "__main__":
    main(prog_name="bufspec")
