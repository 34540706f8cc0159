"""Is a folder gone, whatever somebody put there?  Also one in which folders lie a thousand deep."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path


def remove_tree(path: Path | str, *, folder: int | None = None) -> None:
    """Remove a folder with all that is in it, as far as that can be; `folder` is one that `path` lies in.

    shutil.rmtree() calls itself for each level and holds a descriptor of each, which both come to an end;
    rm does not.  Neither follows links.
    """
    with suppress(RecursionError):
        shutil.rmtree(path, ignore_errors=True, dir_fd=folder)
    with suppress(OSError):
        os.stat(path, dir_fd=folder, follow_symlinks=False)
        import subprocess  # here, because workers import this module, and hardly ever come here

        whole = os.fspath(path) if folder is None else f"/proc/self/fd/{folder}/{path}"
        kept = () if folder is None else (folder,)
        subprocess.run(["rm", "-rf", "--", whole], stderr=subprocess.DEVNULL, pass_fds=kept, check=False)


def make_way(path: Path) -> None:
    """Remove whatever is there in the place of a file of ours: a subject may have put anything.

    It may also have removed the folder that the file lies in; only that one is made again.
    """
    if not path.parent.is_dir():
        with suppress(OSError):
            path.parent.unlink(missing_ok=True)
            path.parent.mkdir(mode=0o700)
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    with suppress(FileNotFoundError):
        path.unlink()
