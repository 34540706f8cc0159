"""What does the page show of an expectation that no longer holds?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bufspec.reports.page.subjects import Packed
from bufspec.reports.page.words import link_of, shown
from bufspec.reports.wording.outdated import how_to_fix, what_is_wrong


def packed_outdated(event: Mapping[str, Any]) -> Packed:
    """The event that says so, for the page."""
    one = {key: shown(event[key]) for key in ("subject", "rule", "because", "where")}
    more = {"wrong": shown(what_is_wrong(event)), "fix": shown(how_to_fix(event), 4000)}
    return {**one, **more, "link": link_of(event["link"])}
