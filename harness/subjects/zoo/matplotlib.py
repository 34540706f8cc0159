"""Matplotlib: the canvas of its renderer, and pictures of text.  Tried with 3.11."""

import warnings

import matplotlib
from bufspec.declare import exporter
from matplotlib import ft2font
from matplotlib.backends.backend_agg import RendererAgg

matplotlib.use("agg")


def _text() -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ft2font.FT2Image(4, 3)


exporter("matplotlib.renderer", discover=False)(lambda: RendererAgg(4, 3, 72)._renderer)
exporter("matplotlib.buffer_rgba")(lambda: RendererAgg(4, 3, 72).buffer_rgba())
exporter("matplotlib.text_image", expect=bytes(12), discover=False)(_text)
