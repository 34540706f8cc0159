"""bufspec: does this exporter, consumer or runtime follow the Python buffer protocol?

From a test: bufspec.assert_conforms(object_or_factory), bufspec.assert_consumes(callable), and
bufspec.Exporter for consumers that are tested by hand.  Start at cli.py for the commands, run/check.py for
the one way that a run takes, and testing/assertions.py for what tests call.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bufspec.testing.assertions import assert_conforms, assert_consumes
    from bufspec.testing.exporter import Exporter

    __version__: str

__all__ = ["Exporter", "__version__", "assert_conforms", "assert_consumes"]


def __getattr__(name: str) -> Any:
    # Loaded when asked for: subject files and pytest import this package without the engine.
    if name in ("assert_conforms", "assert_consumes"):
        from bufspec.testing import assertions

        return getattr(assertions, name)
    if name == "Exporter":
        from bufspec.testing.exporter import Exporter

        return Exporter
    if name == "__version__":
        return _version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _version() -> str:
    # Written at the build: to ask importlib.metadata takes as long as to import all of click.
    import os

    try:
        with open(os.path.join(os.path.dirname(__file__), "version.txt"), encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("bufspec")
        except PackageNotFoundError:
            return "0.0.0"
