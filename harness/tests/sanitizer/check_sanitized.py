"""Does `bufspec check` run clean with the sanitizers' runtime preloaded?

Run by ctest in the sanitizer preset, in the environment that holds the instrumented extension.  A report
of a sanitizer, or a subject that died, is a failure whatever the verdicts; --must-find turns the question
around, so that a seeded defect shows that this check can fail.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

DEATHS = {"crash", "hang", "exit", "error"}


def run_check(out: Path, preload: str, arguments: list[str]) -> list[str]:
    """Runs the check and returns what was found, a line or a report each; empty if all is clean."""
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
    command = [str(Path(sys.executable).with_name("bufspec")), "check", *arguments]
    command += ["--fail-on", "none", "--timeout", "120", "--out", str(out)]
    run = subprocess.run(command, env=environment, cwd=out, check=False)

    found = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(out.glob("report*"))]
    record = out / "events.jsonl"
    lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    events = [json.loads(line) for line in lines]
    if not events or events[-1].get("event") != "run-finished" or not events[-1]["complete"]:
        found.append(f"the run is incomplete (exit code {run.returncode})")
    for event in events:
        if event["event"] == "case-failed" and event["outcome"] in DEATHS:
            found.append(f"{event['subject']}: {event['outcome']} at {event['case']}: {event['message']}")
    if not any(event["event"] == "subject-finished" for event in events):
        found.append("no subject was judged")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preload", required=True, help="libraries, separated by colons")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--must-find", help="succeed only if a report with this text turns the check red")
    options, arguments = parser.parse_known_args()
    found = run_check(options.out.resolve(), options.preload, arguments)
    print("\n".join(found) or "clean")
    if options.must_find:
        return 0 if any(options.must_find in report for report in found) else 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
