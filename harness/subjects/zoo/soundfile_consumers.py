"""soundfile: samples that are written from, and read into, memory of others.  Tried with 0.14."""

import io
from typing import Any

import soundfile
from bufspec.declare import consumer


def _wav(samples: bytes) -> io.BytesIO:
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 8000, 1, "PCM_16", format="WAV") as opened:
        opened.buffer_write(samples, "int16")
    file.seek(0)
    return file


@consumer("soundfile.buffer_write", returns="bytes", fits={"nbytes": 24})
def _buffer_write(exported: Any) -> object:
    with soundfile.SoundFile(_wav(exported)) as opened:
        return bytes(opened.buffer_read(dtype="int16"))


@consumer("soundfile.buffer_read_into", kind="fills", fits={"nbytes": 24})
def _buffer_read_into(exported: Any) -> object:
    with soundfile.SoundFile(_wav(bytes(range(24)))) as opened:
        return opened.buffer_read_into(exported, "int16")
