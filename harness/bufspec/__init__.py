"""bufspec: does this exporter, consumer or runtime keep the Python buffer protocol?

Start at cli.py for the commands and check.py for the one way that a run takes.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("bufspec")
except PackageNotFoundError:
    __version__ = "0.0.0"
