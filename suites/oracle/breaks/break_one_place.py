"""Whether the oracle sees a break: draws one-place breaks by seed and runs the oracle on a copy with each.

Half of the breaks are cells of the tables, half are predicates of the reference's sources.  Each must make
the oracle fail; one that does not must be listed in equivalent.yaml with the reason.  A break that does not
compile is no break: another is drawn.  Nothing in the project is written to.  ctest: oracle_sees_breaks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from breaks import Break, read_equivalents, stale
from places_in_source import places_in_sources
from places_in_tables import places_in_tables

HERE = Path(__file__).resolve().parent
CPU_SECONDS = 60  # the whole oracle takes a few; of the processor, so that a busy machine makes no hang
TIMEOUT = 900  # seconds, for a break that waits for ever


def limit_cpu() -> None:
    """Has the kernel end this process after CPU_SECONDS."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))


@dataclass(frozen=True)
class Sight:
    """What came of one break: the test that saw it, or empty; `compiled` says whether it ran at all."""

    broken: Break
    seen_by: str
    compiled: bool = True


class Oracle:
    """Builds and runs oracles of broken copies."""

    def __init__(self, project: Path, oracle: Path, link_line: Path, commands: Path) -> None:
        self.project = project
        self.oracle = oracle
        self.link = shlex.split(link_line.read_text(encoding="utf-8"))
        self.compile = {
            str(Path(entry["file"]).resolve().relative_to(project)): shlex.split(entry["command"])
            for entry in json.loads(commands.read_text(encoding="utf-8"))
            if Path(entry["file"]).resolve().is_relative_to(project)
        }

    def run(self, oracle: Path, spec: Path) -> str:
        """The first test that fails, "" if none does."""
        environment = os.environ | {"BUFSPEC_SPEC_DIR": str(spec), "BUFSPEC_BOUND": "short"}
        command = [str(oracle), "--gtest_fail_fast", "--gtest_brief=1"]
        try:
            done = subprocess.run(
                command,
                env=environment,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TIMEOUT,
                preexec_fn=limit_cpu,
            )
        except subprocess.TimeoutExpired:
            return "a hang"
        if done.returncode == 0:
            return ""
        if done.returncode == -signal.SIGXCPU:
            return "a hang"
        failed = re.search(r"\[  FAILED  \] (\w+\.\w+)", done.stdout)
        if failed:
            return failed.group(1)
        if done.returncode == 2:
            return "the reader of the tables: " + (done.stderr.strip().splitlines() or ["?"])[0]
        return f"a crash (signal {-done.returncode})" if done.returncode < 0 else f"exit {done.returncode}"

    def try_table(self, broken: Break, scratch: Path) -> Sight:
        """Runs the oracle on tables with that break."""
        spec = scratch / "spec"
        shutil.copytree(self.project / "spec", spec, ignore=shutil.ignore_patterns("schema", "decisions"))
        path = scratch / broken.file
        path.write_text(broken.apply(path.read_text(encoding="utf-8")), encoding="utf-8")
        return Sight(broken, self.run(self.oracle, spec))

    def try_source(self, broken: Break, scratch: Path) -> Sight:
        """Compiles one source with that break, links it in front of the library, and runs the oracle."""
        source, target, oracle = scratch / Path(broken.file).name, scratch / "broken.o", scratch / "oracle"
        original = self.project / broken.file
        source.write_text(broken.apply(original.read_text(encoding="utf-8")), encoding="utf-8")
        command = [
            word for word in self.compile[broken.file] if not re.match(r"-(O.|g.*|Werror|W[a-z-]+)$", word)
        ]
        command[command.index("-o") + 1] = str(target)
        command[command.index("-c") + 1] = str(source)
        command += ["-O1", "-w", "-iquote", str(original.parent)]
        if not self.succeeds(command) or not self.succeeds(
            [self.link[0], "-o", str(oracle), str(target), *self.link[1:]]
        ):
            return Sight(broken, "", compiled=False)
        return Sight(broken, self.run(oracle, self.project / "spec"))

    @staticmethod
    def succeeds(command: list[str]) -> bool:
        """Whether the command ends well."""
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def attempt(self, broken: Break) -> Sight:
        """The break in a directory of its own, removed afterwards."""
        with tempfile.TemporaryDirectory(prefix="bufspec-break-") as scratch:
            if broken.file.endswith(".yaml"):
                return self.try_table(broken, Path(scratch))
            return self.try_source(broken, Path(scratch))


