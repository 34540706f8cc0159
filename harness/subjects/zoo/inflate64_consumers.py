"""inflate64: Deflate64, of ZIP.  Tried with 1."""

import inflate64
from bufspec.declare import consumer

consumer("inflate64.deflater")(lambda exported: [(it := inflate64.Deflater()).deflate(exported), it.flush()])
consumer("inflate64.inflater", refuses=(ValueError,))(lambda exported: inflate64.Inflater().inflate(exported))
