"""What do the tables hold, as JSON?  Run at the build; bufspec.files.parsed reads what it writes.

Usage: parse_tables.py SPEC OUT.  A file of OUT is named by the SHA-256 of the text that it was parsed from,
so whoever reads a table knows whether it is the same text.  Without PyYAML it writes nothing, and each run
parses the tables itself.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any


def main(spec: Path, out: Path) -> None:
    """Parse every table of `spec`; what JSON cannot keep as it is, is left to YAML."""
    shutil.rmtree(out, ignore_errors=True)
    try:
        import yaml
    except ImportError:
        print("parse_tables.py: no PyYAML here, so the tables are parsed by each run")
        return
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    out.mkdir(parents=True)
    for table in sorted(spec.rglob("*.yaml")):
        text = table.read_bytes()
        tree: Any = yaml.load(text, loader)
        as_json = json.dumps(tree, ensure_ascii=False, separators=(",", ":"), default=repr)
        if json.loads(as_json) == tree:
            (out / f"{hashlib.sha256(text).hexdigest()}.json").write_text(as_json, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
