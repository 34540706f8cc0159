"""Where does a user's own data lie: the cache, the state?  As the XDG base directories say."""

from __future__ import annotations

import os
from pathlib import Path


def cache_home() -> Path:
    """$XDG_CACHE_HOME, or ~/.cache."""
    return _folder("XDG_CACHE_HOME", ".cache")


def state_home() -> Path:
    """$XDG_STATE_HOME, or ~/.local/state."""
    return _folder("XDG_STATE_HOME", ".local/state")


def _folder(variable: str, below_home: str) -> Path:
    """A relative path in the variable is to be ignored; one in HOME would lead into any folder, too."""
    asked = os.environ.get(variable, "")
    if os.path.isabs(asked):
        return Path(asked)
    home = os.path.expanduser("~")
    if not os.path.isabs(home):
        import pwd

        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            home = "/"
    return Path(home) / below_home
