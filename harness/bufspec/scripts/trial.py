"""Does a script show the break that it is written for?  It is run before it is handed over."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bufspec.errors import StandaloneError
from bufspec.interpreters.judged import judged

SECONDS = 120.0
"""How long a script may take: one that repeats a request 100,000 times takes some."""
BROKEN = "broken: "
"""What a script prints as it ends with 1; see VERDICT in pieces.py."""


def first_that_shows(scripts: Iterable[str]) -> str:
    """The first of these texts that shows the break; raises StandaloneError, of the last, if none does."""
    refusal: StandaloneError | None = None
    for script in scripts:
        try:
            refuse_unless_it_shows(script)
        except StandaloneError as error:
            refusal = error
            continue
        return script
    assert refusal is not None, "there is a text to try"
    raise refusal


def refuse_unless_it_shows(script: str) -> None:
    """Run the text of a script as its reader would; raises StandaloneError if it does not show the break."""
    with tempfile.TemporaryDirectory(prefix="bufspec-script-") as folder:
        file = Path(folder) / "script.py"
        file.write_text(script, encoding="utf-8")
        # Modules of the current directory are found, as they are beside a script that lies there.
        paths = os.pathsep.join(filter(None, [os.getcwd(), os.environ.get("PYTHONPATH")]))
        try:
            done = subprocess.run(
                [*judged().command, str(file)],
                env=judged().environment(PYTHONPATH=paths),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _error(f"it did not end within {SECONDS:.0f} s") from None
    printed = done.stdout.decode(errors="replace")
    if done.returncode == 1 and BROKEN in printed:
        return
    last = (done.stderr.decode(errors="replace").strip() or printed.strip() or "nothing").splitlines()[-1]
    ended = f"ended with {done.returncode}" if done.returncode >= 0 else f"died of signal {-done.returncode}"
    raise _error(f"it {ended} and printed {last!r}")


def _error(found: str) -> StandaloneError:
    return StandaloneError(
        f"the script that was made does not show the break: {found}",
        where="bufspec replay --standalone",
        hint="the replay without --standalone shows the break with all that was seen",
    )
