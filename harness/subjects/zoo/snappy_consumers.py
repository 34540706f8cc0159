"""python-snappy.  Tried with 0.7."""

import snappy
from bufspec.declare import consumer

consumer("snappy.compress")(snappy.compress)
consumer("snappy.uncompress", refuses=(snappy.UncompressError,))(snappy.uncompress)
consumer("snappy.is_valid")(snappy.isValidCompressed)
