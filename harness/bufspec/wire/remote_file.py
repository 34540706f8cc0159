"""How is the command of a peer named where files that declare subjects are: `remote:python3 peer.py`; and how
long may it take to say hello?"""

from __future__ import annotations

import os

REMOTE = "remote:"
HELLO_SECONDS = 110.0
"""Unless --setup-timeout says otherwise: a virtual machine on a busy machine starts slowly."""


def remote_file(command: str) -> str:
    """The name that stands for what the peer of this command declares."""
    return REMOTE + command


def command_of(file: str) -> str:
    """The command that a name stands for; empty for that of a real file."""
    return file.removeprefix(REMOTE) if file.startswith(REMOTE) else ""


def absolute(file: str) -> str:
    """The name as workers get it: a subject may change the current directory."""
    return file if file.startswith(REMOTE) else os.path.abspath(file)
