"""Do `bufspec check` and `bufspec mutants` run clean with the sanitizers' runtime preloaded?

Run by ctest in the sanitizer preset, in the environment that holds the instrumented extension.

A check is clean if every failure and death is a known one, and no sanitizer reported anything but a
segmentation fault where a death is a known one.  Known failures that do not fail are passed over: what is
seen only when freed memory is used again is not seen here, where it is kept from being used.  Mutants
break memory on purpose: they are clean if the score is as without sanitizers and each report of a memory
error is of an access that a mutant made, itself or in a call.  --must-find turns the question around: a
seeded defect shows that this check can fail.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

SEGMENTATION_FAULT = "SEGV"
"""The one kind of report that the process would die of without a sanitizer too: bufspec judges that death,
and there may be no report of it."""

MUTANT_FRAME = "subjects/mutants/native/"
KIND = re.compile(r"Sanitizer: ([\w-]+)|runtime error: (.+)")

DIE_OF_A_REPORT = {
    "written_behind_the_struct": {"heap-buffer-overflow"},
    "consumer_asks_into_a_held_struct": {"heap-use-after-free", "stack-buffer-overflow"},
    "consumer_static_view": {"heap-use-after-free"},
    "consumer_follows_negative_suboffsets": {"stack-buffer-overflow", SEGMENTATION_FAULT},
}
"""Mutants whose fault goes unnoticed by the processor, and the reports that may end them under a sanitizer.
Those that die so in every case are not caught by the rule of their row."""

FREES_BELOW_A_VIEW = "bufspec::mutants::exporters::renew_arrays("
"""Of arrays_freed_and_made_anew: whoever reads the held view then reads freed memory, as memoryview does for
the text of an exception."""

MAY_LIVE = {"consumer_static_view"}
"""Those of them that only die if two threads meet."""


def run_sanitized(out: Path, preload: str, arguments: list[str]) -> tuple[int, str]:
    """Runs bufspec with reports going to `out`; returns its exit code and what it printed."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    options = f"abort_on_error=1:halt_on_error=1:print_stacktrace=1:log_path={out / 'report'}"
    environment = os.environ | {
        "LD_PRELOAD": preload,
        "PYTHONMALLOC": "malloc",
        # CPython keeps much until its end, and asks for huge blocks expecting a no.
        "ASAN_OPTIONS": f"detect_leaks=0:allocator_may_return_null=1:{options}",
        "UBSAN_OPTIONS": options,
    }
    command = [str(Path(sys.executable).with_name("bufspec")), *arguments, "--timeout", "120"]
    run = subprocess.run(command, env=environment, cwd=out, check=False, stdout=subprocess.PIPE, text=True)
    return run.returncode, run.stdout


def reports_in(out: Path) -> list[str]:
    """The reports of the sanitizers, one for each process."""
    return [path.read_text(encoding="utf-8", errors="replace") for path in sorted(out.glob("report*"))]


def kind_of(report: str) -> str:
    """What a report is about, such as heap-buffer-overflow; empty if that is not known."""
    found = KIND.search(report)
    return "" if found is None else found[1] or found[2]


def is_of_a_mutant(report: str, kinds: set[str]) -> bool:
    """Whether a mutant's code made the access, of one of these kinds, or freed what a held view shows."""
    access, _, rest = report.partition("\n\n")
    if kind_of(report) in kinds and MUTANT_FRAME in access:
        return True
    freed = rest.partition("previously allocated by")[0]
    return kind_of(report) == "heap-use-after-free" and FREES_BELOW_A_VIEW in freed


def findings_of_check(out: Path, preload: str, arguments: list[str]) -> list[str]:
    """What was found, a line or a report each; empty if all is clean."""
    status, _ = run_sanitized(out, preload, ["check", *arguments, "--out", str(out)])
    record = out / "events.jsonl"
    lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    events = [json.loads(line) for line in lines]
    # 1 is also the end where a known failure does not fail.
    found = [] if status in (0, 1) else [f"bufspec check ended with {status}"]
    if not events or events[-1].get("event") != "run-finished" or not events[-1]["complete"]:
        found.append("the run is incomplete")
    if not any(event["event"] == "subject-finished" for event in events):
        found.append("no subject was judged")
    failed = [event for event in events if event["event"] == "case-failed"]
    found += [
        f"{event['subject']}: {event['outcome']} at {event['case']}: {event['message']}"
        for event in failed
        if event["verdict"] == "news" and event["level"] == "required"
    ]
    is_death_known = any(event["rule"] is None and event["verdict"] == "as_expected" for event in failed)
    for report in reports_in(out):
        if kind_of(report) != SEGMENTATION_FAULT or not is_death_known:
            found.append(report)
    return found


def findings_of_mutants(out: Path, preload: str, arguments: list[str]) -> list[str]:
    """What was found, a line or a report each; empty if all is clean."""
    status, printed = run_sanitized(out, preload, ["mutants", *arguments, "--format", "json"])
    try:
        score: dict[str, Any] = json.loads(printed)
    except ValueError:
        return [f"bufspec mutants ended with {status} and no score", *reports_in(out)]
    found = []
    died = set()
    for alarm in score["false_alarms"]:
        if alarm["rule"] == "death" and alarm["kind"] == "mutant" and alarm["subject"] in DIE_OF_A_REPORT:
            died.add(alarm["subject"])
        else:
            found.append(f"{alarm['subject']}: {alarm['rule']} is a false alarm ({alarm['kind']})")
    found += [f"{name}: not caught" for name in score["missed"] if name not in died]
    if not score["mutants"]:
        found.append("no mutant was judged")
    if not arguments:
        found += [
            f"{name}: lives, so its entry in {Path(__file__).name} has to go"
            for name in sorted(DIE_OF_A_REPORT.keys() - MAY_LIVE - died)
        ]
    reports = reports_in(out)
    seen = {kind_of(one) for one in reports}
    found += [
        f"{name}: no report of what ended it"
        for name in sorted(died)
        if not DIE_OF_A_REPORT[name] & (seen | {SEGMENTATION_FAULT})
    ]
    known = {kind for name in died for kind in DIE_OF_A_REPORT[name]}
    found += [one for one in reports if kind_of(one) != SEGMENTATION_FAULT and not is_of_a_mutant(one, known)]
    return found


FINDINGS = {"check": findings_of_check, "mutants": findings_of_mutants}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preload", required=True, help="libraries, separated by colons")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--must-find", help="succeed only if a report with this text makes the check fail")
    parser.add_argument("command", choices=FINDINGS)
    options, arguments = parser.parse_known_args()
    found = FINDINGS[options.command](options.out.resolve(), options.preload, arguments)
    print("\n".join(found) or "clean")
    if options.must_find:
        return 0 if any(options.must_find in report for report in found) else 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
