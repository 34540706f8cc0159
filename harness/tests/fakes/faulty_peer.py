"""A remote peer with one subject for each way to break the protocol: it does so in the case of request 0x003.

In all other cases it answers as bytes would.  An argument is a way to break it in hello, or `stays`:
then it does not end before it is killed.
"""

import json
import os
import signal
import sys
import time

AT = 0x003
BYTES = {"observes": ["struct", "exception", "memory", "content"], "unseen": ["obj"], "expect": "616263"}


def record(step):
    """What bytes show at a step."""
    if step["kind"] != "acquire":
        return {"released": {}}
    flags = step["flags"]
    if flags & 1 or (flags & 0x40 and not flags & 0x10):
        return {"answer": {"granted": False, "error": "BufferError"}}
    view = {"address": 4096, "len": 3, "itemsize": 1, "readonly": 1, "ndim": 1, "suboffsets": None}
    view["format_text" if flags & 4 else "format"] = "B" if flags & 4 else None
    view["shape"] = [3] if flags & 8 else None
    view["strides"] = [1] if flags & 0x10 else None
    return {"answer": {"granted": True, "data": "616263", "view": view}}


def say(text):
    """Writes bytes or text, at once."""
    sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode())
    sys.stdout.buffer.flush()


def line(message):
    return json.dumps(message) + "\n"


def changed(message, **members):
    return line({**message, **members})


def with_view(message, **fields):
    """The line with other fields in the view of the first answer; None leaves one out."""
    message["trace"]["steps"][0]["answer"]["view"].update(fields)
    view = message["trace"]["steps"][0]["answer"]["view"]
    message["trace"]["steps"][0]["answer"]["view"] = {k: v for k, v in view.items() if v != "left out"}
    return line(message)


def with_answer(message, **members):
    message["trace"]["steps"][0]["answer"].update(members)
    return line(message)


def with_steps(message, change):
    message["trace"]["steps"] = change(message["trace"]["steps"])
    return line(message)


def raw(message, name, number):
    """The line with a number in it that json.dumps() would not write."""
    return with_view(message, **{name: "@"}).replace('"@"', number)


def die(number):
    sys.stderr.write("what a peer says last\x1b[1m\n")
    sys.stderr.flush()
    os.kill(os.getpid(), number)


def leave(status, said=""):
    sys.stderr.write(said)
    sys.stderr.flush()
    os._exit(status)


def leave_a_child():
    """Ends, and leaves a child that holds the output open."""
    if os.fork() == 0:
        time.sleep(60)
    os._exit(5)


def much_on_stderr():
    for _ in range(400):
        sys.stderr.write("e" * 10000)
    leave(4, "\nand then it ended\n")


def endless():
    while True:
        say(b"x" * 65536)


