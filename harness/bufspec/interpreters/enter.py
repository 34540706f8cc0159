"""A program that becomes another one, with the root of another system: enter.py ROOT PROGRAM [ARGUMENT]...

Keeps its number, its streams and its parent, so whoever started it watches what it becomes.  Imports nothing
of bufspec and is started without site-packages, since it is run for each worker.
"""

from __future__ import annotations

import ctypes
import os
import sys

NEW_MOUNTS = 0x00020000
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x40000
OF_THE_SYSTEM = (
    "bin",
    "boot",
    "etc",
    "lib",
    "lib32",
    "lib64",
    "libx32",
    "lost+found",
    "opt",
    "sbin",
    "usr",
    "var",
)
"""The folders under / that a system brings; all others are the user's and are seen inside."""
FAILED = 71


def enter(root: str, program: str, arguments: list[str]) -> None:
    """Become the program; returns only by an exception."""
    libc = ctypes.CDLL(None, use_errno=True)

    def must(status: int, what: str) -> None:
        if status:
            number = ctypes.get_errno()
            raise OSError(number, f"{what}: {os.strerror(number)}")

    folder = os.getcwd()
    must(libc.unshare(NEW_MOUNTS), "no mounts of its own (that takes root, and a container may forbid it)")
    must(libc.mount(None, b"/", None, RECURSIVE | PRIVATE, None), "/ cannot be made private")
    for name in os.listdir("/"):
        source = f"/{name}"
        if name in OF_THE_SYSTEM or os.path.islink(source) or not os.path.isdir(source):
            continue
        target = os.path.join(root, name)
        os.makedirs(target, exist_ok=True)
        must(libc.mount(source.encode(), target.encode(), None, BIND | RECURSIVE, None), f"mount {target}")
    os.chroot(root)
    os.chdir(folder)
    os.execv(program, [program, *arguments])


if __name__ == "__main__":
    try:
        enter(sys.argv[1], sys.argv[2], sys.argv[3:])
    except OSError as error:
        sys.stderr.write(f"bufspec cannot enter {sys.argv[1]}: {error}\n")
        sys.exit(FAILED)
