"""What does a command of bufspec take of the machine: processor time, memory?  With few open files."""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

PROGRAM = """
import re, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
from bufspec.cli import main
try: main(sys.argv[1:])
except SystemExit as ending: assert not ending.code, ending.code
used = resource.getrusage(resource.RUSAGE_SELF)
# Not ru_maxrss, which counts what the process had before it became this program.
memory = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
print(used.ru_utime + used.ru_stime, memory)
"""


class Used(NamedTuple):
    """What a command took."""

    command: str
    seconds: float
    """Of the processor, so that other work on the machine counts little."""
    megabytes: float

    def assert_within(self, *, seconds: float, megabytes: float) -> None:
        """It took less; prints what it took, for whoever asks pytest for it."""
        print(f"{self.command}: {self.seconds:.1f} s, {self.megabytes:.0f} MB")
        assert self.seconds < seconds and self.megabytes < megabytes, self


def used_by(*words: str) -> Used:
    """Run a command, which must end with 0."""
    command = [sys.executable, "-P", "-c", PROGRAM, *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    seconds, kilobytes = done.stdout.splitlines()[-1].split()
    return Used(" ".join((words[0], *words[-2:])), float(seconds), int(kilobytes) / 1024)
