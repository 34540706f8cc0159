"""skia-python: bitmaps, pixmaps, images and data, through pybind11.  Tried with its current version."""

import skia
from bufspec.declare import exporter

INFO = skia.ImageInfo.MakeN32Premul(4, 3)
FIVE = b"\x10\x20\x30\x40\x50"


def _bitmap() -> skia.Bitmap:
    bitmap = skia.Bitmap()
    bitmap.allocPixels(INFO)
    bitmap.erase(0, skia.IRect.MakeWH(4, 3))
    return bitmap


def _image() -> skia.Image:
    return skia.Image.MakeRasterData(INFO, skia.Data.MakeWithCopy(bytes(range(48))), 16)


_memory: list[object] = []


def _kept(memory: bytes | bytearray) -> bytes | bytearray:
    """Memory that lives on, for a pixmap is documented not to own its own."""
    _memory[:] = [*_memory[-100:], memory]
    return memory


BITMAP = {
    "alloc": lambda it: it.allocPixels(skia.ImageInfo.MakeN32Premul(400, 300)),
    "reset": lambda it: it.reset(),
}

exporter("skia.bitmap", expect=bytes(48), operations=BITMAP, discover=False)(_bitmap)
exporter("skia.pixmap", expect=bytes(range(48)), discover=False)(
    lambda: skia.Pixmap(INFO, _kept(bytearray(range(48))), 16)
)
exporter("skia.pixmap_over_bytes", expect=bytes(range(48)), readonly=True, discover=False)(
    lambda: skia.Pixmap(INFO, _kept(bytes(range(48))), 16)
)
exporter("skia.data", expect=FIVE)(lambda: skia.Data.MakeWithCopy(FIVE))
exporter("skia.data_not_copied", expect=FIVE, readonly=True)(lambda: skia.Data.MakeWithoutCopy(FIVE))
exporter("skia.image", expect=bytes(range(48)))(_image)
