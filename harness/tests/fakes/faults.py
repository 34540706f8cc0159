"""What a subject may do to its process while it is asked for a buffer: one function a fault, in plain Python
and ctypes, for bad_exporters.exporter(flags, fault).

The first half ends the process or never answers.  The second half breaks no rule of the protocol: it only
disturbs whoever shares the process.
"""

import atexit
import builtins
import ctypes
import gc
import os
import signal
import sys
import tempfile
import threading
import time
from typing import NoReturn

from bad_exporters import (  # noqa: F401
    abort,
    close_streams,
    exporter,
    flood,
    fork,
    hang,
    hang_with_the_lock,
    leave,
    read_input,
    segfault,
    terminate,
)

_c = ctypes.CDLL(None)
_c.malloc.restype = ctypes.c_void_p
_c.malloc.argtypes = [ctypes.c_size_t]
_c.free.argtypes = [ctypes.c_void_p]
_kept: list[object] = []


def kill_itself() -> None:
    """Die of SIGKILL, as at the hands of the kernel when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def divide_by_zero() -> None:
    """Die of SIGFPE."""
    signal.raise_signal(signal.SIGFPE)


def interrupt() -> None:
    """Die as at Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


def write_to_nobody() -> None:
    """Die of SIGPIPE."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    reader, writer = os.pipe()
    os.close(reader)
    os.write(writer, b"x")


def die_of_an_alarm() -> None:
    """Die of a timer of its own."""
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(60)


def exhaust_the_stack() -> None:
    """Call itself in C until no stack is left."""
    kind = ctypes.CFUNCTYPE(None)
    sort = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    _kept.extend([kind, sort])
    sys.setrecursionlimit(1 << 30)

    def deeper(one: int, other: int) -> int:
        block = (ctypes.c_char * 2)()
        _c.qsort(block, 2, 1, compare)
        return 0

    compare = sort(deeper)
    deeper(0, 0)


def free_twice() -> None:
    """Be caught by the C library."""
    block = _c.malloc(100)
    _c.free(block)
    _c.free(block)


def be_fatal() -> None:
    """Be given up by the interpreter."""
    ctypes.pythonapi.Py_FatalError(b"the exporter has lost its memory")


def exhaust_memory() -> None:
    """Take memory until there is none left, and die of it as a C++ program does."""
    while _c.malloc(1 << 20):
        pass
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def exit_well() -> None:
    """Leave by the C library's exit(0)."""
    _c.exit(0)


def exit_badly() -> None:
    """Leave by the C library's exit(3)."""
    _c.exit(3)


def hang_at_exit() -> None:
    """Leave by the C library, and never get there."""
    _c.__cxa_atexit(_c.pause, None, None)
    _c.exit(0)


def stop() -> None:
    """Stand still as at Ctrl-Z."""
    os.kill(os.getpid(), signal.SIGSTOP)


def hang_with_signals_blocked() -> NoReturn:
    """Never answer, and let no signal in."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        time.sleep(60)


def close_everything() -> None:
    """Close every descriptor there is."""
    os.closerange(0, 4096)


def reuse_descriptors() -> None:
    """Close every descriptor and open others under the same numbers."""
    os.closerange(0, 4096)
    for _ in range(64):
        os.open(os.devnull, os.O_RDWR)


def change_directory() -> None:
    """Go to a directory that is not there any more."""
    gone = tempfile.mkdtemp()
    os.chdir(gone)
    os.rmdir(gone)


def change_umask() -> None:
    """Let nobody read the files that are made."""
    os.umask(0o777)


def fork_and_return() -> None:
    """Come back twice."""
    os.fork()


def fork_and_raise() -> None:
    """Come back twice, once with an exception."""
    if os.fork() == 0:
        raise SystemExit(1)


def leave_a_grandchild() -> None:
    """Leave a process behind that has left the session and has no parent any more."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    os.wait()


def leave_a_thread() -> None:
    """Leave a thread behind."""
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def leave_an_alarm() -> None:
    """Set a timer that goes off when another subject may be asked."""
    signal.setitimer(signal.ITIMER_REAL, 20)


def change_signal_handlers() -> None:
    """Put its own handlers everywhere."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, lambda number, frame: None)


def block_signals() -> None:
    """Let no signal in."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def lower_the_recursion_limit() -> None:
    """Leave no room for calls."""
    limit = 1
    while True:
        try:
            sys.setrecursionlimit(limit)
            break
        except RecursionError:
            limit += 1
    sys.setrecursionlimit(limit + 3)  # this very call is to come to its end


def replace_streams() -> None:
    """Leave Python no streams."""
    sys.stdin = sys.stdout = sys.stderr = None  # type: ignore[assignment]


def forget_modules() -> None:
    """Forget every module but itself."""
    for name in list(sys.modules):
        if name not in ("sys", "builtins", __name__):
            del sys.modules[name]


def break_builtins() -> None:
    """Take a name from everybody that everybody uses."""
    del builtins.isinstance  # type: ignore[attr-defined]


def hang_at_python_exit() -> None:
    """Register something to run at exit that never ends."""
    atexit.register(time.sleep, 600)


def clear_environment() -> None:
    """Leave no environment variable."""
    os.environ.clear()


def trace_everything() -> None:
    """Have everything that anybody calls fail."""

    def fail(*what: object) -> None:
        raise RuntimeError("traced")

    threading.setprofile(fail)
    sys.setprofile(lambda *what: None)


def stop_collecting() -> None:
    """Switch the garbage collector off."""
    gc.disable()
    gc.freeze()


def is_blameless() -> None:
    """Do nothing."""


def die_beside_threads() -> None:
    """Die if any thread but this one lives in the process."""
    if len(sys._current_frames()) > 1:
        os.abort()


def hungry(megabytes: int) -> object:
    """A bytearray that takes so much memory for a moment as it is made for a run."""
    if not _kept:
        _kept.append(None)
    else:
        bytearray(megabytes << 20)
    return bytearray(4)


def in_process(parent: int) -> object:
    """A bytearray; an exception where the process was not started by that parent."""
    if os.getppid() != parent:
        raise RuntimeError("made in a worker")
    return bytearray(4)
