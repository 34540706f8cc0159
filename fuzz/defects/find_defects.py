"""Do the targets find defects, from nothing?  Each is one place of the reference, broken in a copy.

For each defect of defects.json: the source is broken, compiled and linked before the library, and libFuzzer
runs the target from an empty corpus, with the dictionary and the mutator of its form.  Printed: after how
many executions it was found.  Needs a build with BUFSPEC_FUZZERS; nothing in the project is written to.
usage: find_defects.py --project FOLDER --build FOLDER [--runs N] [--seed N] [NAME...]
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

FORMS = {"format_fuzz": "formats", "scenario_fuzz": "scenarios"}
TIMEOUT = 900
SOUND_RUNS = 20_000
"""A target that finds something in the sound reference would find every defect."""


class Finder:
    """Builds targets over a broken reference, and runs them."""

    def __init__(self, project: Path, build: Path, runs: int, seed: int) -> None:
        self.project, self.build, self.runs, self.seed = project, build, runs, seed
        entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
        # A target compiles some sources of the reference once more, without counting edges.
        own = [entry for entry in entries if " -o reference/" in entry["command"]]
        self.commands = {Path(entry["file"]).name: shlex.split(entry["command"]) for entry in own}

    def broken_object(self, defect: dict[str, str], scratch: Path) -> Path:
        """The source with the defect, compiled as the build does it."""
        source = self.project / "reference" / "src" / defect["file"]
        text = source.read_text(encoding="utf-8")
        if text.count(defect["from"]) != 1:
            raise SystemExit(f"{defect['name']}: {defect['file']} does not have its place exactly once")
        broken, made = scratch / defect["file"], scratch / "broken.o"
        broken.write_text(text.replace(defect["from"], defect["to"]), encoding="utf-8")
        command = [word for word in self.commands[defect["file"]] if word != "-Werror"]
        command[command.index("-o") + 1] = str(made)
        command[command.index("-c") + 1] = str(broken)
        subprocess.run([*command, "-w", "-iquote", str(source.parent)], cwd=self.build, check=True)
        return made

    def linked(self, target: str, first: Path, scratch: Path) -> Path:
        """The target, with that object before the library that has the right one."""
        rules = subprocess.run(
            ["ninja", "-C", str(self.build), "-t", "commands", "-s", f"fuzz/{target}"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        line = next(one for one in reversed(rules.splitlines()) if f"-o fuzz/{target} " in one)
        words = shlex.split(re.sub(r"^(?:ninja: .*\n)?: && | && :$", "", line))
        program = scratch / target
        words[words.index("-o") + 1] = str(program)
        archive = next(i for i, word in enumerate(words) if word.endswith("libbufspec_reference.a"))
        words.insert(archive, str(first))
        subprocess.run(words, cwd=self.build, check=True)
        return program

    def executions(self, target: str, defect: dict[str, str] | None) -> int | None:
        """After how many executions the target found it, if it did; without a defect: the sound target."""
        with tempfile.TemporaryDirectory(prefix="bufspec-defect-") as name:
            scratch = Path(name)
            program = self.build / "fuzz" / target
            if defect:
                program = self.linked(target, self.broken_object(defect, scratch), scratch)
            corpus = scratch / "corpus"
            corpus.mkdir()
            dictionary = self.build / "fuzz" / f"{FORMS.get(target, 'decisions')}.dict"
            done = subprocess.run(
                [
                    str(program),
                    f"-runs={self.runs if defect else min(self.runs, SOUND_RUNS)}",
                    f"-seed={self.seed}",
                    "-max_len=512",
                    "-print_final_stats=1",
                    f"-artifact_prefix={scratch}/",
                    *([f"-dict={dictionary}"] if dictionary.exists() else []),
                    str(corpus),
                ],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TIMEOUT,
                check=False,
            )
            if done.returncode == 0:
                return None
            counted = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
            if counted is None or not any(scratch.glob("crash-*")):
                raise SystemExit(f"{target} did not run\n{done.stderr[-2000:]}")
            return int(counted[1])


def main() -> int:
    """0 if every defect was found, 1 if one was not."""
    parser = argparse.ArgumentParser(description="Find seeded defects from an empty corpus.")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    defects = json.loads((Path(__file__).parent / "defects.json").read_text(encoding="utf-8"))
    if unknown := set(options.names) - {one["name"] for one in defects}:
        print(f"no defect is called {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    chosen = [one for one in defects if not options.names or one["name"] in options.names]
    finder = Finder(options.project.resolve(), options.build.resolve(), options.runs, options.seed)
    missed = 0
    for target in sorted({one["target"] for one in chosen}):
        if finder.executions(target, None) is not None:
            print(f"{target} finds something in the sound reference: fix that first")
            return 3
    for defect in chosen:
        found = finder.executions(defect["target"], defect)
        missed += found is None
        after = f"not found in {options.runs:,}" if found is None else f"found after {found:,}"
        print(f"{defect['name']:<32}{defect['target']:<18}{after} executions", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} defects found from an empty corpus")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
