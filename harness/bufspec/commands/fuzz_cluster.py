"""The part of `bufspec fuzz` that runs a campaign on a cluster: `--dask SCHEDULER`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from bufspec.errors import EXIT_AS_EXPECTED, EXIT_BROKEN, EXIT_INCOMPLETE

if TYPE_CHECKING:
    from bufspec.fuzz.options import FuzzOptions


def words_of(options: FuzzOptions, exporters: tuple[str, ...], consumers: tuple[str, ...]) -> list[str]:
    """The words that ask for the same campaign in another process, but for its part."""
    from bufspec.run.catalogue import absolute_files

    words = [*options.patterns]
    for name, texts in (("--exporter", exporters), ("--consumer", consumers)):
        words += [word for text in texts for word in (name, text)]
    for file in absolute_files(options.files):
        words += ["--subjects", file]
    for file in absolute_files(options.expectations):
        words += ["--expectations", file]
    words += ["--seed", str(options.seed), "--edition", options.edition, "--bound", options.bound]
    words += ["--timeout", f"{options.timeout:g}"]
    if options.runs:
        words += ["--runs", str(options.runs)]
    if options.seconds:
        words += ["--time", f"{options.seconds:g}"]
    words += ["--no-expectations"] * (not options.expects_known) + ["--unguided"] * (not options.guided)
    return words + ["--no-minimise"] * (not options.minimises)


def fuzz_cluster(words: list[str], parts: int, scheduler: str, out: Path | None, output: str) -> int:
    """Run the campaign and print it; the exit code."""
    from contextlib import nullcontext

    from bufspec.fuzz.cluster import ClusterCampaign
    from bufspec.fuzz.finding import Findings
    from bufspec.fuzz.gathered import counted_in
    from bufspec.reports.terminal.console import console
    from bufspec.reports.terminal.fuzz import print_gathered
    from bufspec.run.workspace import working_directory

    progress = console(error=True)

    def watch(done: int, of: int, findings: Findings) -> None:
        progress.print(f"{done} of {of} parts, {len(findings.of('news'))} new", highlight=False)

    with nullcontext(out) if out else working_directory() as folder:
        assert folder
        findings = ClusterCampaign(words, parts, scheduler, folder.absolute(), watch).run()
        subjects = counted_in(folder / "whole")
        if output == "json":
            found = sorted(findings.by_id.values(), key=lambda one: (one.subject, one.id))
            plain = [
                {"id": one.id, "what": one.what, "status": one.status, "replay": one.replay} for one in found
            ]
            print(json.dumps({"subjects": subjects, "findings": plain}, indent=2))
        else:
            print_gathered(console(), subjects, findings, out / "whole" if out else None)
    if findings.of("news"):
        return EXIT_BROKEN
    return EXIT_INCOMPLETE if any(one["error"] for one in subjects.values()) else EXIT_AS_EXPECTED
