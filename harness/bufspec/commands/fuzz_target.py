"""The part of `bufspec fuzz` that runs a fuzz target: `--target NAME`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN, EXIT_INCOMPLETE

if TYPE_CHECKING:
    from bufspec.fuzz.target_run import TargetOptions


async def fuzz_target(options: TargetOptions, out: Path | None, output: str) -> int:
    """Run the campaign and print it; the exit code."""
    from contextlib import nullcontext

    from bufspec.fuzz.target_run import TargetCampaign, json_of_target
    from bufspec.reports.terminal.console import console
    from bufspec.reports.terminal.fuzz_target import TargetWatch, print_target
    from bufspec.run.workspace import working_directory

    with nullcontext(out) if out else working_directory() as folder:
        assert folder
        watch = TargetWatch(console(error=True))
        campaign = TargetCampaign(options, folder.absolute(), watch.look)
        try:
            tried = await campaign.run()
        finally:
            watch.end()
        if output == "json":
            print(json.dumps(json_of_target(tried, campaign.findings), indent=2))
        else:
            print_target(console(), tried, campaign.findings, out)
    if campaign.findings.by_id:
        return EXIT_BROKEN
    return EXIT_INCOMPLETE if tried.error else EXIT_AS_EXPECTED
