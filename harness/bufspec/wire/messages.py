"""What do driver and worker say to each other?  A type for each request and for its answer.

How they are written and read is in line.py.  Published as reports/schema/worker-messages.schema.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from bufspec.values import Failure

Message = dict[str, Any]
Request = Mapping[str, Any]


class _ToWorker(TypedDict):
    do: str
    files: NotRequired[list[str]]
    hello_seconds: NotRequired[float]
    """How long each peer may take to say hello."""


class _Subject(_ToWorker):
    subject: str


class _Case(_Subject):
    """What the cases of a subject follow from; a request that needs none of it may have it all the same."""

    tables: NotRequired[str]
    edition: NotRequired[str]
    seed: NotRequired[int]
    bound: NotRequired[str]
    operations: NotRequired[list[str]]
    builds: NotRequired[bool]
    memories: NotRequired[str]


class Groups(_ToWorker):
    """The names of all subject files."""


class List(_ToWorker):
    """What the subject files of these groups declare; all for None."""

    groups: list[str] | None


class Resolve(_Case):
    """Whether the subject is there."""


class LookAt(_Case):
    """What can be tried with the subject."""

    discover: bool


class Run(_Subject):
    """All cases of one subject, or those in `ranges`; failures go to the journal, totals to the ledger."""

    tables: str
    ledger: str
    journal: str
    edition: str
    rules: list[str] | None
    seed: int
    bound: str
    operations: list[str]
    builds: bool
    memories: str
    first_case: int
    ranges: list[tuple[int, int]] | None
    memory_limit: int
    stop_on_failure: bool


class Explore(_Subject):
    """Random scenarios of a campaign, until so many were tried in all or so many seconds have passed.

    The state has what the campaign knows; `inputs` are scenarios in hexadecimal that are tried first.
    """

    tables: str
    state: str
    ledger: str
    journal: str
    edition: str
    rules: list[str] | None
    seed: int
    stream: int
    until: int
    seconds: float
    guided: bool
    bound: str
    operations: list[str]
    builds: bool
    memories: str
    inputs: list[str]
    stops: bool
    """Whether the first break ends it."""
    memory_limit: int


class TraceOf(_Case):
    """One case, by its id or as an encoded scenario in hexadecimal, with all that was seen.

    The ledger has the step that is being done.
    """

    case: NotRequired[str]
    scenario: NotRequired[str]
    ledger: NotRequired[str]


class Source(_Case):
    """How the subject's objects are made, as Python text."""

    scenario: str
    tried: list[str]


class Pairs(_ToWorker):
    """The pairs of one exporter with consumers, each named with its number."""

    exporter: str
    consumers: list[tuple[int, str]]
    journal: str
    probe: bool


class PairTrace(_ToWorker):
    """One pair, with every request."""

    exporter: str
    consumer: str
    journal: str


class BenchOf(_Subject):
    """What a judged request costs."""

    tables: str
    rounds: int


class Measure(_Subject):
    """What a request, a release and a full read of an object cost."""


class BenchBuilt(_Subject):
    """What judging the objects costs that the subject builds."""

    tables: str
    ledger: str
    runs: int
    cases: int | None


class _FromWorker(TypedDict):
    done: NotRequired[str]


class Refused(TypedDict):
    """An error of bufspec's own, by the name of its class."""

    refused: str
    what: str
    where: str
    hint: str


class Raised(_FromWorker):
    """An exception of a subject's."""

    raised: str
    kind: str
    trace: str
    ours: NotRequired[bool]
    """Whether it is nothing of the subject's: what it found could not be written."""
    worn: NotRequired[list[str]]
    peer: NotRequired[str]
    """The outcome that it is, where the peer of a remote subject did it; `status` is that of its process."""
    status: NotRequired[int]
    facts: NotRequired[RemoteFacts]


class RemoteFacts(TypedDict):
    """What was to be known of a remote subject: the reasons why it skipped cases, each with their number."""

    skips: dict[str, int]
    observes: NotRequired[list[str]]
    """What its peer said when it was started last; as in Facts."""
    unjudged: NotRequired[dict[str, str]]
    memories: NotRequired[dict[str, tuple[int, int]]]
    raised: NotRequired[dict[str, tuple[int, str]]]
    plain: NotRequired[str]
    """The last three are of a consumer, as in ConsumerFacts."""


class GroupNames(_FromWorker):
    """Of Groups."""

    groups: list[str]


class DeclaredSubject(TypedDict):
    """One subject of a file."""

    name: str
    target: str
    unavailable: str
    builds: bool
    accepts: list[str]
    memories: str
    where: str
    peer: NotRequired[tuple[str, str]]
    """What runs a subject in another process, and the version of that, where they are known."""


class DeclaredGroup(TypedDict):
    """A file of subjects."""

    name: str
    unavailable: str
    subjects: list[DeclaredSubject]


class Listing(_FromWorker):
    """Of List."""

    groups: list[DeclaredGroup]


class Nothing(_FromWorker):
    """Of Resolve: the subject is there."""


