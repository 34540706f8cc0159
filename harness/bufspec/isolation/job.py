"""What is a supervisor asked to do with one subject, and what came of it?"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field, frozen

from bufspec import _engine
from bufspec.isolation.death import Death
from bufspec.wire.messages import Message, Run
from bufspec.wire.profile import Profile
from bufspec.wire.ranges import Ranges, block_of, ranges_chosen
from bufspec.wire.remote_file import HELLO_SECONDS, command_of

START_SECONDS = 30.0
"""How long a worker may take to start and to import a subject's package, before the first case."""
SETUP_SECONDS = 60.0
"""How long a subject may take to make an object, unless --setup-timeout says otherwise."""
ENDING_SECONDS = 10.0
"""How long a worker may take to end the process of a peer, whatever that does when it is told to."""
NO_PROFILE = Profile()


def hello_seconds(setup_timeout: float) -> float:
    """How long a peer may take to say hello: as --setup-timeout says, but longer than an object's default."""
    return HELLO_SECONDS if setup_timeout == SETUP_SECONDS else setup_timeout


def peer_seconds(files: Iterable[str], setup_timeout: float) -> float:
    """How long a worker may take to start and end the peers among these files, one after the other.

    It is more than it waits for each, so that it comes to say which one was late.
    """
    return sum(hello_seconds(setup_timeout) + ENDING_SECONDS for file in files if command_of(file))


@frozen
class Job:
    """One subject to judge, and how.  `tables`, `ledger` and `journal` are files of the run.

    `timeout` is for a case, without what it takes to make an object, for which there is `setup_timeout`.
    `ranges` of case numbers are those to run (None: all); `memory_limit` is in megabytes, 0 for none.
    `probe_patterns` name the cases that show whether the subject grants or accepts anything, where `rules` or
    `case_patterns` may have chosen none that does.  `block` is which of how many blocks of cases.
    """

    subject: str
    tables: str
    ledger: str
    journal: str
    edition: str
    rules: tuple[str, ...] | None
    seed: int
    target: str
    timeout: float
    setup_timeout: float = SETUP_SECONDS
    discover: bool = True
    bound: str = "short"
    profile: Profile = NO_PROFILE
    case_patterns: tuple[str, ...] = ()
    words: tuple[int, ...] = ()
    stop_on_failure: bool = False
    memory_limit: int = 0
    ranges: Ranges | None = None
    files: tuple[str, ...] = ()
    probe_patterns: tuple[str, ...] = ()
    block: tuple[int, int] = (0, 1)
    measures: bool = False
    """Whether to find out what a request, a release and a full read cost."""
    is_remote: bool = False
    """Whether its profile said that a peer has the subject: one of `files`, or one that a file declares."""

    @property
    def first_case(self) -> int:
        """The first case that is left to be run."""
        return self.ranges[0][0] if self.ranges else 0

    @property
    def cases(self) -> _engine.Cases:
        """The ids of the cases that such a subject has; made lazily."""
        return self.profile.cases(self.target, self.edition, self.seed, self.bound)

    @property
    def chosen(self) -> Ranges:
        """The ranges of the cases that are meant: by id, by the word that they try, by what they judge."""
        every = ranges_chosen(self.cases, self.case_patterns, self.rules, words=self.words)
        return block_of(every, *self.block)

    @property
    def peer_seconds(self) -> float:
        """How long its worker may take to start and end all peers that there are."""
        return peer_seconds(self.files, self.setup_timeout)

    def request(self) -> Run:
        """The job as the worker gets it."""
        return {
            "do": "run",
            "subject": self.subject,
            "files": list(self.files),
            "hello_seconds": hello_seconds(self.setup_timeout),
            "tables": self.tables,
            "ledger": self.ledger,
            "journal": self.journal,
            "edition": self.edition,
            "rules": None if self.rules is None else list(self.rules),
            "seed": self.seed,
            "bound": self.bound,
            "operations": list(self.profile.operations),
            "builds": self.profile.builds,
            "memories": self.profile.memories,
            "first_case": self.first_case,
            "ranges": None if self.ranges is None else list(self.ranges),
            "memory_limit": self.memory_limit,
            "stop_on_failure": self.stop_on_failure,
        }


@define
class SubjectRun:
    """All that happened to one subject."""

    subject: str
    totals: Message = field(factory=dict)
    failures: list[Message] = field(factory=list)
    deaths: list[Death] = field(factory=list)
    cases_skipped: int = 0
    skipped_because: str = ""
    error: str = ""
    errors: int = 0
    seconds: float = 0.0
    profile: Profile = NO_PROFILE
    facts: Message = field(factory=dict)
    """What the worker said of the subject beside its profile; of a consumer also worker/consumers.py.

    `shared_memory` are names under /dev/shm that its workers used and left there; `not_again` are rules that
    it broke in a worker which was used before, and not in a new one.
    """
    probed: Message = field(factory=dict)
    """The totals of an unfiltered probe, where a narrowed run exercised nothing."""
    measured: Message = field(factory=dict)
    """What a request, a release and a full read cost, where that was asked for and could be found out."""

    @property
    def broken(self) -> set[str]:
        """The rules that a failure was told of."""
        return {one["rule"] for one in self.failures}

    @property
    def exercised(self) -> bool:
        """Whether any request was granted, or it was looked at which memory is accepted."""
        counts = self.totals.get("exercised", {})
        return bool(counts.get("granted") or self.facts.get("memories"))
