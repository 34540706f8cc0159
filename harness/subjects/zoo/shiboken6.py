"""shiboken6: pointers of C++ with a size.  Tried with 6.10."""

from bufspec.declare import exporter
from shiboken6 import Shiboken

FIVE = b"\x10\x20\x30\x40\x50"

exporter("shiboken6.void_pointer", expect=FIVE)(lambda: Shiboken.VoidPtr(bytearray(FIVE), 5, True))
exporter("shiboken6.void_pointer_over_bytes", expect=FIVE, readonly=True)(lambda: Shiboken.VoidPtr(FIVE, 5))
