"""Where is a fuzz target, and how does it come to be a program of an engine?

Targets are in the sources of bufspec, in the folders fuzz/ and harness/fuzz/; the package does not have them.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from attrs import frozen

from bufspec.errors import EngineError, SelectionError, near_names
from bufspec.files.opened import MEGABYTE, read_text
from bufspec.fuzz.engines import Needs

SUFFIX = "_fuzz"
FOLDERS = ("fuzz", "harness/fuzz")
LINE = re.compile(r"^bufspec_fuzz_(target|subject)\((\w+)(?: +FORM +(\w+))?(?: +MAIN +(\w+))?", re.MULTILINE)


@frozen
class Target:
    """A target of the sources in `project`."""

    project: Path
    folder: str
    name: str
    form: str
    main: str
    """The source, which the corpus is named for."""

    @property
    def corpus(self) -> Path:
        """The stored inputs."""
        return self.project / self.folder / "corpus" / self.main

    def program(self, needs: Needs) -> Path:
        """The program, once it is built."""
        return self._build(needs) / self.folder / self.name

    def dictionary(self, needs: Needs) -> Path:
        """The words that an engine puts in."""
        return self._build(needs) / "fuzz" / f"{self.form}.dict"

    def mutator(self, needs: Needs) -> Path:
        """The library that AFL++ loads."""
        return self._build(needs) / "fuzz" / f"libbufspec_mutator_{self.form}.so"

    def _build(self, needs: Needs) -> Path:
        return self.project / "build" / needs.preset

    def build(self, needs: Needs, log: Path) -> None:
        """Build it, or what has changed; raises EngineError, with the end of what was said."""
        also = [f"bufspec_fuzz_dictionary_{self.form}"]
        if needs.preset == "afl":
            also.append(f"bufspec_mutator_{self.form}")
        for command in (
            ["cmake", "--preset", needs.preset],
            ["cmake", "--build", "--preset", needs.preset, "--target", self.name, *also],
        ):
            with log.open("ab") as said:
                done = subprocess.run(command, cwd=self.project, stdout=said, stderr=said, check=False)
            if done.returncode != 0:
                lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                raise EngineError(
                    f"{self.name} cannot be built: {lines[-1] if lines else 'nothing was said'}",
                    where=str(log),
                    hint=f"in {self.project}: {' '.join(command)}",
                )


def project_around(place: Path) -> Path:
    """The sources of bufspec that this place is in; raises SelectionError where it is in none."""
    for folder in (place, *place.parents):
        if (folder / "fuzz" / "CMakeLists.txt").is_file() and (folder / "CMakePresets.json").is_file():
            return folder
    raise SelectionError(
        f"the fuzz targets are in the sources of bufspec, and {place} is not in them",
        where="--target",
        hint="run it in a clone of bufspec",
    )


def targets_of(project: Path) -> dict[str, Target]:
    """The targets by name, as the lines of CMake list them."""
    found: dict[str, Target] = {}
    for folder in FOLDERS:
        file = project / folder / "CMakeLists.txt"
        if not file.is_file():
            continue
        for kind, name, form, main in LINE.findall(read_text(file, MEGABYTE)):
            if not name.endswith(SUFFIX):
                continue  # of the function itself
            default = "subject_fuzz" if kind == "subject" else name
            found[name] = Target(project, folder, name, form or "scenarios", main or default)
    return found


def target_named(name: str, place: Path) -> Target:
    """The target of that name, with or without its suffix; raises SelectionError if there is none."""
    targets = targets_of(project_around(place))
    found = targets.get(name) or targets.get(name + SUFFIX)
    if found is None:
        known = [one.removesuffix(SUFFIX) for one in targets]
        raise SelectionError(
            f"no fuzz target is called {name!r:.40}",
            where="--target",
            hint=near_names(name, known, otherwise=f"there are {', '.join(known)}"),
        )
    return found
