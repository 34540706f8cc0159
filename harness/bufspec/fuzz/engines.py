"""Which engines may a campaign run with?

An engine is a function that runs a whole campaign; `random` is in fuzz/run.py.  The others are for targets
that are programs of their own.
"""

from __future__ import annotations

RANDOM = "random"
ENGINES = (RANDOM,)
