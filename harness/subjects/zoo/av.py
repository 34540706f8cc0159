"""PyAV: packets, planes of pictures and sound, side data.  Tried with its current version."""

from collections.abc import Callable

import av
from bufspec.declare import exporter

FIVE = b"\x10\x20\x30\x40\x50"


def _plane(format_: str, number: int) -> Callable[[], object]:
    return lambda: av.VideoFrame(4, 2, format_).planes[number]


exporter("av.packet_copied", expect=FIVE)(lambda: av.Packet(FIVE))
exporter("av.packet_empty", expect=b"")(lambda: av.Packet())
exporter("av.packet_allocated")(lambda: av.Packet(5))
exporter("av.video_plane_yuv")(_plane("yuv420p", 0))
exporter("av.video_plane_chroma")(_plane("yuv420p", 1))
exporter("av.video_plane_rgb")(_plane("rgb24", 0))
exporter("av.audio_plane")(lambda: av.AudioFrame("s16p", "stereo", 8).planes[1])
exporter("av.audio_plane_packed")(lambda: av.AudioFrame("flt", "stereo", 8).planes[0])
