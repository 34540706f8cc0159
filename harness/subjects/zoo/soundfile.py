"""soundfile: the frames of a file in memory of cffi.  Tried with its current version."""

import io

import soundfile
from bufspec.declare import exporter


def _frames() -> object:
    written = io.BytesIO()
    soundfile.write(written, [[0.5, 0.25], [0.0, -0.5]], 8000, format="WAV")
    written.seek(0)
    return soundfile.SoundFile(written).buffer_read(dtype="float32")


exporter("soundfile.frames")(_frames)
