"""The engine, as Python sees it: a C++ extension that runs scenarios inside this process and judges them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

class Ledger:
    """Where a run is and what it has counted, in a file that driver and worker share."""

    def __init__(self, path: str, create: bool) -> None: ...
    def snapshot(self) -> dict[str, Any]: ...

class Mutant:
    """An exporter of `memory`, with habits: see spec/mutants.yaml.  ValueError if either is wrong."""

    def __init__(self, memory: Mapping[str, Any], habits: Sequence[Mapping[str, Any]] = ...) -> None: ...
    def elements(self) -> bytes: ...

class Relay:
    """Exports what an object exports, and writes down what was asked and given back.

    `listener("request" or "release", flags)` hears of it as it happens; what it raises is dropped.
    TypeError for an object that exports no buffer.
    """

    def __init__(self, object: object, listener: Callable[[str, int], object] | None = ...) -> None: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def log(self) -> list[dict[str, Any]]: ...
    def stray_releases(self) -> int: ...

class MutantConsumer:
    """A consumer of one argument, with habits: see spec/consumer_mutants.yaml.  ValueError for wrong ones."""

    def __init__(self, habits: Sequence[Mapping[str, Any]] = ...) -> None: ...
    def __call__(self, exporter: object) -> Any: ...

class Cases:
    """The ids of the cases for subjects of one kind, in the order they run; made lazily."""

    def __init__(
        self,
        target: str,
        edition: str,
        *,
        operations: Sequence[str] = ...,
        builds: bool = ...,
        seed: int = ...,
        bound: str = ...,
    ) -> None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, number: int, /) -> str: ...
    def __iter__(self) -> Iterator[str]: ...
    def __contains__(self, id_: object, /) -> bool: ...
    def index(self, id_: str, /) -> int: ...
    def scenario(self, number: int, /) -> bytes: ...
    def describe(self, number: int, /) -> str: ...
    def exercised(self, accepts: Sequence[str], /) -> list[str]: ...

OnFailure = Callable[[dict[str, Any]], object]
Operation = tuple[str, Callable[[Any], object]]

def rule_ids() -> list[str]: ...
def readings() -> list[tuple[str, str]]: ...
def load_tables(tree: Mapping[str, Any]) -> None: ...
def observations(target: str) -> list[str]: ...
def run_exporter(
    factory: Callable[..., object],
    ledger: Ledger,
    on_failure: OnFailure,
    *,
    cases: Cases,
    operations: Sequence[Operation] = ...,
    build: Callable[..., object] | None = ...,
    expect: bytes | None = ...,
    volatile: bool = ...,
    rules: Sequence[str] | None = ...,
    first_case: int = ...,
    stop_on_failure: bool = ...,
    ranges: Sequence[tuple[int, int]] | None = ...,
) -> None: ...
def run_consumer(
    callable_: Callable[..., object],
    ledger: Ledger,
    on_failure: OnFailure,
    *,
    cases: Cases,
    kind: str = ...,
    returns: str = ...,
    accepts: Sequence[str] = ...,
    fallback: bool = ...,
    rules: Sequence[str] | None = ...,
    first_case: int = ...,
    stop_on_failure: bool = ...,
    ranges: Sequence[tuple[int, int]] | None = ...,
) -> None: ...
def run_function(
    name: str,
    ledger: Ledger,
    on_failure: OnFailure,
    *,
    cases: Cases,
    rules: Sequence[str] | None = ...,
    first_case: int = ...,
    stop_on_failure: bool = ...,
    ranges: Sequence[tuple[int, int]] | None = ...,
) -> None: ...
def trace_case(
    target: str,
    subject: Callable[..., object] | str,
    *,
    cases: Cases,
    index: int,
    operations: Sequence[Operation] = ...,
    build: Callable[..., object] | None = ...,
    expect: bytes | None = ...,
    volatile: bool = ...,
    kind: str = ...,
    returns: str = ...,
    accepts: Sequence[str] = ...,
    fallback: bool = ...,
) -> dict[str, Any]: ...
def trace_scenario(
    target: str,
    subject: Callable[..., object] | str,
    scenario: bytes,
    *,
    operations: Sequence[Operation] = ...,
    build: Callable[..., object] | None = ...,
    expect: bytes | None = ...,
    volatile: bool = ...,
    kind: str = ...,
    returns: str = ...,
    accepts: Sequence[str] = ...,
    fallback: bool = ...,
) -> dict[str, Any]: ...
def smaller(scenario: bytes) -> list[bytes]: ...
def describe(scenario: bytes) -> str: ...
def parts(scenario: bytes) -> dict[str, Any]: ...
def memory_of(object: object, word: int = ...) -> dict[str, Any] | None: ...
def consumer_scenario(
    layout: Mapping[str, Any], behaviours: int = ..., steps: Sequence[str] = ...
) -> bytes: ...
def bytes_held() -> int: ...
def bench_requests(obj: object, rounds: int) -> dict[str, Any]: ...
def compare_with_cpython(
    bound: str, *, testbuffer: Sequence[tuple[str, object]] | None = ...
) -> dict[str, Any]: ...
def run_table_cases() -> dict[str, Any]: ...
