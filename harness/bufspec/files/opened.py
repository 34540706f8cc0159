"""What does a file hold that may be anything: a pipe, a device, a loop of links, without an end?

The only door to files that others may have written.  Opens regular files alone and never waits for one;
reads no more than it is allowed to.  Says nothing of what the bytes mean.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bufspec.files.problem import Problem, Refused, place_in

MEGABYTE = 1 << 20
CHUNK = 1 << 18
KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a link",
}


def read_bytes(path: Path, most: int, name: str = "", *, follow: bool = True) -> bytes:
    """All of a regular file; raises Refused, under `name`, for any other and for more than `most` bytes.

    FileNotFoundError is raised as it is, for whoever knows what an absent file means.  With `follow` false a
    link is refused, too.
    """
    return b"".join(read_chunks(path, most, name, follow=follow))


def read_chunks(path: Path, most: int, name: str = "", *, follow: bool = True) -> Iterator[bytes]:
    """The same, piece by piece."""
    name = name or str(path)
    with _opened(path, name, follow) as descriptor:
        left = most
        if os.fstat(descriptor).st_size > most:
            raise too_large(name, most)
        while chunk := _read(descriptor, name):
            left -= len(chunk)
            if left < 0:  # it grew, or its size was a lie
                raise too_large(name, most)
            yield chunk


def read_text(path: Path, most: int, name: str = "", *, follow: bool = True) -> str:
    """The text of a file, which must be UTF-8; otherwise as read_bytes()."""
    return text_from(read_bytes(path, most, name, follow=follow), name or str(path))


def read_present(path: Path, most: int, name: str = "") -> str:
    """As read_text(), of a file that must be there: an absent one is Refused, too, and a link to nothing."""
    try:
        return read_text(path, most, name)
    except FileNotFoundError as error:
        raise _unreadable(name or str(path), error) from error


def text_from(raw: bytes, name: str) -> str:
    """The text that bytes of a file spell; raises Refused, with the place, for what is not UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        line, column = place_in(before, len(before))
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise Refused(Problem(name, line, column, message, "save the file as UTF-8")) from error


def too_large(name: str, most: int) -> Refused:
    """What a file of more than `most` bytes is refused with."""
    return Refused(Problem(name, 1, 1, f"larger than {most:,} bytes", "is it the file that was meant?"))


@contextmanager
def _opened(path: Path, name: str, follow: bool) -> Iterator[int]:
    try:
        # Looked at before it is opened, for to open a device may do something; and again afterwards.
        _refuse_unless_regular(os.stat(path, follow_symlinks=follow), name)
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | (0 if follow else os.O_NOFOLLOW)
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    try:
        _refuse_unless_regular(os.fstat(descriptor), name)
        yield descriptor
    finally:
        os.close(descriptor)


def _read(descriptor: int, name: str) -> bytes:
    try:
        return os.read(descriptor, CHUNK)
    except OSError as error:
        raise _unreadable(name, error) from error


def _refuse_unless_regular(status: os.stat_result, name: str) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        message = f"is {KINDS.get(kind, 'something else')}, not a file"
        raise Refused(Problem(name, 1, 1, message, "name a regular file"))


def _unreadable(name: str, error: OSError | ValueError) -> Refused:
    """What a file that the system does not let be read is refused with."""
    reason = (error.strerror if isinstance(error, OSError) else str(error)) or "unreadable"
    return Refused(
        Problem(name, 1, 1, f"cannot be read: {reason}", "the file must be there, and yours to read")
    )
