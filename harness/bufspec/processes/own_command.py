"""What does a command of bufspec come to in a process of its own?"""

from __future__ import annotations

import subprocess
import sys

from attrs import frozen

ENDING_SECONDS = 20.0
"""How long a command may take to end when this process is about to."""


@frozen
class CommandEnd:
    """How a command ended, and what it said on standard error."""

    command: str
    code: int
    said: str

    @property
    def reason(self) -> str:
        """Why it did not do what it was asked for, in the words of the error that was printed."""
        lines = [line for line in self.said.splitlines() if line.startswith("error: ")]
        if lines:
            return lines[-1].removeprefix("error: ")
        return f"bufspec {self.command} ended with {self.code}"


def run_command(command: str, *arguments: str) -> CommandEnd:
    """Run `bufspec COMMAND` with these arguments to its end; it ends with this process."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "bufspec.cli", command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _, said = process.communicate()
    except BaseException:
        process.terminate()
        try:
            process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        raise
    return CommandEnd(command, process.returncode, said.decode("utf-8", "replace"))
