"""The engine, as Python sees it: a C++ extension that runs scenarios inside this process and judges them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Required, Self, TypedDict, Unpack

from bufspec.values import Failure

class Ledger:
    """Where a run is and what it has counted, in a file that driver and worker share."""

    def __init__(self, path: str, create: bool) -> None: ...
    def snapshot(self) -> dict[str, Any]: ...

class LedgerReader:
    """The driver's end of a ledger: makes its file, and reads it whatever a worker does to it.

    OSError if the file is there already or has no room; ValueError, with the reason, if it is damaged.
    """

    def __init__(self, path: str) -> None: ...
    def place(self) -> dict[str, Any]: ...
    def snapshot(self) -> dict[str, Any]: ...

class CampaignState:
    """What a campaign knows, in a file that driver and workers share and that outlives them."""

    def __init__(self, path: str, create: bool) -> None: ...
    def totals(self) -> dict[str, Any]: ...
    def tried(self) -> bytes: ...
    def lose(self) -> bool: ...
    def kept(self, first: int, /) -> list[bytes]: ...

class Relay:
    """Exports what an object exports, and writes down what was asked and given back.

    `listener("request" or "release", flags)` hears of it as it happens; what it raises is dropped.
    TypeError for an object that exports no buffer.
    """

    def __init__(self, object: object, listener: Callable[[str, int], object] | None = ...) -> None: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def log(self) -> list[dict[str, Any]]: ...
    def stray_releases(self) -> int: ...

class ViewOf:
    """Exports what the view exports that `make(owner)` returns, a fresh one for each request.

    TypeError if `make` cannot be called.
    """

    def __init__(self, owner: object, make: Callable[[Any], object]) -> None: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    @property
    def owner(self) -> object:
        """The object whose views these are; None once it was dropped."""

class InstrumentedExporter:
    """A memory of `layout` that writes down each request: see bufspec.Exporter.  A row as in layouts.yaml."""

    def __new__(
        cls, layout: Mapping[str, Any], *, behaviours: Sequence[str] = ..., refuse: Sequence[int] = ...
    ) -> Self: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def requests(self) -> list[dict[str, Any]]: ...
    def views_held(self) -> int: ...
    def stray_releases(self) -> int: ...
    def elements_now(self) -> bytes: ...
    def elements_before(self) -> bytes: ...
    def changes(self) -> tuple[bool, bool]: ...
    def places(self) -> tuple[int, list[int]]: ...

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
        memories: Sequence[Mapping[str, Any]] = ...,
    ) -> None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, number: int, /) -> str: ...
    def __iter__(self) -> Iterator[str]: ...
    def __contains__(self, id_: object, /) -> bool: ...
    def index(self, id_: str, /) -> int: ...
    def scenario(self, number: int, /) -> bytes: ...
    def describe(self, number: int, /) -> str: ...
    def exercised(self, accepts: Sequence[str], /) -> list[str]: ...
    def about(self, words: Sequence[int], /) -> list[tuple[int, int]]: ...
    def within_reach(self, rules: Sequence[str] | None, /) -> list[tuple[int, int]]: ...

# A scenario taken apart, and a trace, are in the neutral encoding: reports/schema/scenario-trace.schema.json.
# trace_case() and trace_scenario() give both, as "scenario" and "trace", with "case" (its id, or ""),
# "described" (the scenario on one line), "violations", "judged" (ids of rules) and "readings".
OnFailure = Callable[[Failure], object]
Operation = tuple[str, Callable[[Any], object]]

def behaviours() -> list[str]: ...
def rule_ids() -> list[str]: ...
def rules_judged_on(target: str) -> list[str]: ...
def rules_of_calls() -> list[str]: ...
def rules_of_checks(prefix: str) -> list[str]: ...
def readings() -> list[tuple[str, str]]: ...
def load_tables(tree: Mapping[str, Any]) -> None: ...
def observations(target: str) -> list[str]: ...

# What every run_*() is asked for: which cases, judged by which rules (None: all), from where on.
class Which(TypedDict, total=False):
    cases: Required[Cases]
    rules: Sequence[str] | None
    first_case: int
    stop_on_failure: bool
    ranges: Sequence[tuple[int, int]] | None

def run_exporter(
    factory: Callable[..., object],
    ledger: Ledger,
    on_failure: OnFailure,
    *,
    operations: Sequence[Operation] = ...,
    build: Callable[..., object] | None = ...,
    expect: bytes | None = ...,
    volatile: bool = ...,
    readonly: bool = ...,
    **which: Unpack[Which],
) -> None: ...

# Tries scenarios until so many were tried in all, or so many seconds have passed.  `on_found` gets what
# `on_failure` gets but for the case: `encoded`, the scenario in hexadecimal, and `execution`.  `cases` are
# what scenarios are drawn from for consumers and functions.  It ends, too, once `on_found` gives False.
def explore(
    target: str,
    subject: Callable[..., object] | str | NativeName,
    state: CampaignState,
    ledger: Ledger,
    on_found: Callable[[dict[str, Any]], object],
    *,
    operations: Sequence[Operation] = ...,
    build: Callable[..., object] | None = ...,
    expect: bytes | None = ...,
    volatile: bool = ...,
    readonly: bool = ...,
    kind: str = ...,
    returns: str = ...,
    accepts: Sequence[str] = ...,
    fallback: bool = ...,
    also: Mapping[str, object] = ...,
    rules: Sequence[str] | None = ...,
    edition: str = ...,
    seed: int = ...,
    stream: int = ...,
    until: int = ...,
    seconds: float = ...,
    guided: bool = ...,
    cases: Cases | None = ...,
    inputs: Sequence[bytes] = ...,
) -> bool: ...

# A subject of a shared library is the path and the name in its table.  native_subjects() gives `subjects`, a
# dict for each, and `refusal`: where, what and a hint, all empty if the library can be used.
NativeName = tuple[str, str]

def native_subjects(path: str) -> dict[str, Any]: ...
def bench_native(path: str, name: str, rounds: int) -> dict[str, int | float]: ...
def run_native(
    subject: NativeName,
    ledger: Ledger,
    on_failure: OnFailure,
    **which: Unpack[Which],
) -> dict[str, Any] | None: ...

# `also` of a consumer has order, refuses, reentrant and threads.  run_consumer() gives `raised`, for the name
# of each exception how often a memory met it and what it said first; `plain`, the exception of plain bytes,
# or ""; `differs`, what two calls with the same plain memory differed in, or ""; `inferred`, what the result
# was found to be where nobody declared it, or "".
def run_consumer(
    callable_: Callable[..., object],
    ledger: Ledger,
    on_failure: OnFailure,
    *,
    kind: str = ...,
    returns: str = ...,
    accepts: Sequence[str] = ...,
    fallback: bool = ...,
    also: Mapping[str, object] = ...,
    **which: Unpack[Which],
) -> dict[str, Any]: ...
def run_function(
    name: str,
    ledger: Ledger,
    on_failure: OnFailure,
    **which: Unpack[Which],
) -> None: ...
def run_traced(
    give: Callable[[str], str | None],
    ledger: Ledger,
    on_failure: OnFailure,
    **which: Unpack[Which],
) -> None: ...
def trace_case(
    target: str,
    subject: Callable[..., object] | str | NativeName,
    *,
    cases: Cases,
    index: int,
    operations: Sequence[Operation] = ...,
    build: Callable[..., object] | None = ...,
    expect: bytes | None = ...,
    volatile: bool = ...,
    readonly: bool = ...,
    kind: str = ...,
    returns: str = ...,
    accepts: Sequence[str] = ...,
    fallback: bool = ...,
    also: Mapping[str, object] = ...,
    ledger: Ledger | None = ...,
) -> dict[str, Any]: ...
def trace_scenario(
    target: str,
    subject: Callable[..., object] | str | NativeName,
    scenario: bytes,
    *,
    operations: Sequence[Operation] = ...,
    build: Callable[..., object] | None = ...,
    expect: bytes | None = ...,
    volatile: bool = ...,
    readonly: bool = ...,
    kind: str = ...,
    returns: str = ...,
    accepts: Sequence[str] = ...,
    fallback: bool = ...,
    also: Mapping[str, object] = ...,
    ledger: Ledger | None = ...,
) -> dict[str, Any]: ...
def smaller(scenario: bytes) -> list[bytes]: ...
def describe(scenario: bytes) -> str: ...
def format_size(format: str) -> int | None: ...
def parts(scenario: bytes) -> dict[str, Any]: ...
def scenario_from_json(text: str) -> bytes: ...
def judge_trace(scenario: str, trace: str, /) -> dict[str, Any]: ...
def flags_name(word: int, /) -> str: ...
def memory_of(object: object, word: int = ...) -> dict[str, Any] | None: ...
def consumer_scenario(
    layout: Mapping[str, Any], behaviours: Sequence[str] = ..., steps: Sequence[str] = ...
) -> bytes: ...
def bytes_held() -> int: ...
def bench_requests(obj: object, rounds: int) -> dict[str, Any]: ...
def request_raw(obj: object, /) -> None: ...
def bench_consumer(
    callable_: Callable[..., object], rounds: int, *, withdrawn: bool = ...
) -> dict[str, Any]: ...
def compare_with_cpython(
    bound: str, *, testbuffer: Sequence[tuple[str, object]] | None = ...
) -> dict[str, Any]: ...
def run_table_cases() -> dict[str, Any]: ...
