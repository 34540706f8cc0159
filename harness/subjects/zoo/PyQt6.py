"""PyQt6: byte arrays, the pixels of images as pointers and arrays of sip.  Tried with 6.12."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from bufspec.declare import exporter
from PyQt6 import sip
from PyQt6.QtCore import QByteArray
from PyQt6.QtGui import QImage

FIVE = b"\x10\x20\x30\x40\x50"
OPERATIONS = {
    "resize": lambda it: it.resize(100_000),
    "append": lambda it: it.append(b"x" * 100_000),
    "clear": lambda it: it.clear(),
    "truncate": lambda it: it.truncate(1),
    "squeeze": lambda it: it.squeeze(),
}


def _bits() -> object:
    image = QImage(4, 3, QImage.Format.Format_ARGB32)
    image.fill(0)
    _kept[:] = [*_kept[-100:], image]
    bits = image.bits()
    bits.setsize(48)
    return bits


_kept: list[QImage] = []

exporter("PyQt6.byte_array", expect=FIVE, operations=OPERATIONS)(lambda: QByteArray(FIVE))
exporter("PyQt6.byte_array_empty", expect=b"", operations=OPERATIONS)(lambda: QByteArray())
exporter("PyQt6.image_bits", expect=bytes(48), discover=False)(_bits)
exporter("PyQt6.image_array", expect=bytes(48), discover=False)(lambda: _bits().asarray(48))  # type: ignore[attr-defined]
exporter("PyQt6.void_pointer_over_bytes", expect=FIVE, readonly=True, discover=False)(
    lambda: sip.voidptr(FIVE, 5, False)
)
exporter("PyQt6.void_pointer_over_bytearray", expect=FIVE, discover=False)(
    lambda: sip.voidptr(bytearray(FIVE), 5, True)
)
