"""PyMuPDF: the samples of a picture.  Tried with its current version."""

import pymupdf
from bufspec.declare import exporter


def _picture() -> pymupdf.Pixmap:
    picture = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 4, 3))
    picture.clear_with(7)
    return picture


_kept: list[pymupdf.Pixmap] = []


def _samples() -> object:
    picture = _picture()
    _kept[:] = [picture]
    return picture.samples_mv


exporter("pymupdf.samples")(_samples)
