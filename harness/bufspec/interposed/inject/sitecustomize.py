"""What does a recorded Python process run before its first line?  PYTHONPATH leads every Python here.

Starts the recorder, steps aside, and then runs the sitecustomize that would have run without it.  Imports
nothing else of bufspec, for bufspec need not be installed there.
"""

import os
import sys


def _begin(folder, module, most, stacks):
    # type: (str, str, int, bool) -> str
    """Start the recorder; why it does not, or an empty text."""
    implementation = sys.version.split()[0]
    if getattr(getattr(sys, "implementation", None), "name", "") != "cpython" or "__pypy__" in sys.modules:
        return "is not CPython"
    if sys.version_info < (3, 11):  # noqa: UP036 (older ones come here, too)
        return "is CPython " + implementation + ", and the recorder needs 3.11 or later"
    if "t" in getattr(sys, "abiflags", ""):
        return "is a free-threaded build, which loads no extension for the stable ABI"
    try:
        from importlib.machinery import ExtensionFileLoader, ModuleSpec

        loader = ExtensionFileLoader("_recorder", module)
        recorder = loader.create_module(ModuleSpec("_recorder", loader, origin=module))
        loader.exec_module(recorder)
        recorder.begin(folder, most, stacks)
    except Exception as error:
        return str(error)
    return ""


def _refuse(folder, reason):
    # type: (str, str) -> None
    """Leave word that this process was not recorded; it runs as it would have."""
    name = os.path.join(folder, str(os.getpid()) + ".unrecorded")
    try:
        with open(name, "a") as file:
            file.write(sys.executable + " " + reason + "\n")
    except Exception:
        return


def _step_aside():
    # type: () -> None
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [one for one in sys.path if os.path.abspath(one) != here]
    own = sys.modules.pop("sitecustomize", None)
    try:
        __import__("sitecustomize")
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") not in (None, "sitecustomize"):
            raise
    finally:
        if own is not None:
            sys.modules.setdefault("sitecustomize", own)


_folder = os.environ.get("BUFSPEC_RECORD", "")
if _folder:
    _reason = _begin(
        _folder,
        os.environ.get("BUFSPEC_RECORD_MODULE", ""),
        int(os.environ.get("BUFSPEC_RECORD_MOST", "0") or 0),
        bool(os.environ.get("BUFSPEC_RECORD_STACKS")),
    )
    if _reason:
        _refuse(_folder, _reason)
_step_aside()
