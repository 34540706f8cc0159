"""Does what was kept come from this user's own run?  Only then may what stands in it be evaluated.

Records, resume states and what --last-failed remembers name expressions and files, whose code runs when they
are taken up.  Each is signed (HMAC-SHA256) with a key in the user's state folder, which nobody else can read;
the signature holds for the folder that the run was started from, since names are looked up there.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from bufspec.errors import BufspecError, TrustError
from bufspec.files.of_user import state_home
from bufspec.files.opened import read_bytes
from bufspec.files.written import new_folder
from bufspec.visible import visible

SIGNATURE = "signature"
"""The field that a signed object has besides what is signed."""
KEY_BYTES = 32
SHOWN = 5
"""So many of the expressions are shown that would be evaluated."""
LONGEST_SHOWN = 300


def key_file() -> Path:
    """Where the key lies: $XDG_STATE_HOME/bufspec/key, or in ~/.local/state."""
    return state_home() / "bufspec" / "key"


def signed(kind: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """The value with its signature as one of `kind`; without one where this user can have no key."""
    key = _key(make=True)
    with suppress(OSError):  # a current directory that is gone
        return {**value, SIGNATURE: _signature(key, kind, value)} if key else dict(value)
    return dict(value)


def is_signed(kind: str, value: Mapping[str, Any]) -> bool:
    """Whether the value has the signature that signed() gave it, here and with this user's key."""
    key, found = _key(make=False), value.get(SIGNATURE)
    if key is None or not isinstance(found, str):
        return False
    body = {name: one for name, one in value.items() if name != SIGNATURE}
    with suppress(OSError):
        return hmac.compare_digest(found.encode("utf-8", "replace"), _signature(key, kind, body).encode())
    return False


def refuse_unsigned(what: str, runs: Sequence[str], where: str) -> TrustError:
    """What is raised for something unsigned; `runs` are the expressions and files whose code would run."""
    shown = [visible(one[:LONGEST_SHOWN]) + ("..." if len(one) > LONGEST_SHOWN else "") for one in runs]
    more = f" and {len(runs) - SHOWN} more" if len(runs) > SHOWN else ""
    would = f", and would run: {'; '.join(shown[:SHOWN])}{more}" if runs else ""
    return TrustError(
        f"{what} is not from a run of yours in this folder, or was changed since{would}",
        where=where,
        hint="read it first; if you trust all of it, add --trust",
    )


def _signature(key: bytes, kind: str, value: Mapping[str, Any]) -> str:
    text = json.dumps([kind, os.path.realpath(os.getcwd()), value], sort_keys=True)
    return hmac.new(key, text.encode("ascii"), hashlib.sha256).hexdigest()


def _key(*, make: bool) -> bytes | None:
    """This user's key; None where there is none, or others could have read or written it."""
    file = key_file()
    with suppress(OSError, BufspecError):
        if make and not os.path.lexists(file):
            _make_key(file)
        status = os.stat(file, follow_symlinks=False)
        key = read_bytes(file, KEY_BYTES, follow=False)
        if status.st_uid == os.geteuid() and not status.st_mode & 0o077 and len(key) == KEY_BYTES:
            return key
    return None


def _make_key(file: Path) -> None:
    """Make the key, unless another process was faster: it appears whole or not at all."""
    new_folder(file.parent)
    half = file.with_name(f"key.{os.urandom(8).hex()}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, os.urandom(KEY_BYTES))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        with suppress(FileExistsError):
            os.link(half, file)
    finally:
        half.unlink()
