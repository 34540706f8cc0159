"""Which subjects are the views that an exporter's methods make?

One more exporter for each declared view, `package.subject.view`: its object is the owner together with the
method, each request makes a view and asks it (`_engine.ViewOf`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import evolve, frozen

from bufspec import _engine
from bufspec.declare import Factory, Operation, Subject


@frozen
class MakesViews:
    """The factory of such an object: makes an owner, and asks it through `view`."""

    make_owner: Factory
    view: Operation

    def __call__(self) -> object:
        return _engine.ViewOf(self.make_owner(), self.view)


@frozen
class OfOwner:
    """An operation of the owner, done to the object that stands for it and its method."""

    operation: Operation

    def __call__(self, views: Any) -> object:
        return self.operation(views.owner)


def with_views(subjects: Iterable[Subject]) -> Iterator[Subject]:
    """The subjects, each followed by the views that it declares."""
    for subject in subjects:
        yield subject
        for name, view in subject.views.items():
            assert not isinstance(subject.what, str), "only exporters declare views"
            yield evolve(
                subject,
                name=f"{subject.name}.{name}",
                what=MakesViews(subject.what, view),
                build=None,
                expect=None,
                operations={key: OfOwner(one) for key, one in subject.operations.items()},
                views={},
            )
