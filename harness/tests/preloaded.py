"""A process that has imported bufspec, and is forked for each command that a test runs.

Importing is the dearest part of a short command, and the tests run more than a thousand of them.  Each child
is as a process that was just started: nothing of bufspec has run in it.

`Preloaded` is the side of the tests.  Run as a program, this file is the other side, and its argument is the
number of the socket between them.  A request is JSON (arguments, working directory, environment) with the
descriptors of standard output and standard error; the answer is the exit status as os.waitpid() gives it.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

OF_THE_DRIVER = tuple(
    f"bufspec.{name}"
    for name in (
        *("cli", "commands", "doctor", "fuzz", "merge", "mutants", "pairs", "project", "replay", "reports"),
        *("run", "scripts", "spec", "tables"),
    )
)
"""What is imported, with all that it imports."""
OF_OTHERS = ("anyio._backends._asyncio", "jsonschema", "packaging.requirements", "packaging.tags", "tomllib")
"""What commands import only once they need it, and nearly all of them do."""
MOST = 1 << 20
"""Bytes of a request."""


class Preloaded:
    """The process, begun when the first command is run; it ends with the process that uses it."""

    def __init__(self) -> None:
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def run(
        self, arguments: Sequence[str], cwd: Path, environment: dict[str, str], seconds: float
    ) -> subprocess.CompletedProcess[str]:
        """As subprocess.run() of the command line with these arguments, its output captured as text.

        The variables are set beside those of this process.
        """
        channel = self._channel or self._begin()
        request = json.dumps([list(arguments), str(cwd), {**os.environ, **environment}]).encode("ascii")
        assert len(request) < MOST
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            channel.settimeout(seconds)
            socket.send_fds(channel, [request], [out.fileno(), errors.fileno()])
            try:
                status = int(channel.recv(64))
            except TimeoutError:
                self._end()
                raise subprocess.TimeoutExpired(list(arguments), seconds) from None
            texts = []
            for file in (out, errors):
                file.seek(0)
                texts.append(file.read().decode())
        return subprocess.CompletedProcess(list(arguments), os.waitstatus_to_exitcode(status), *texts)

    def _begin(self) -> socket.socket:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdout=subprocess.DEVNULL,
                process_group=0,
            )
        return self._channel

    def _end(self) -> None:
        """End the process and the command that it runs."""
        if self._process and self._channel:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._channel.close()
            self._process = self._channel = None


def _import_everything() -> None:
    package = import_module("bufspec")
    for one in pkgutil.walk_packages(package.__path__, "bufspec."):
        if one.name.startswith(OF_THE_DRIVER):
            import_module(one.name)
    for name in OF_OTHERS:
        import_module(name)
    gc.freeze()


def _serve(channel: socket.socket) -> list[str]:
    """Fork for each request until there is none; returns in the children, with the arguments."""
    while True:
        request, descriptors, _, _ = socket.recv_fds(channel, MOST, 2)
        if not request:
            sys.exit()
        child = os.fork()
        if not child:
            channel.close()
            arguments, cwd, environment = json.loads(request)
            for place, descriptor in enumerate(descriptors, start=1):
                os.dup2(descriptor, place)
                os.close(descriptor)
            os.chdir(cwd)
            os.environ.clear()
            os.environ.update(environment)
            return list(arguments)
        for descriptor in descriptors:
            os.close(descriptor)
        channel.send(str(os.waitpid(child, 0)[1]).encode("ascii"))


if __name__ == "__main__":
    _import_everything()
    words = _serve(socket.socket(fileno=int(sys.argv[1])))
    sys.argv = ["bufspec", *words]
    import_module("bufspec.cli").program()
