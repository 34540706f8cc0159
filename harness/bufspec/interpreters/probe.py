"""What is this interpreter?  Also the text of a program that any Python answers, from 2.7 on: it imports
nothing of bufspec, and its syntax is old on purpose.
"""

import json
import os
import platform
import sys
import sysconfig


def facts(with_packages):  # type: (bool) -> dict[str, object]
    """All that decides what is expected of it and which build of the extension it loads, as plain values."""
    return {
        "executable": sys.executable,
        "implementation": platform.python_implementation(),
        "version": platform.python_version(),
        "language": list(sys.version_info[:2]),
        "debug": hasattr(sys, "gettotalrefcount"),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "soabi": str(sysconfig.get_config_var("SOABI") or ""),
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "system": sys.platform,
        "system_platform": sysconfig.get_platform(),
        "platform": platform.platform(),
        "real": os.path.realpath(sys.executable),
        "packages": packages() if with_packages else None,
    }


def packages():  # type: () -> dict[str, str]
    """The versions of the packages that it finds, by name in lower case, and by that of a module which has
    another (PIL of Pillow); empty before Python 3.8."""
    try:
        from importlib import metadata
    except ImportError:
        return {}
    found = {}  # type: dict[str, str]
    for one in metadata.distributions():
        try:
            found.setdefault(one.metadata["Name"].lower().replace("_", "-"), one.version)
        except Exception:  # what is damaged there has no version
            continue
    try:
        of_modules = metadata.packages_distributions()
    except Exception:  # before Python 3.10, or of what is damaged
        return found
    for module, names in of_modules.items():
        version = found.get(names[0].lower().replace("_", "-"))
        if version is not None:
            found.setdefault(module.lower().replace("_", "-"), version)
    return found


if __name__ == "__main__":
    print("bufspec:" + json.dumps(facts(with_packages=True)))
