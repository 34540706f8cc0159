"""jsonschema-rs, imported with signals held back.

It imports modules of Python from Rust, where an exception that a signal's handler raises would be a panic.
"""

from __future__ import annotations

import signal

_held = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
try:
    from jsonschema_rs import Draft202012Validator as Draft202012Validator
    from jsonschema_rs import Registry as Registry
finally:
    signal.pthread_sigmask(signal.SIG_SETMASK, _held)
