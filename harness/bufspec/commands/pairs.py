"""The command `bufspec pairs`: its options, its output, its exit code.  What it does is in pairs/run.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bufspec.commands.configured import chosen, configuration_options, is_given, say_configuration
from bufspec.commands.ending import Ending, ending_well, need_engine, print_json_line
from bufspec.commands.options import (
    SECONDS,
    force_option,
    judge_in_python,
    processors,
    python_option,
    refuse_force_alone,
    refuse_with_resume,
    resume_option,
    rules_of_option,
    trust_option,
)
from bufspec.commands.signals import run_in_loop, run_kept
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN, EXIT_INCOMPLETE
from bufspec.reports.terminal.console import console

if TYPE_CHECKING:
    from bufspec.pairs.plan import PairOptions


AFTERWARDS = ("resume", "trust", "jobs", "output", "as_json", "verbose")
"""The options that change nothing in what is tried, and so may differ where a run is continued."""


@click.command()
@click.option(
    "--exporters", multiple=True, metavar="GLOB", help="Only exporters of these names.  [repeatable]"
)
@click.option(
    "--consumers", multiple=True, metavar="GLOB", help="Only consumers of these names.  [repeatable]"
)
@click.option(
    "--exporter",
    "exporter_expressions",
    multiple=True,
    metavar="MODULE:EXPRESSION",
    help="The object that this expression returns.",
)
@click.option(
    "--consumer",
    "consumer_expressions",
    multiple=True,
    metavar="MODULE:EXPRESSION",
    help="The callable that this expression returns.",
)
@click.option(
    "--subjects",
    "files",
    multiple=True,
    metavar="FILE.py",
    help="Also the subjects that this file declares.  [repeatable]",
)
@click.option(
    "--only-touching", metavar="NAME", default="", help="Only pairs with a subject of this name or package."
)
@click.option(
    "--known",
    is_flag=True,
    help="Judge the pairs of spec/pairs.yaml, whose side at fault is known, instead of others.",
)
@python_option
@click.option("--trace", is_flag=True, help="Show the requests of each pair, and their outcome.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N", help="Worker processes.  [default: one a processor]"
)
@click.option(
    "--timeout",
    type=SECONDS,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="Time limit for each pair.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the record, pairs.jsonl, there; with --trace traces.jsonl.",
)
@force_option
@resume_option
@trust_option
@click.option(
    "--reuse",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Take over what this earlier record says, with the known failures of now; try only the rest.",
)
@click.option(
    "--expectations",
    multiple=True,
    metavar="FILE",
    help="Known failures, in addition to those that come with bufspec.  [repeatable]",
)
@rules_of_option
@click.option("--no-expectations", is_flag=True, help="Ignore the known failures that come with bufspec.")
@click.option(
    "--format",
    "output",
    type=click.Choice(("pretty", "json")),
    default="pretty",
    show_default=True,
    help="Output format; json is the record, an event a line.",
)
@click.option("--json", "as_json", is_flag=True, hidden=True, help="The same as --format json.")
@click.option("-v", "--verbose", is_flag=True, help="Also the whole matrix, and known failures at length.")
@configuration_options()
@ending_well
def pairs(
    exporters: tuple[str, ...],
    consumers: tuple[str, ...],
    exporter_expressions: tuple[str, ...],
    consumer_expressions: tuple[str, ...],
    files: tuple[str, ...],
    only_touching: str,
    known: bool,
    python: str,
    trace: bool,
    jobs: int | None,
    timeout: float,
    out: Path | None,
    force: bool,
    resume: Path | None,
    trust: bool,
    reuse: Path | None,
    expectations: tuple[str, ...],
    rules_of: str,
    no_expectations: bool,
    output: str,
    as_json: bool,
    verbose: bool,
) -> None:
    """Run every consumer on every exporter, and say who is at fault where a pair fails.

    \b
    bufspec pairs --exporters 'stdlib.*' --consumers 'stdlib.*'
    bufspec pairs --only-touching mypackage --subjects my_subjects.py
    bufspec pairs --exporters stdlib.array_i --consumer zlib:compress --trace
    bufspec pairs --exporters 'stdlib.*' --consumers 'stdlib.*' --python /usr/bin/python3

    Exit code: 0 if every pair works, refuses or fails as expected, 1 if one fails that no expectation
    lists, or an expectation of a pair is outdated, 2 wrong usage, 3 incomplete.
    """
    refuse_force_alone(force, out)
    need_engine()
    as_json = as_json or output == "json"
    from bufspec.pairs.plan import PairOptions
    from bufspec.wire.expression import consumer_name

    if verbose:
        say_configuration()
    choice = chosen(
        {
            "exporters": exporters,
            "consumers": consumers,
            "exporter_expressions": exporter_expressions,
            "consumer_expressions": consumer_expressions,
            "only_touching": only_touching,
        }
    )
    if known:
        if any(value and is_given(name) for name, value in choice.items()):
            raise click.UsageError("--known judges pairs of its own: leave out what says which others")
        judge_in_python(python)
        raise Ending(run_in_loop(_known, jobs or processors(), timeout, as_json))
    options = PairOptions(
        exporters=choice["exporters"],
        consumers=choice["consumers"],
        exporter_expressions=exporter_expressions,
        consumer_expressions=tuple(
            text if text.startswith("consumer ") else consumer_name(text) for text in consumer_expressions
        ),
        files=files,
        only_touching=choice["only_touching"],
        expectations=expectations,
        rules_of=rules_of,
        expects_known=not no_expectations,
        python=python,
        jobs=jobs or processors(),
        timeout=timeout,
    )
    if trust and not resume:
        raise click.UsageError("--trust is about a --resume")
    if reuse and (known or trace):
        raise click.UsageError("--reuse is about pairs that are tried: not with --known or --trace")
    if resume:
        from attrs import evolve

        from bufspec.pairs.kept import finished_in
        from bufspec.reports.terminal.pairs import print_pairs
        from bufspec.run.resume import asked_of, clear

        refuse_with_resume(AFTERWARDS)
        if whole := finished_in(resume):
            clear(resume)
            for event in whole if as_json else ():
                print_json_line(event)
            if not as_json:
                print_pairs(console(), whole, verbose=verbose)
            raise Ending(exit_code(whole))
        options = evolve(asked_of(resume, "pairs", PairOptions, trust=trust), jobs=options.jobs)
    judge_in_python(options.python)
    if trace:
        raise Ending(run_in_loop(_trace, options, out, force, as_json))
    raise Ending(
        run_kept("pairs", out or resume, _pairs, options, out, force, resume, trust, reuse, as_json, verbose)
    )


async def _pairs(
    options: PairOptions,
    out: Path | None,
    force: bool,
    resume: Path | None,
    trust: bool,
    reuse: Path | None,
    as_json: bool,
    verbose: bool,
) -> int:
    from bufspec.pairs.kept import KeptPairs
    from bufspec.pairs.plan import plan_pairs
    from bufspec.pairs.record import PAIRS_FILE
    from bufspec.pairs.recorded import open_pairs
    from bufspec.pairs.run import run_pairs
    from bufspec.pairs.taken_over import taken_over
    from bufspec.reports.terminal.pairs import print_pairs
    from bufspec.reports.terminal.progress import progress
    from bufspec.reports.wording.sentences import in_words
    from bufspec.run.expectations.fixing import Fixing
    from bufspec.run.record import Recorder
    from bufspec.run.resume import run_folder

    events: list[dict[str, Any]] = []
    with run_folder(options, out, resume, "pairs", PAIRS_FILE, force=force) as work:
        plan = await plan_pairs(options, work)
        taken = taken_over(open_pairs(reuse, partial=True), plan) if reuse else None
        kept = KeptPairs(work, plan, trust=trust) if out or resume else None
        if kept:
            kept.begin()
        recorder = Recorder.open(out or resume, PAIRS_FILE, work=work)

        def emit(event: dict[str, Any]) -> None:
            said = in_words(event)
            events.append(said)
            recorder.write(said)
            if as_json:
                print_json_line(said)

        fixing = Fixing(record=str(out or resume or ""), asked=tuple(sys.argv[1:]))
        with recorder, progress(len(plan.blocks)) as on_progress:
            await run_pairs(plan, work, emit, on_progress=on_progress, kept=kept, taken=taken, fixing=fixing)
    if not as_json:
        print_pairs(console(), events, verbose=verbose)
    return exit_code(events)


async def _trace(options: PairOptions, out: Path | None, force: bool, as_json: bool) -> int:
    from bufspec.files.written import write_pieces
    from bufspec.pairs.trace import TRACES_FILE, trace_pairs
    from bufspec.reports.terminal.pairs import print_traces
    from bufspec.reports.wording.sentences import blame_in_words
    from bufspec.run.record import line_from_json, record_folder
    from bufspec.run.resume import refuse_used
    from bufspec.run.workspace import working_directory

    if out and not force:
        refuse_used(out, TRACES_FILE)
    if out:
        record_folder(out)
    with working_directory() as work:
        traces = [
            {**one, "blame": blame_in_words(one["blame"])} if "blame" in one else one
            for one in await trace_pairs(options, work)
        ]
    if out:
        write_pieces(out / TRACES_FILE, map(line_from_json, traces), 0o644)
    if as_json:
        print(json.dumps(traces, indent=2))
    else:
        print_traces(console(), traces)
    return EXIT_BROKEN if any("blame" in one for one in traces) else EXIT_AS_EXPECTED


async def _known(jobs: int, timeout: float, as_json: bool) -> int:
    from bufspec.pairs.known import judge_known
    from bufspec.reports.terminal.pairs import print_known
    from bufspec.run.workspace import working_directory

    with working_directory() as work:
        score = await judge_known(work, jobs=jobs, timeout=timeout)
    if as_json:
        print(json.dumps(score.to_json(), indent=2))
    else:
        print_known(console(), score)
    return EXIT_AS_EXPECTED if score.good else EXIT_BROKEN


def exit_code(events: list[dict[str, Any]]) -> int:
    """The exit code that a record of pairs comes to."""
    if any(
        one.get("verdict") == "news" or "end" in one or one["event"] == "expectation-outdated"
        for one in events
    ):
        return EXIT_BROKEN
    return EXIT_AS_EXPECTED if events[-1].get("complete") else EXIT_INCOMPLETE
