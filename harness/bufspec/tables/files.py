"""Where are the tables and the files that came with this program, and what do they hold?

Reads fast and trusts what it reads; `bufspec spec check` (bufspec.spec) is what refuses a bad table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bufspec.errors import TablesError
from bufspec.files.parsed import parsed

_PACKAGE = Path(__file__).resolve().parents[1]
_TEXT = "tag:yaml.org,2002:str"


def spec_directory() -> Path:
    """The tables this program came with: packaged data, or spec/ of the source tree around this file."""
    for candidate in (_PACKAGE / "spec_data", _PACKAGE.parents[1] / "spec"):
        if (candidate / "tables").is_dir():
            return candidate
    raise TablesError(
        "no rule tables came with this installation", where=str(_PACKAGE), hint="install bufspec again"
    )


def tree_from(file: Path, digest: Any = None) -> Any:
    """What a YAML file holds, as plain values; a `digest` takes in its name and its text.

    Raises TablesError for a file that cannot be read.
    """
    try:
        text = file.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from error
    if digest is not None:
        digest.update(file.name.encode() + b"\0" + text + b"\0")
    try:
        return parsed(text)
    except (OSError, ValueError):
        # Not the text that the package was built from, or a package without them.
        return _from_yaml(file, text)


def _from_yaml(file: Path, text: bytes) -> Any:
    import yaml

    def plain(node: yaml.Node | None) -> Any:
        """What a node holds; half the time of the loader's own way, which allows for what no table has."""
        match node:
            case yaml.MappingNode():
                return {plain(key): plain(value) for key, value in node.value}
            case yaml.SequenceNode():
                return [plain(one) for one in node.value]
            case yaml.ScalarNode() if node.tag == _TEXT:
                return node.value
            case _:
                return loader.construct_object(node) if node else None

    try:
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        try:
            return plain(loader.get_single_node())
        finally:
            loader.dispose()
    except (ValueError, yaml.YAMLError) as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: Exception) -> TablesError:
    return TablesError(
        f"the table cannot be read: {error}", where=file.name, hint="run bufspec spec check for details"
    )
