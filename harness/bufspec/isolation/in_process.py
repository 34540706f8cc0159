"""Runs subjects in the driver's own process, one after the other, for a debugger.

In place of a supervisor and with the same record; but a death, a hang or an exit takes the run down, and what
a subject prints goes where the driver prints.
"""

from __future__ import annotations

from pathlib import Path

from bufspec.isolation.stopwatch import Overdue
from bufspec.isolation.supervisor import Supervisor, error_from_answer
from bufspec.wire.line import decode_answer, encode_request
from bufspec.wire.messages import Message, Request
from bufspec.worker import main


class InProcess(Supervisor):
    """A supervisor without workers: does what is asked itself."""

    def __init__(self, log: Path) -> None:
        super().__init__(log)
        main.import_from_here()

    async def _exchange(self, request: Request, *, overdue: Overdue) -> Message:
        answer = decode_answer(request["do"], main.answer_to_line(encode_request(request)))
        if "refused" in answer:
            raise error_from_answer(answer)
        return answer
