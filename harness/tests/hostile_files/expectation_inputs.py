"""Files of expectations and subject files that mean harm: what --expectations and --subjects read."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

from bufspec import _engine
from bufspec.errors import BufspecError
from bufspec.run.expectations.files import load_expectations
from bufspec.worker.subject_files import subjects_of_file
from hostile_files.rows import Input, Row, fault_of, fresh, not_files, texts, writes

ENTRY = {
    "subject": "own.thing",
    "rule": "request.*",
    "reason": "known for long",
    "link": "https://example.org/1",
}


def known(path: Path) -> None:
    """A good file of expectations."""
    path.write_text(json.dumps({"expectations": [ENTRY]}), encoding="utf-8")


def loaded(path: Path) -> str | None:
    """Read a file of expectations, which must be refused."""
    load_expectations([str(path)], _engine.rule_ids(), ours=False)
    return "was taken for good"


def expectations(_: random.Random) -> Iterator[Input]:
    """Entries that no package has."""
    yield from not_files()
    yield from texts()
    for label, keys in {
        "unknown key": {"surprise": 1},
        "a subject that is a list": {"subject": []},
        "a rule that is none": {"rule": "nothing.at.all"},
        "a rule of a megabyte": {"rule": "a" * 400_000},
        "a rule of stars": {"rule": "*a" * 150 + "z"},
        "an open bracket": {"rule": "[" * 200},
        "a range of versions that is none": {"versions": {"CPython": "newer"}},
        "a range of a megabyte": {"versions": {"CPython": ">=" + "1." * 100_000}},
        "a package that is a path": {"versions": {"../../etc": ">=1"}},
        "no versions": {"versions": {}},
        "a link that runs": {"link": "javascript:alert(1)"},
        "a link with a line break": {"link": "https://example.org/\n::error::"},
        "an outcome that is none": {"outcome": "fine"},
        "a death without a case": {"rule": "death", "outcome": "crash"},
        "a short reason": {"reason": "x"},
        "a number as reason": {"reason": 1},
        "control characters as rule": {"rule": "\x1b[31m\u202e"},
    }.items():
        yield Input(label, writes(json.dumps({"expectations": [ENTRY | keys]})))
    yield Input("an entry twice", writes(json.dumps({"expectations": [ENTRY, ENTRY]})))
    yield Input("20,000 entries", writes(json.dumps({"expectations": [ENTRY] * 20_000})))


def declares(path: Path) -> None:
    """A good subject file, in a folder of its own."""
    path.mkdir()
    (path / "own.py").write_text("from bufspec.declare import exporter\nexporter('own.thing')(bytes)\n")


def imported(path: Path) -> str | None:
    """Read a subject file as a worker does, in a process of its own: what it runs is no concern of ours."""
    there, here = os.pipe()
    child = os.fork()
    if not child:
        said = "died"
        try:
            os.chdir(path)
            subjects_of_file("own.py", taken=())
            said = "was taken for good"
        except BufspecError as error:
            said = fault_of(error) or ""
        except BaseException as error:
            said = f"{type(error).__name__}"
        finally:
            os.write(here, said.encode("utf-8", "replace")[:4000] + b"\n")
            os._exit(0)
    os.close(here)
    with os.fdopen(there, "rb") as answer:
        said = answer.read().decode("utf-8")
    os.waitpid(child, 0)
    return said.rstrip("\n") or None if said else "the process ended"


def subject_files(_: random.Random) -> Iterator[Input]:
    """Files that are not Python, or raise, or declare what makes no sense."""
    declare = "from bufspec.declare import exporter, consumer\n"
    yield from not_files("own.py")
    yield from texts("own.py")
    for label, text in {
        "an encoding that is none": "# coding: nowhere\n",
        "an encoding that is another": b"# coding: ascii\nx = '\xff'\n",
        "a syntax error": "def f(:\n",
        "an unfinished text": 'x = """',
        "many parentheses": "(" * 5000,
        "a long sum": "x = " + "1+" * 100_000 + "1",
        "many minus signs": "x = " + "-" * 100_000 + "1",
        "a long chain": "x = a" + ".a" * 100_000,
        "an import that fails": "import nowhere_at_all\n",
        "an exception": "raise RuntimeError('\\x1b]0;owned\\x07')\n",
        "an exception without a text": "class E(Exception):\n    def __str__(self): raise E\nraise E\n",
        "a type error that lies": "class E(TypeError):\n    def __str__(self): raise E\nraise E\n",
        "the end of the process": "raise SystemExit(0)\n",
        "an interruption": "raise KeyboardInterrupt\n",
        "an exception of no kind": "class E(BaseException): pass\nraise E('x\\ny')\n",
        "an exception of a megabyte": "raise ValueError('x' * 10_000_000)\n",
        "no declaration": "x = 1\n",
        "a name twice": declare + "exporter('own.a')(bytes)\nexporter('own.a')(bytes)\n",
        "a name that is none": declare + "exporter('own')(bytes)\n",
        "a name of code": declare + 'exporter(\'own.x"""; import os\')(bytes)\n',
        "a name of control characters": declare + "exporter('own.\\x1b[31m')(bytes)\n",
        "a name that is a number": declare + "exporter(5)(bytes)\n",
        "a factory that is none": declare + "exporter('own.a')(5)\n",
        "an unknown keyword": declare + "exporter('own.a', surprise=1)(bytes)\n",
        "a kind that is none": declare + "consumer('own.a', kind='eats')(bytes)\n",
        "recursion": "def f(): f()\nf()\n",
        "no recursion left": "import sys\nsys.setrecursionlimit(10)\ndef f(): f()\nf()\n",
    }.items():
        yield Input(label, writes(text, "own.py"))
    yield Input("nothing", lambda path: fresh(path / "own.py") and None)  # type: ignore[func-returns-value]


ROWS = [
    lambda: Row("expectations", known, expectations, loaded),
    lambda: Row("subject files", declares, subject_files, imported),
]
