"""The peer of GraalPy: its built-in types as Python code sees them.  Run by Launcher.java."""

import sys

from messages import Peer, serve
from subjects import all_subjects

VERSION = ".".join(str(number) for number in sys.implementation.version[:3])
RUNTIME = {
    "implementation": "GraalVM",  # platform.python_implementation()
    "version": VERSION,
    "python": "{}.{}.{}".format(*sys.version_info[:3]),
}

serve(Peer("GraalPy " + VERSION, RUNTIME, all_subjects("graalpy")))
