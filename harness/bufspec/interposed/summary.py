"""What was recorded, and what was missed, in a few sentences?"""

from __future__ import annotations

from collections.abc import Iterator

from bufspec.interposed.recording import Recorded


def lines_of_recording(recorded: Recorded) -> Iterator[str]:
    """What `bufspec record` says when the application has ended."""
    requests, releases, processes = recorded.requests, recorded.releases, recorded.processes
    what = f"{requests:,} request{'s' * (requests != 1)} and {releases:,} release{'s' * (releases != 1)}"
    yield f"recorded {what} of {processes} process{'es' * (processes != 1)} in {recorded.folder}"
    for reason in recorded.refused:
        yield f"not recorded: {reason}"
    if not processes and not recorded.refused:
        yield "no Python process was recorded: CMD starts none, or with -I, -E or -S, which ignore PYTHONPATH"
    if recorded.unrecorded:
        yield f"{recorded.unrecorded:,} requests and releases are counted only: --most MB makes more room"
    if processes:
        yield f"to judge them: bufspec judge {recorded.folder}"
