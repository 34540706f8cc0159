"""The mutants in C++: subjects that break rules on purpose, a module of their own.

Loaded where the mutants are declared, in a worker, and by no other run.
"""

from collections.abc import Mapping, Sequence
from typing import Any

class MutantExporter:
    """An exporter of `memory`, with behaviours: see spec/mutants.yaml.  ValueError if either is wrong."""

    def __init__(self, memory: Mapping[str, Any], behaviours: Sequence[Mapping[str, Any]] = ...) -> None: ...
    def elements(self) -> bytes: ...

class MutantConsumer:
    """A consumer of one argument, with behaviours: see spec/consumer_mutants.yaml.

    ValueError for wrong ones; pickled as the call that makes it.
    """

    def __init__(self, behaviours: Sequence[Mapping[str, Any]] = ...) -> None: ...
    def __call__(self, exporter: object) -> Any: ...