def drawn(candidates: list[Break], seed: int) -> Iterator[Break]:
    """The candidates as the seed orders them, file after file in turn: a long one hides no other.

    A place's turn depends on the seed and its own text alone: an edit elsewhere draws no other breaks.
    """

    def turn(one: Break) -> str:
        return hashlib.sha256(f"{seed}\n{one.file}\n{one.text}\n{one.what}".encode()).hexdigest()

    order = sorted(candidates, key=turn)
    files: dict[str, list[Break]] = {}
    for one in order:
        files.setdefault(one.file, []).append(one)
    while files:
        for file in sorted(files):
            yield files[file].pop()
            if not files[file]:
                del files[file]


def attempt_some(oracle: Oracle, candidates: Iterator[Break], wanted: int, jobs: int) -> list[Sight]:
    """`wanted` breaks that compile, in the order drawn."""
    made: list[Sight] = []
    with ThreadPoolExecutor(jobs) as pool:
        while len(made) < wanted:
            batch = [one for _, one in zip(range(max(jobs, wanted - len(made))), candidates, strict=False)]
            if not batch:
                break
            made += [sight for sight in pool.map(oracle.attempt, batch) if sight.compiled]
    return made[:wanted]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--oracle", type=Path, required=True, help="the oracle as it was built")
    parser.add_argument(
        "--link-line", type=Path, required=True, help="compiler, objects and libraries of the oracle"
    )
    parser.add_argument("--commands", type=Path, required=True, help="compile_commands.json of that build")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("BUFSPEC_BREAK_SEED", "20100928")))
    breaks = int(os.environ.get("BUFSPEC_BREAKS", "6"))
    parser.add_argument("--breaks", type=int, default=breaks, help="how many to draw; half of them in tables")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="draw from files whose name contains this")
    return parser.parse_args()


def main() -> int:
    """0 if every break was seen or is listed as equivalent; 1 otherwise; 3 if there was nothing to break."""
    options = arguments()
    project = options.project.resolve()
    oracle = Oracle(project, options.oracle.resolve(), options.link_line, options.commands)
    started = time.monotonic()
    if unbroken := oracle.run(oracle.oracle, project / "spec"):
        print(f"the oracle fails as it is: {unbroken}; fix that first")
        return 3
    tables, sources = places_in_tables(project), places_in_sources(project)
    equivalents = read_equivalents(HERE / "equivalent.yaml")
    outdated = stale(equivalents, tables + sources)
    print(f"{len(tables)} places in tables, {len(sources)} in sources; seed {options.seed}")

    half = options.breaks // 2
    sights: list[Sight] = []
    for candidates, wanted in ((tables, half), (sources, options.breaks - half)):
        chosen = [one for one in candidates if options.only in one.file]
        sights += attempt_some(oracle, drawn(chosen, options.seed), wanted, options.jobs)

    unseen = 0
    for sight in sights:
        listed = [one for one in equivalents if one.covers(sight.broken)]
        if sight.seen_by:
            verdict = f"seen by {sight.seen_by}"
        elif listed:
            verdict = f"equivalent: {listed[0].reason}"
        else:
            unseen += 1
            verdict = "NOT SEEN"
        print(f"{sight.broken.place}: {sight.broken.what}: {verdict}")
        if not sight.seen_by:
            print(f"    {sight.broken.text}")
        elif listed:
            unseen += 1
            print("    is listed in equivalent.yaml but was seen: remove it there")
    for one in outdated:
        print(f"equivalent.yaml: {one.file}: {one.what}: no such place any more: {one.text}")
    seen = sum(1 for sight in sights if sight.seen_by)
    print(
        f"{len(sights)} breaks, {seen} seen, {unseen} wrong, {len(outdated)} outdated rows,"
        f" {time.monotonic() - started:.0f} s"
    )
    if len(sights) < options.breaks and not options.only:
        print("fewer places than breaks were asked for")
        return 3
    return 1 if unseen or outdated else 0


if __name__ == "__main__":
    sys.exit(main())
