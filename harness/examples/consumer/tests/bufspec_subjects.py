"""What the gate judges."""

from bufspec.declare import consumer
from checksums_in_python import adler, fill

consumer("checksums_in_python.adler", accepts=("contiguous", "strided", "several_dims", "readonly"))(adler)
consumer("checksums_in_python.fill", kind="fills")(fill)
