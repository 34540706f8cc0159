"""SimpleITK: what an image shows of its pixels, through SWIG.  Tried with 2.5."""

import SimpleITK
from bufspec.declare import exporter

_kept: list[object] = []


def _shown(kind: int) -> object:
    image = SimpleITK.Image([4, 3], kind)
    _kept[:] = [*_kept[-100:], image]
    return SimpleITK.GetArrayViewFromImage(image)


exporter("SimpleITK.array_view", expect=bytes(24))(lambda: _shown(SimpleITK.sitkInt16))
exporter("SimpleITK.array_view_float", expect=bytes(48))(lambda: _shown(SimpleITK.sitkFloat32))