class Facts(TypedDict):
    """What is declared of a subject, and what one of its objects is."""

    declared: list[str]
    views: NotRequired[list[str]]
    exports: NotRequired[bool]
    type: NotRequired[str]
    expects: NotRequired[int]
    returns: NotRequired[str]
    """What a consumer's results are said to be; "" where nothing was."""
    slot_of: NotRequired[str]
    kind: NotRequired[str]
    observes: NotRequired[list[str]]
    """What can be observed of it, where that is not what can be of any subject of its target."""
    peer: NotRequired[list[str]]
    """The name of its peer, what runs it, and the version of that."""
    unjudged: NotRequired[dict[str, str]]
    """Rules that its peer cannot show anything of, each with the reason."""


class Looks(_FromWorker):
    """Of LookAt."""

    operations: list[str]
    builds: bool
    volatile: bool
    memories: str
    facts: Facts


class ConsumerFacts(TypedDict):
    """What a consumer is like beyond its cases: see worker/consumers.py."""

    memories: dict[str, tuple[int, int]]
    raised: dict[str, tuple[int, str]]
    plain: str
    differs: str
    inferred: str


class Worn(_FromWorker):
    """Of Run and Pairs: what could not be put back, why pairs ended early, and what a consumer is like."""

    worn: list[str]
    facts: NotRequired[ConsumerFacts | RemoteFacts]
    failed: NotRequired[str]


class Explored(_FromWorker):
    """Of Explore: whether the subject still makes objects, and what could not be put back."""

    there: bool
    worn: list[str]


class Seen(TypedDict):
    """One case: `scenario` and `trace` are as scenario-trace.schema.json has them."""

    case: str
    scenario: dict[str, Any]
    described: str
    trace: dict[str, Any]
    violations: list[dict[str, Any]]
    judged: list[str]
    readings: dict[str, str]
    inferred: NotRequired[str]


class Traced(_FromWorker):
    """Of TraceOf."""

    trace: Seen


class Sources(_FromWorker):
    """Of Source; `elements` in hexadecimal."""

    make: str
    elements: NotRequired[str | None]
    operations: NotRequired[dict[str, str]]
    kind: NotRequired[str]
    returns: NotRequired[str]
    of_views: NotRequired[bool]
    peer: NotRequired[dict[str, Any]]
    """Of a remote subject: the `command` of its peer, the `messages`, and what it `answered` to the last."""


class PairTraced(_FromWorker):
    """Of PairTrace: requests, memory, and what the consumer made of them; what is `worn` as in Judged."""

    traced: dict[str, Any]
    worn: list[str]


class Benched(_FromWorker):
    """Of BenchOf; `process` is the worker's number."""

    bench: dict[str, int | float]
    process: int


class Cost(TypedDict):
    """In nanoseconds; memory that is large is not read."""

    request_ns: int
    release_ns: int
    read_ns: NotRequired[int]


class Measured(TypedDict):
    """The cost of an object of so many bytes, and of a bytearray of that size in the same process."""

    bytes: int
    own: Cost
    bytearray: Cost


class MeasuredSubject(_FromWorker):
    """Of Measure; None where it refuses what memoryview() requests."""

    measured: Measured | None


class BuiltBenched(_FromWorker):
    """Of BenchBuilt."""

    built: dict[str, Any]


REQUESTS: dict[str, tuple[type, type]] = {
    "groups": (Groups, GroupNames),
    "list": (List, Listing),
    "resolve": (Resolve, Nothing),
    "profile": (LookAt, Looks),
    "run": (Run, Worn),
    "explore": (Explore, Explored),
    "trace": (TraceOf, Traced),
    "source": (Source, Sources),
    "pairs": (Pairs, Worn),
    "pair_trace": (PairTrace, PairTraced),
    "bench": (BenchOf, Benched),
    "measure": (Measure, MeasuredSubject),
    "bench_built": (BenchBuilt, BuiltBenched),
}
"""What `do` may say: the types of the request and of its answer, which may be Refused or Raised as well."""


class Began(TypedDict):
    """The worker has what it needs and begins: with the case of that number, or with the pairs."""

    start: int | bool


class Probes(TypedDict):
    """An operation of an exporter is tried, which may end the process."""

    probe: str


class BeginsPair(TypedDict):
    """The pair of that number begins."""

    begin: int


class PairDone(TypedDict):
    """What a pair came to."""

    pair: int
    outcome: str
    symptoms: list[dict[str, str]]
    raised: str
    reason: NotRequired[str]


class Ends(TypedDict):
    """The answer, also where it cannot be sent."""

    end: dict[str, Any]


class SawMemory(TypedDict):
    """The memory of an exporter, as pair_trace finds it, and what advice must know of its type."""

    memory: dict[str, Any] | None
    kind: str


class Requested(TypedDict):
    """A request of a consumer, by its flags."""

    request: int


class ReleasedView(TypedDict):
    """A release of a consumer, of a view that was requested with these flags."""

    release: int


class TracedPair(TypedDict):
    """All that was seen of a pair."""

    traced: dict[str, Any]


class Found(TypedDict):
    """A scenario of a campaign, in hexadecimal, that broke the rule, and which execution it was."""

    breaks: str
    encoded: str
    execution: int


ENTRIES: dict[str, type] = {
    "breaks": Found,
    "rule": Failure,
    "start": Began,
    "end": Ends,
    "begin": BeginsPair,
    "pair": PairDone,
    "probe": Probes,
    "memory": SawMemory,
    "request": Requested,
    "release": ReleasedView,
    "traced": TracedPair,
}
"""The types of a journal's entries, by a field that only they have."""
