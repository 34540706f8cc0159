"""The command `bufspec fuzz`: its options, its output, its exit code.  What it does is in fuzz/run.py."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from bufspec.commands.ending import Ending, ending_well, need_engine
from bufspec.commands.options import edition_option, files_option, format_option, timeout_option
from bufspec.commands.signals import Interrupted, run_in_loop
from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN, EXIT_INCOMPLETE
from bufspec.fuzz.engines import ENGINES, LIBFUZZER, RANDOM, need_programs
from bufspec.reports.terminal.console import console

if TYPE_CHECKING:
    from bufspec.fuzz.options import FuzzOptions

PROMOTE = "promote"


@click.command()
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]... | promote ID")
@click.option(
    "--exporter",
    "expressions",
    multiple=True,
    metavar="MODULE:EXPRESSION",
    help="Try the object that this expression returns.",
)
@click.option(
    "--consumer",
    "consumers",
    multiple=True,
    metavar="MODULE:EXPRESSION",
    help="Try this callable, which takes an exporter as its one argument.",
)
@files_option
@click.option("--time", "how_long", metavar="TIME", help="How long: 90s, 10m, 1.5h.  [default: 1m]")
@click.option("--runs", type=click.IntRange(1), metavar="N", help="How many scenarios of each subject.")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, metavar="N", help="Workers.  [default: 1]")
@click.option(
    "--target",
    metavar="NAME",
    help="Run this fuzz target, from the sources of bufspec around the working directory.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    help="What tries: random for subjects, libfuzzer or afl for a target.  [default: random, or libfuzzer]",
)
@click.option("--unguided", is_flag=True, help="Draw each scenario anew; keep none.")
@click.option(
    "--corpus",
    type=click.Path(exists=True, file_okay=False),
    metavar="DIR",
    help="Try the scenarios there first.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), metavar="N", help="Seed.  [default: fixed]")
@click.option("--shard", metavar="I/N", help="Only the I-th of N parts, for several machines.")
@click.option(
    "--dask",
    metavar="SCHEDULER",
    help="As many parts as jobs, on a cluster of dask.distributed; local starts one here.",
)
@click.option(
    "--bound",
    type=click.Choice(("short", "full")),
    default="short",
    show_default=True,
    help="Of the lists that scenarios of consumers and functions are drawn from.",
)
@click.option("--expectations", multiple=True, metavar="FILE", help="Known failures.  [repeatable]")
@click.option("--no-expectations", is_flag=True, help="Leave out those that come with bufspec.")
@click.option(
    "--minimise/--no-minimise", "minimises", default=True, help="Make each finding as small as it gets."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep everything there; the same command continues a campaign that was ended.",
)
@click.option(
    "--to", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR", help="Of promote."
)
@edition_option
@timeout_option
@format_option("pretty", "json")
@ending_well
def fuzz(
    subjects: tuple[str, ...],
    expressions: tuple[str, ...],
    consumers: tuple[str, ...],
    files: tuple[str, ...],
    how_long: str | None,
    runs: int | None,
    jobs: int,
    target: str | None,
    engine: str | None,
    unguided: bool,
    corpus: str | None,
    seed: int | None,
    shard: str | None,
    dask: str | None,
    bound: str,
    expectations: tuple[str, ...],
    no_expectations: bool,
    minimises: bool,
    out: Path | None,
    to: Path | None,
    edition: str,
    timeout: float,
    output: str,
) -> None:
    """Try random scenarios on subjects, steered towards what they seldom come to.

    \b
    bufspec fuzz stdlib.bytearray --time 10m --jobs 2 --out campaign
    bufspec fuzz --exporter 'numpy:arange(12).reshape(3, 4)' --runs 100000
    bufspec fuzz promote 3f2a --out campaign --to tests
    bufspec fuzz --target layout --engine afl --time 10m --jobs 2 --out campaign
    bufspec fuzz 'stdlib.*' --time 1h --jobs 16 --dask tcp://10.0.0.1:8786 --out campaign

    A finding is run again alone, made as small as it gets, and written once, with the command that replays
    it, a script that shows it without bufspec, and its trace. Known failures are no news. Where a library was
    built with -fsanitize-coverage=trace-pc (gcc, clang) or trace-pc-guard, its own code steers, too.

    Exit code: 0 if nothing new was found, 1 if something was, 2 wrong usage, 3 incomplete.
    """
    need_engine()
    from bufspec.fuzz.gathered import finish_gathered
    from bufspec.fuzz.options import FuzzOptions, shard_from
    from bufspec.wire.expression import consumer_name
    from bufspec.wire.profile import DEFAULT_SEED

    if out:
        finish_gathered(out)
    if subjects[:1] == (PROMOTE,):
        _promote(subjects[1:], out, to)
        return
    if to:
        raise click.UsageError("--to is about promote")
    if target is not None:
        without = {
            "SUBJECT": subjects,
            "--exporter": expressions,
            "--consumer": consumers,
            "--subjects": files,
            "--unguided": unguided,
            "--shard": shard,
            "--dask": dask,
            "--expectations": expectations,
        }
        if given := [name for name, value in without.items() if value]:
            raise click.UsageError(f"--target takes no {given[0]}")
        _fuzz_target(target, engine, how_long, runs, jobs, seed, minimises, corpus, out, output)
        return
    if engine not in (None, RANDOM):
        raise click.UsageError(f"{engine} runs a fuzz target: --target layout; subjects are tried by random")
    if not (subjects or expressions or consumers or files):
        raise click.UsageError("name a subject: bufspec fuzz stdlib.bytearray")
    options = FuzzOptions(
        patterns=subjects,
        expressions=(*expressions, *(consumer_name(text) for text in consumers)),
        files=files,
        expectations=expectations,
        expects_known=not no_expectations,
        runs=runs or 0,
        seconds=_seconds(how_long, runs),
        jobs=jobs,
        seed=DEFAULT_SEED if seed is None else seed,
        shard=shard_from(shard) if shard else (1, 1),
        edition=edition,
        bound=bound,
        guided=not unguided,
        minimises=minimises,
        timeout=timeout,
        corpus=corpus or "",
    )
    if dask:
        if shard or corpus:
            raise click.UsageError(f"--dask takes no {'--shard' if shard else '--corpus'}")
        from bufspec.commands.fuzz_cluster import fuzz_cluster, words_of

        raise Ending(fuzz_cluster(words_of(options, expressions, consumers), jobs, dask, out, output))
    _run(_fuzz, options, out, output)


def _fuzz_target(
    name: str,
    engine: str | None,
    how_long: str | None,
    runs: int | None,
    jobs: int,
    seed: int | None,
    minimises: bool,
    corpus: str | None,
    out: Path | None,
    output: str,
) -> None:
    from bufspec.commands.fuzz_target import fuzz_target
    from bufspec.fuzz.target import target_named
    from bufspec.fuzz.target_run import TargetOptions
    from bufspec.wire.profile import DEFAULT_SEED

    if engine == RANDOM:
        raise click.UsageError("random tries subjects; a target is tried by libfuzzer or afl")
    engine = engine or LIBFUZZER
    target = target_named(name, Path.cwd())
    options = TargetOptions(
        target,
        engine,
        need_programs(engine),
        runs or 0,
        _seconds(how_long, runs),
        jobs,
        DEFAULT_SEED if seed is None else seed,
        minimises,
        str(Path(corpus).absolute()) if corpus else "",
    )
    _run(fuzz_target, options, out, output)


def _run(campaign: Callable[..., Awaitable[int]], options: object, out: Path | None, output: str) -> NoReturn:
    try:
        code = run_in_loop(campaign, options, out, output)
    except Interrupted as interrupted:
        interrupted.advice = (
            "the same command goes on with it" if out else "with --out DIR a campaign can be continued"
        )
        raise
    raise Ending(code)


def _seconds(how_long: str | None, runs: int | None) -> float:
    """How long at most; 0 where only the runs count."""
    from bufspec.fuzz.options import seconds_from

    return seconds_from(how_long) if how_long else 0.0 if runs else 60.0


async def _fuzz(options: FuzzOptions, out: Path | None, output: str) -> int:
    from contextlib import nullcontext

    from bufspec.fuzz.run import Campaign
    from bufspec.reports.terminal.fuzz import Watch, json_of, print_campaign
    from bufspec.run.workspace import working_directory

    with nullcontext(out) if out else working_directory() as folder:
        assert folder
        watch = Watch(console(error=True))
        campaign = Campaign(options, folder, watch.look)
        try:
            outcome = await campaign.run()
        finally:
            watch.end()
        if output == "json":
            print(json.dumps(json_of(outcome), indent=2))
        else:
            print_campaign(console(), outcome, out)
    if outcome.trouble or any(one.error for one in outcome.explored):
        return EXIT_BROKEN if outcome.news else EXIT_INCOMPLETE
    return EXIT_BROKEN if outcome.news else EXIT_AS_EXPECTED


def _promote(ids: tuple[str, ...], out: Path | None, to: Path | None) -> None:
    from bufspec.fuzz.promote import promote

    if len(ids) != 1 or out is None:
        raise click.UsageError("bufspec fuzz promote ID --out DIR: the finding, and the campaign that has it")
    print(promote(out, ids[0], to))
