"""ml_dtypes: scalars of types that machine learning uses.  Tried with its current version."""

from functools import partial

import ml_dtypes
from bufspec.declare import exporter

for _name in ("bfloat16", "float8_e4m3fn", "float8_e5m2", "int4", "uint4"):
    exporter(f"ml_dtypes.{_name}")(partial(getattr(ml_dtypes, _name), 1))
