"""PySide6: byte arrays, the pixels of images, pointers.  Tried with 6.10."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from bufspec.declare import exporter
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QImage

FIVE = b"\x10\x20\x30\x40\x50"
OPERATIONS = {
    "resize": lambda it: it.resize(100_000),
    "append": lambda it: it.append(b"x" * 100_000),
    "clear": lambda it: it.clear(),
    "truncate": lambda it: it.truncate(1),
    "squeeze": lambda it: it.squeeze(),
}


def _image() -> QImage:
    image = QImage(4, 3, QImage.Format.Format_ARGB32)
    image.fill(0)
    return image


exporter("PySide6.byte_array", expect=FIVE, operations=OPERATIONS)(lambda: QByteArray(FIVE))
exporter("PySide6.byte_array_empty", expect=b"", operations=OPERATIONS)(lambda: QByteArray())
exporter("PySide6.image_bits", expect=bytes(48))(lambda: _image().bits())
exporter("PySide6.image_const_bits", expect=bytes(48), readonly=True)(lambda: _image().constBits())
