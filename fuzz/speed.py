"""How fast are the targets, compared with one that tries nothing, and AFL++ compared with libFuzzer?

Runs each target for so many executions from its corpus, in turn with the empty one, and counts them for each
second of processor time: other programs that run meanwhile change that little.  Printed: executions a second,
and the ratio to the empty target; with --afl also AFL++ in persistent mode, and its ratio to libFuzzer.
Needs a build of the preset fuzz-fast (and of afl).  Exit code 1 where a ratio is below what it must be.
usage: speed.py --build FOLDER [--afl FOLDER] [--seconds N] [TARGET...]
where N is about how long each run is to take on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

FORMS = {"format_fuzz": "formats", "scenario_fuzz": "scenarios"}
EMPTY = "empty_fuzz"
NEEDED = {"layout_fuzz": 0.25, "format_fuzz": 0.25}
"""Of the executions of the empty target."""
NEEDED_OF_AFL = {"scenario_fuzz": 0.5}
"""Of the executions of the same target under libFuzzer.  Those of the others take a microsecond, and the
two messages that afl-fuzz and its target exchange for each take longer."""
TARGETS = {"layout_fuzz": 800_000, "format_fuzz": 600_000, "scenario_fuzz": 15_000}
"""With about the executions of a second."""
EMPTY_EXECUTIONS = 3_000_000
LONGEST = 64
AFL_TIMES = 5
"""As long: it looks at each stored input several times first."""
FORK_SERVER = {
    "AFL_NO_UI": "1",
    "AFL_SKIP_CPUFREQ": "1",
    "AFL_NO_AFFINITY": "1",
    "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
}


def seconds_of(command: list[str], **settings: str) -> tuple[float, str]:
    """The processor time of a program and what it started, and what it said."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **settings},
        text=True,
        errors="replace",
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} ended with status {done.returncode}\n{done.stdout[-2000:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, done.stdout


def libfuzzer(build: Path, project: Path, target: str, executions: int) -> float:
    """Executions for each second of processor time."""
    with tempfile.TemporaryDirectory(prefix="bufspec-speed-") as scratch:
        taken, said = seconds_of(
            [
                str(build / "fuzz" / target),
                f"-runs={executions}",
                "-seed=1",
                f"-max_len={LONGEST}",
                "-print_final_stats=1",
                f"-artifact_prefix={scratch}/",
                scratch,
                str(project / "fuzz" / "corpus" / target),
            ]
        )
    counted = re.search(r"stat::number_of_executed_units: (\d+)", said)
    assert counted, said
    return int(counted[1]) / taken


def afl(build: Path, project: Path, target: str, seconds: float) -> float:
    """As libfuzzer(), of afl-fuzz with the same mutator."""
    form = FORMS.get(target, "decisions")
    with tempfile.TemporaryDirectory(prefix="bufspec-speed-") as scratch:
        last = ["-G", f"{LONGEST}", "-s", "1", "--", str(build / "fuzz" / target)]
        taken, _ = seconds_of(
            [
                *("afl-fuzz", "-i", str(project / "fuzz" / "corpus" / target), "-o", scratch),
                *("-V", f"{seconds * AFL_TIMES:.0f}", *last),
            ],
            AFL_CUSTOM_MUTATOR_LIBRARY=str(build / "fuzz" / f"libbufspec_mutator_{form}.so"),
            **FORK_SERVER,
        )
        stats = (Path(scratch) / "default" / "fuzzer_stats").read_text(encoding="utf-8")
    counted = re.search(r"execs_done +: (\d+)", stats)
    assert counted, stats
    return int(counted[1]) / taken


def main() -> int:
    """0 if each ratio is what it must be."""
    parser = argparse.ArgumentParser(description="Measure the speed of fuzz targets.")
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--afl", type=Path)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("targets", nargs="*")
    options = parser.parse_args()
    project = Path(__file__).resolve().parents[1]
    slow = 0
    for target in options.targets or TARGETS:
        executions = int(TARGETS.get(target, 10_000) * options.seconds)
        empty = libfuzzer(options.build, project, EMPTY, int(EMPTY_EXECUTIONS * options.seconds))
        tried = libfuzzer(options.build, project, target, executions)
        slow += tried < NEEDED.get(target, 0) * empty
        line = f"{target:16}{tried:>12,.0f} executions a second, {tried / empty:6.1%} of {empty:,.0f}"
        if options.afl:
            forked = afl(options.afl, project, target, options.seconds)
            slow += forked < NEEDED_OF_AFL.get(target, 0) * tried
            line += f"; AFL++ {forked:>10,.0f}, {forked / tried:6.1%} of libFuzzer's"
        print(line, flush=True)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
