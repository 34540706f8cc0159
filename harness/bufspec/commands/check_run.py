"""How does `bufspec check` run what it is asked for, and show it?"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from bufspec.commands.check_asked import Asked
from bufspec.commands.ending import print_json_line
from bufspec.reports.terminal.console import console

if TYPE_CHECKING:
    from bufspec.run.plan import Options
    from bufspec.run.record import Event


async def list_plan(options: Options, output: str) -> None:
    """Print what would run; run none of it."""
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


async def judge(options: Options, asked: Asked) -> list[dict[str, Any]]:
    """Run what `options` say, with a record where one is asked for; the events of it."""
    from bufspec.isolation.supervisor import Supervisor
    from bufspec.reports.terminal.progress import progress
    from bufspec.reports.wording.sentences import in_words
    from bufspec.run.check import run_plan
    from bufspec.run.expectations.fixing import Fixing
    from bufspec.run.last_failed import remember
    from bufspec.run.plan import make_plan
    from bufspec.run.record import Recorder, RunFinished, json_from_event, signed_event
    from bufspec.run.resume import run_folder
    from bufspec.run.units import subjects_of_shard

    kind = Supervisor
    if options.in_process:
        from bufspec.isolation.in_process import InProcess

        kind = InProcess
    events: list[dict[str, Any]] = []
    fixing = Fixing(record=str(asked.out or asked.resume or ""), asked=tuple(sys.argv[1:]))
    with run_folder(options, asked.out, asked.resume, force=asked.force) as work:
        async with kind(work / "plan.log") as first:
            plan = await make_plan(options, work, first)
            kept = None
            if asked.out or asked.resume:
                from bufspec.run.kept import Kept

                kept = Kept(work, plan, trust=asked.trust)
                kept.begin()
            recorder = Recorder.open(asked.out or asked.resume, work=work)

            last: list[Event] = []

            def emit(event: Event) -> None:
                if asked.shows_failures and isinstance(event, RunFinished):
                    last.append(event)
                else:
                    write(event)

            def write(event: Event) -> None:
                said = signed_event(in_words(json_from_event(event)))
                events.append(said)
                recorder.write(said)
                if asked.output == "json" and asked.prints_report:
                    print_json_line(said)

            total = subjects_of_shard(plan) * options.repeat
            with recorder, progress(total) as on_progress:
                try:
                    await run_plan(
                        plan,
                        work,
                        emit,
                        on_progress=on_progress,
                        kind=kind,
                        first=first,
                        kept=kept,
                        fixing=fixing,
                    )
                    if asked.shows_failures:
                        from bufspec.replay.failures import FOR_A_PAGE, THOROUGH, minimised

                        patience = THOROUGH if asked.minimises else FOR_A_PAGE
                        async for one in minimised(events, plan.rulebook, work, options.timeout, patience):
                            write(one)
                finally:
                    for event in last:
                        write(event)
    remember(events, {one.name: one.file for one in plan.subjects}, asked.fail_on)
    if asked.output != "json" and asked.prints_report:
        print_record(events, asked.output, recorder.shown, asked.verbose)
    return events


def print_record(events: list[dict[str, Any]], output: str, shown: str | None, verbose: bool) -> None:
    """Print a record in that format; `shown` is where it lies, if it was kept."""
    if output == "pretty":
        from bufspec.reports.terminal.check import print_report

        print_report(console(), events, record=shown, verbose=verbose)
    elif output == "markdown":
        from bufspec.reports.formats.markdown import text_from_events

        sys.stdout.writelines(text_from_events(events))
    else:
        for event in events:
            print_json_line(event)
