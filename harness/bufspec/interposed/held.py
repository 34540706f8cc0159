"""Which views are held, and is each released once?  Follows one process, event by event.

Only types with bf_releasebuffer show a release.  Where an acquire may have been missed, nothing is said.
"""

from __future__ import annotations

from collections import Counter

from attrs import define, field, frozen

from bufspec.interposed.events import Place, Release, Request, Type
from bufspec.interposed.reading import Recording


@frozen
class View:
    """A view that is held; a child of fork() has it from the recording of its parent."""

    recording: Recording
    type: int
    place: int
    word: int
    view: int
    memory: int

    @property
    def exporter(self) -> Type:
        """The type of its owner."""
        return self.recording.types[self.type]


@frozen
class Stray:
    """A release of a view that was released before, or never acquired."""

    type: int
    """Of the owner."""
    place: int
    word: int
    """The last request to this owner, whose view was released already."""


@define
class Views:
    """The views of one process by their owners, and what was released without being held."""

    recording: Recording
    held: dict[int, list[View]] = field(factory=dict)
    last: dict[int, View] = field(factory=dict)
    """The view of each owner that was released last; another object may have its address by now."""
    stray: Counter[Stray] = field(factory=Counter)
    unknown_owners: Counter[int] = field(factory=Counter)
    """Releases of owners of which no acquire was seen, by type: acquires of this type are missed."""
    shared: set[int] = field(factory=set)
    """Owners of views that were requested from other objects."""
    unseen: Counter[int] = field(factory=Counter)
    """Views of types that show no release, by type."""

    def requested(self, event: Request) -> None:
        """Count a granted view, if its release can be seen."""
        if not event.owner or event.has_inside:
            return  # one inside it was answered by the owner, and counted
        type_ = self.recording.types[event.type]
        if event.owner != event.object:
            self.shared.add(event.owner)  # nothing is known of its type, or of how it came to own the view
            return
        if not type_.shows_release:
            self.unseen[event.type] += 1
            return
        word = self.recording.answers[event.answer - 1].word
        view = View(self.recording, event.type, event.place, word, event.view, event.memory)
        self.held.setdefault(event.owner, []).append(view)

    def released(self, event: Release) -> None:
        """Take the view away that this release most likely is of: structs are copied and moved."""
        views = self.held.get(event.owner)
        if not views:
            before = None if event.owner in self.shared else self.last.get(event.owner)
            type_ = self.recording.types[event.type]
            if before is None or before.exporter != type_ or before.memory != event.memory:
                self.unknown_owners[event.type] += 1
            else:
                self.stray[Stray(event.type, event.place, before.word)] += 1
            return
        likely = [one for one in views if one.view == event.view]
        likely = likely or [one for one in views if one.memory == event.memory] or views
        chosen = likely[-1]
        views.remove(chosen)
        self.last[event.owner] = chosen
        if not views:
            del self.held[event.owner]

    def still_held(self) -> Counter[tuple[str, tuple[Place, ...]]]:
        """How many views are held, by type and by the place where they were acquired."""
        return Counter(
            (one.exporter.name, tuple(one.recording.frames(one.place)))
            for views in self.held.values()
            for one in views
        )

    def copy(self, recording: Recording) -> Views:
        """The same views in a child of fork(), whose recording has numbers of its own."""
        return Views(recording, {owner: list(views) for owner, views in self.held.items()})
