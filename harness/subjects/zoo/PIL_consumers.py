"""Pillow: images over memory of others, or copied from it.  Tried with 13."""

from typing import Any

from bufspec.declare import consumer
from PIL import Image

SIZE = (4, 6)
"""24 bytes, with one for each pixel."""

consumer("PIL.frombytes", returns="bytes", fits={"nbytes": 24})(
    lambda exported: Image.frombytes("L", SIZE, exported).tobytes()
)
consumer("PIL.frombytes_rgb", returns="bytes", fits={"nbytes": 24})(
    lambda exported: Image.frombytes("RGB", (2, 4), exported).tobytes()
)
consumer("PIL.frombuffer_copied", returns="bytes", fits={"nbytes": 24})(
    lambda exported: Image.frombuffer("RGB", (2, 4), exported, "raw", "RGB", 0, 1).tobytes()
)


@consumer("PIL.frombuffer", kind="keeps", returns="none", fits={"nbytes": 24})
def _frombuffer(exported: Any) -> object:
    return Image.frombuffer("L", SIZE, exported, "raw", "L", 0, 1)


@consumer("PIL.frombuffer_read", fits={"nbytes": 24})
def _frombuffer_read(exported: Any) -> object:
    return Image.frombuffer("L", SIZE, exported, "raw", "L", 0, 1).tobytes()


@consumer("PIL.frombuffer_rgba_read", fits={"nbytes": 96})
def _frombuffer_rgba_read(exported: Any) -> object:
    return Image.frombuffer("RGBA", SIZE, exported, "raw", "RGBA", 0, 1).tobytes()


@consumer("PIL.frombytes_of_image", fits={"nbytes": 24})
def _image_frombytes_method(exported: Any) -> object:
    made = Image.new("L", SIZE)
    made.frombytes(exported)
    return made.tobytes()
