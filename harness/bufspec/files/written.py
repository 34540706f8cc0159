"""How is a file written so that nobody else chooses where, and so that a full disk is said and costs nothing?

Folders are made for their owner alone, files are new ones, no link is followed, and no name can be
guessed where others may write.  What can no longer be written is an OutputError, which ends with 3; a file
that was there in its place is then what it was before.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType

from bufspec.errors import OutputError
from bufspec.files.removed import remove_tree

KEPT = "with --out DIR what was finished is kept"


def new_folder(path: Path) -> None:
    """Make a folder, and those around it, for their owner alone, unless they are there."""
    for one in (*reversed(path.parents), path):
        if not one.is_dir():
            with suppress(FileExistsError):
                one.mkdir(mode=0o700)
    os.close(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))


def write_whole(file: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a file that is there either with all of `text` or not at all, whenever this process is killed.

    Raises OutputError if that cannot be.
    """
    write_pieces(file, (text,), mode=mode)


def write_pieces(file: Path, pieces: Iterable[str], mode: int = 0o600) -> None:
    """The same for a text that comes in pieces; what a piece raises leaves the file as it was, too."""
    _write_as_one(file, (piece.encode("utf-8") for piece in pieces), mode)


def write_bytes(file: Path, data: bytes) -> None:
    """The same for bytes."""
    _write_as_one(file, (data,), 0o600)


def write_together(files: Iterable[tuple[Path, str]]) -> None:
    """Write files that belong together, and that others may read: all of them, or none.

    Their folders are made if absent.
    """
    with ExitStack() as halves:
        for file, text in files:
            _make_folder_of(file)
            halves.enter_context(_half(file, (text.encode("utf-8"),), 0o644))


@contextmanager
def replaced_together(folder: Path, names: Sequence[str], work: Path) -> Iterator[Path]:
    """A new folder in `work` for what is to bear these names in `folder`, in place of all that does.

    It takes its place once nothing was raised in the meantime, the last name at the end; what was there is
    put back where that cannot be.  After a kill among those renames finish_replaced() goes on with them.
    """
    half = work / "half"
    for one in (half, work / "old"):
        new_folder(one)
    yield half
    out, back = _moves(folder, names, work)
    moved: Moves = []
    try:
        _move([(half, work / "new"), *out, *back], moved)
    except BaseException as error:
        _move([(target, source) for source, target in reversed(moved)], [])
        if isinstance(error, OSError):
            raise not_written(folder, error) from error
        raise


def finish_replaced(folder: Path, names: Sequence[str], work: Path) -> None:
    """Finish what a replaced_together() that was killed has left in `work`, if all of the new was there."""
    out, back = _moves(folder, names, work)
    try:
        if os.path.lexists(work / "new"):
            _move([*out, *back], [])
        elif os.path.lexists(work / "coming"):
            _move(back, [])
    except OSError as error:
        raise not_written(folder, error) from error


Moves = list[tuple[Path, Path]]


def _moves(folder: Path, names: Sequence[str], work: Path) -> tuple[Moves, Moves]:
    """The renames by which the old goes out, and those by which the new comes in.

    The folder of the new bears another name in between: by it a kill shows which of them were over.
    """
    old, new, coming = work / "old", work / "new", work / "coming"
    out = [(folder / name, old / name) for name in reversed(names)]
    return [*out, (new, coming)], [
        *((coming / name, folder / name) for name in names),
        (coming, work / "empty"),
    ]


def _move(moves: Moves, moved: Moves) -> None:
    """Rename what is there, and note it in `moved`."""
    for source, target in moves:
        if os.path.lexists(source):
            source.rename(target)
            moved.append((source, target))


def _write_as_one(file: Path, pieces: Iterable[bytes], mode: int) -> None:
    with _half(file, pieces, mode):
        pass


@contextmanager
def _half(file: Path, pieces: Iterable[bytes], mode: int) -> Iterator[None]:
    """Write all of a file next to it; it takes its place once nothing was raised in the meantime."""
    half = file.with_name(f"{file.name}.{os.urandom(8).hex()}.half")
    try:
        try:
            with _new(half, mode) as descriptor:
                for piece in pieces:
                    _write_all(descriptor, piece)
        except OSError as error:
            raise not_written(file, error) from error
        yield
        try:
            half.replace(file)
        except OSError as error:
            raise not_written(file, error) from error
    finally:
        with suppress(OSError):
            half.unlink(missing_ok=True)


