"""How does a peer in plain Python answer a line?  Knows the messages; its subjects do the work.

    peer = Peer("my peer 1.0", {"implementation": "MyPython", "version": "0.3", "python": "3.12"}, subjects)
    serve(peer)

A subject has `name`, declared(), and run(message) or answer(call, given): see exporters.py and library.py.
Where lines come from elsewhere than standard input, call peer.answer(line) for each.
"""

import json
import sys

from memory import Skipped, reason_of


class Peer(object):
    def __init__(self, name, runtime, subjects, caught=Exception):
        self.name = name
        self.runtime = runtime
        self.subjects = {subject.name: subject for subject in subjects}
        self.caught = caught
        self.has_ended = False

    def answer(self, line):
        """The line that answers a line; None where there is nothing to answer."""
        try:
            message = json.loads(line)
            kind = message["type"]
        except (ValueError, TypeError, KeyError):
            return None  # the driver writes no such line; without an id nothing can be said
        if kind == "bye":
            self.has_ended = True
            return None
        if kind == "hello":
            return json.dumps(self.hello())
        answered = {"id": message.get("id", 0)}
        try:
            answered.update(self.result_of(kind, message))
        except Skipped as skipped:
            answered.update({"type": "skipped", "reason": reason_of(skipped)})
        except self.caught as error:
            detail = type(error).__name__ + ": " + str(error)
            answered.update({"type": "error", "detail": detail[:1000]})
        return json.dumps(answered)

    def hello(self):
        subjects = [self.subjects[name].declared() for name in sorted(self.subjects)]
        said = {"type": "hello", "protocol": 1, "peer": self.name}
        said.update({"runtime": self.runtime, "subjects": subjects})
        return said

    def result_of(self, kind, message):
        if kind not in ("scenario", "call"):
            return {"type": "refused", "reason": "no message of type " + str(kind)}
        subject = self.subjects.get(message["subject"])
        if subject is None:
            return {"type": "refused", "reason": "no subject " + message["subject"]}
        if kind == "scenario":
            if not hasattr(subject, "run"):
                return {"type": "refused", "reason": "no scenarios for " + subject.name}
            return {"type": "result", "trace": subject.run(message)}
        if message["call"] not in getattr(subject, "calls", ()):
            return {"type": "refused", "reason": "no call " + message["call"]}
        return {"type": "result", "answer": subject.answer(message["call"], message["given"])}


def serve(peer):
    """Answers the lines of standard input until they end, or bye."""
    while not peer.has_ended:
        line = sys.stdin.readline()
        if not line:
            return
        answer = peer.answer(line)
        if answer is not None:
            sys.stdout.write(answer + "\n")
            sys.stdout.flush()