WAYS = {
    "garbage": lambda it: say("hello there \x1b[31mred\n"),
    "empty_line": lambda it: say("\n"),
    "nul_bytes": lambda it: say(b"\0\0\0\n"),
    "not_utf8": lambda it: say(b'{"type":"\xff\xfe"}\n'),
    "utf16": lambda it: say(line(it).encode("utf-16-le")),
    "log_before": lambda it: say("debug: asked\n" + line(it)),
    "list": lambda it: say("[1, 2]\n"),
    "no_type": lambda it: say(line({"id": it["id"]})),
    "unknown_type": lambda it: say(changed(it, type="answer")),
    "hello_again": lambda it: say(line(hello())),
    "wrong_id": lambda it: say(changed(it, id=it["id"] + 1)),
    "no_id": lambda it: say(line({key: one for key, one in it.items() if key != "id"})),
    "id_as_text": lambda it: say(changed(it, id=str(it["id"]))),
    "two_answers": lambda it: say(line(it) + line(it)),
    "late_second": lambda it: (say(line(it)), time.sleep(0.3), say(line(it))),
    "half_a_line": lambda it: (say(line(it)[:30]), leave(0)),
    "half_and_silent": lambda it: (say(line(it)[:30]), time.sleep(60)),
    "silent": lambda it: time.sleep(60),
    "endless_line": lambda it: endless(),
    "exits": lambda it: leave(3, "Traceback ...\nKeyError: 'flags'\n"),
    "crashes": lambda it: die(signal.SIGSEGV),
    "closes_output": lambda it: (os.close(1), time.sleep(60)),
    "huge_number": lambda it: say(raw(it, "len", "9" * 5000)),
    "beyond_64_bits": lambda it: say(raw(it, "len", str(2**70))),
    "fraction": lambda it: say(raw(it, "len", "2.5")),
    "infinity": lambda it: say(raw(it, "len", "1e999")),
    "not_a_number": lambda it: say(raw(it, "len", "NaN")),
    "deep": lambda it: say("[" * 100000 + "\n"),
    "deep_object": lambda it: say('{"type":' * 50 + "1" + "}" * 50 + "\n"),
    "member_twice": lambda it: say(line(it).replace('"id"', '"type":"result","id"', 1)),
    "member_unknown": lambda it: say(changed(it, colour="red")),
    "no_granted": lambda it: say(with_steps(it, lambda steps: [{"answer": {}}, *steps[1:]])),
    "wrong_type": lambda it: say(with_view(it, len="three")),
    "unknown_owner": lambda it: say(with_view(it, obj="me")),
    "odd_data": lambda it: say(with_answer(it, data="616")),
    "long_text": lambda it: say(with_view(it, format_text="B" * 5000)),
    "view_lacks_shape": lambda it: say(with_view(it, shape="left out")),
    "many_extents": lambda it: say(with_view(it, shape=[1] * 65)),
    "many_records": lambda it: say(with_steps(it, lambda steps: [*steps, {}])),
    "few_records": lambda it: say(with_steps(it, lambda steps: steps[:2])),
    "leaves_a_child": lambda it: leave_a_child(),
    "closes_input": lambda it: (say(line(it)), os.close(0), time.sleep(60)),
    "much_on_stderr": lambda it: much_on_stderr(),
    "very_many_records": lambda it: say(with_steps(it, lambda steps: [{}] * 100000)),
    "record_of_another": lambda it: say(with_steps(it, lambda steps: [*steps[:3], steps[2]])),
    "answer_for_trace": lambda it: say(line({"type": "result", "id": it["id"], "answer": {}})),
    "nothing_in_result": lambda it: say(line({"type": "result", "id": it["id"]})),
    "refuses": lambda it: say(line({"type": "refused", "id": it["id"], "reason": "no such step\x1b[2J"})),
    "fails": lambda it: say(line({"type": "error", "id": it["id"], "detail": "out of memory"})),
    "error_without_detail": lambda it: say(line({"type": "error", "id": it["id"]})),
}


def hello():
    subjects = [{"name": f"faulty.{way}", "target": "exporter", **BYTES} for way in WAYS]
    runtime = {"implementation": "Faulty", "version": "1"}
    return {"type": "hello", "protocol": 1, "peer": "faulty", "runtime": runtime, "subjects": subjects}


def bad_hello(way):
    good = hello()
    one = good["subjects"][0]
    said = {
        "protocol": lambda: changed(good, protocol=2),
        "no_subjects": lambda: changed(good, subjects=[]),
        "twice": lambda: changed(good, subjects=[one, one]),
        "stray": lambda: changed(good, subjects=[{**one, "name": "stdlib.mine"}]),
        "garbage": lambda: "Welcome to peer 1.0\n",
        "unknown_observation": lambda: changed(good, subjects=[{**one, "observes": ["all"]}]),
        "not_utf8": lambda: b"\xff\xfe\x80\n",
        "silent": lambda: time.sleep(60),
        "dies": lambda: leave(1, "Traceback ...\nModuleNotFoundError: No module named 'numpyy'\n"),
    }[way]()
    say(said)


def main():
    for received in sys.stdin:
        message = json.loads(received)
        if message["type"] == "bye":
            if sys.argv[1:] == ["stays"]:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(600)
            break
        if message["type"] == "hello":
            if sys.argv[1:] not in ([], ["stays"]):
                bad_hello(sys.argv[1])
            else:
                say(line(hello()))
            continue
        steps = message["scenario"]["steps"]
        result = {"type": "result", "id": message["id"], "trace": {"steps": [record(step) for step in steps]}}
        if any(step.get("flags") == AT for step in steps):
            WAYS[message["subject"].partition(".")[2]](result)
        else:
            say(line(result))


if __name__ == "__main__":
    main()
