"""PyAV: packets over memory of others, planes that copy it.  Tried with 18.1."""

from typing import Any

import av
from bufspec.declare import consumer


@consumer("av.packet", kind="keeps", returns="bytes")
def _packet(exported: Any) -> object:
    return av.Packet(exported)


@consumer("av.packet_update", returns="bytes", fits={"nbytes": 24})
def _packet_update(exported: Any) -> object:
    made = av.Packet(24)
    made.update(exported)
    return made


@consumer("av.plane_update", fits={"nbytes": 96})
def _plane_update(exported: Any) -> object:
    made = av.VideoFrame(4, 6, "gray").planes[0]
    made.update(exported)
    return bytes(made)


@consumer("av.codec_extradata")
def _codec_extradata(exported: Any) -> object:
    made = av.CodecContext.create("h264", "r")
    made.extradata = exported
    return made.extradata


@consumer("av.parse")
def _parse(exported: Any) -> object:
    made = av.CodecContext.create("mjpeg", "r")
    return [bytes(one) for one in made.parse(exported)]
