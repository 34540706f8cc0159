"""PyAV: packets, planes of pictures and sound, side data.  Tried with its current version."""

from collections.abc import Callable

import av
from bufspec.declare import exporter

FIVE = b"\x10\x20\x30\x40\x50"


def _filled(frame: av.VideoFrame | av.AudioFrame, number: int) -> object:
    """A plane with contents of ours: one that was only allocated shows whatever was there."""
    plane = frame.planes[number]
    plane.update(bytes(range(plane.buffer_size)))
    return plane


def _picture(format_: str, number: int) -> Callable[[], object]:
    return lambda: _filled(av.VideoFrame(4, 2, format_), number)


def _allocated() -> object:
    packet = av.Packet(len(FIVE))
    packet.update(FIVE)
    return packet


exporter("av.packet_copied", expect=FIVE)(lambda: av.Packet(FIVE))
exporter("av.packet_empty", expect=b"")(lambda: av.Packet())
exporter("av.packet_allocated", expect=FIVE)(_allocated)
exporter("av.video_plane_yuv", expect=bytes(range(32)))(_picture("yuv420p", 0))
exporter("av.video_plane_chroma", expect=bytes(range(16)))(_picture("yuv420p", 1))
exporter("av.video_plane_rgb", expect=bytes(range(96)))(_picture("rgb24", 0))
exporter("av.audio_plane", expect=bytes(range(16)))(lambda: _filled(av.AudioFrame("s16p", "stereo", 8), 1))
exporter("av.audio_plane_packed", expect=bytes(range(64)))(
    lambda: _filled(av.AudioFrame("flt", "stereo", 8), 0)
)
