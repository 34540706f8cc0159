"""What the gate judges."""

from bufspec.declare import exporter
from image_in_pybind11 import Image

exporter("image_in_pybind11.padded", expect=bytes(range(12)))(lambda: Image(3, 4))
exporter("image_in_pybind11.whole_rows", expect=bytes(range(32)))(lambda: Image(2, 16))
