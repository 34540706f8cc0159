"""OpenCV: its Mat, an array with channels, and what its functions return.  Tried with its current version."""

import cv2
import numpy as np
from bufspec.declare import exporter

OPERATIONS = {"resize": lambda it: it.resize((1000,))}


def _picture() -> np.ndarray:
    return np.arange(36, dtype=np.uint8).reshape(3, 4, 3).copy()


exporter("cv2.mat", expect=bytes(range(36)), operations=OPERATIONS)(lambda: cv2.Mat(_picture()))
exporter("cv2.split", operations=OPERATIONS)(lambda: cv2.split(_picture())[1])
exporter("cv2.encoded", operations=OPERATIONS)(lambda: cv2.imencode(".bmp", _picture())[1])
exporter("cv2.filtered", operations=OPERATIONS)(lambda: cv2.GaussianBlur(_picture(), (3, 3), 0))