def write_named(file: Path, pieces: Iterable[str]) -> None:
    """As write_pieces(), for a file that the user named, which others may read; its folder is made if absent.

    A pipe or a device is written to: to replace /dev/stdout would be a great surprise.
    """
    if not _is_stream(file):
        _make_folder_of(file)
        write_pieces(file, pieces, 0o644)
        return
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            for piece in pieces:
                _write_all(descriptor, piece.encode("utf-8"))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise not_written(file, error) from error


def _make_folder_of(file: Path) -> None:
    """Make the folder of a file that the user named; raises OutputError if that, or the file, cannot be."""
    try:
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with suppress(FileExistsError):  # of what is no folder it is said afterwards that it is none
            file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(file, error) from error


def _is_stream(file: Path) -> bool:
    """Whether a name leads to a pipe or a device, or is one that the system keeps for what is open."""
    try:
        kind = stat.S_IFMT(os.stat(file).st_mode)
    except (OSError, ValueError):
        return False
    folder = Path(os.path.realpath(file.parent))
    return (
        kind not in (stat.S_IFREG, stat.S_IFDIR) or folder == Path("/dev") or folder.is_relative_to("/proc")
    )


class Lines:
    """A new file that grows by whole lines, in place of whatever bore its name.  Use as a context manager.

    With `half` it grows under that name, and takes its place when it is closed, unless something has failed:
    what bore its name is then as it was.
    """

    def __init__(self, file: Path, half: Path | None = None) -> None:
        self.path = file
        self._half = half
        self._grows = half or file
        self._grows.unlink(missing_ok=True)  # a link goes, what it leads to stays
        self._descriptor = os.open(self._grows, _FLAGS, 0o644)
        self._identity = _identity(os.fstat(self._descriptor))

    def write(self, line: str) -> None:
        """Append a line, which has its line break; raises OutputError if that cannot be."""
        try:
            _write_all(self._descriptor, line.encode("utf-8"))
        except OSError as error:
            raise not_written(self.path, error) from error

    def refuse_if_gone(self) -> None:
        """Raise OutputError if the file no longer bears its name."""
        try:
            found = _identity(os.stat(self._grows, follow_symlinks=False))
        except OSError as error:
            raise not_written(self.path, error) from error
        if found != self._identity:
            raise OutputError(
                "another file took the place of the record", where=str(self.path), hint="use another --out"
            )

    def __enter__(self) -> Lines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(error)

    def close(self, error: BaseException | None) -> None:
        """Close the file, for that error or for none; raises OutputError if it cannot take its place."""
        os.close(self._descriptor)
        if self._half is None or isinstance(error, Exception):  # an interrupt is none: the record has its end
            return
        try:
            self._half.replace(self.path)
        except OSError as failed:
            raise not_written(self.path, failed) from failed


@contextmanager
def own_folder(path: Path) -> Iterator[int | None]:
    """A folder of this user's own by its descriptor; None for anything else, and for a link to one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        yield descriptor if os.fstat(descriptor).st_uid == os.geteuid() else None
    finally:
        os.close(descriptor)


def empty_folder(folder: int, *, last: str) -> None:
    """Remove everything in an open folder, the file `last` at the end; follows no link."""
    for name in os.listdir(folder):
        if name == last:
            continue
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            remove_tree(name, folder=folder)
        else:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
    with suppress(FileNotFoundError):
        os.unlink(last, dir_fd=folder)


def refuse_full(file: Path, size: int) -> None:
    """Raise OutputError if there is no room left for `size` bytes where the file lies."""
    disk = os.statvfs(file.parent)
    if disk.f_blocks and disk.f_bavail * disk.f_frsize < size:  # no blocks at all: it does not say
        raise not_written(file, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


def not_written(file: Path | str, error: OSError) -> OutputError:
    """What is said of a file that cannot be written any more."""
    return OutputError(
        f"cannot be written: {error.strerror or type(error).__name__}",
        where=str(file),
        hint=f"make room there, or use another place; {KEPT}",
    )


_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def _new(file: Path, mode: int) -> Iterator[int]:
    descriptor = os.open(file, _FLAGS, mode)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, text: bytes) -> None:
    while text:
        text = text[os.write(descriptor, text) :]


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
