"""What `bufspec` and `python -m bufspec` run: the command line, which an interrupt ends from here on.

While modules are imported an interrupt would be a traceback of the import that it happened to come in.
"""

from __future__ import annotations

import signal
import threading


def program() -> None:
    """Run the command line of this process (cli.py); does not return."""
    on_main_thread = threading.current_thread() is threading.main_thread()
    if on_main_thread and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bufspec.cli import program as command_line

    command_line()


if __name__ == "__main__":
    program()
