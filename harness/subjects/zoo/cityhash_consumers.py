"""cityhash.  Tried with 0.4."""

import cityhash
from bufspec.declare import consumer

for _name in ("CityHash32", "CityHash64", "CityHash128"):
    consumer(f"cityhash.{_name}")(getattr(cityhash, _name))
