"""pygame-ce: surfaces and sounds of memory of others.  Tried with 2.5."""

from typing import Any

import pygame
from bufspec.declare import consumer


@consumer("pygame.image_frombuffer", kind="keeps", returns="none", fits={"nbytes": 96})
def _image_frombuffer(exported: Any) -> object:
    return pygame.image.frombuffer(exported, (4, 6), "RGBA")


@consumer("pygame.image_frombuffer_read", fits={"nbytes": 96})
def _image_frombuffer_read(exported: Any) -> object:
    return pygame.image.tobytes(pygame.image.frombuffer(exported, (4, 6), "RGBA"), "RGBA")


@consumer("pygame.buffer_proxy_raw", returns="bytes", order="memory")
def _buffer_proxy_raw(exported: Any) -> object:
    return pygame.BufferProxy(exported).raw


@consumer("pygame.buffer_proxy_write", kind="fills", order="memory", fits={"nbytes": 24})
def _buffer_proxy_write(exported: Any) -> None:
    pygame.BufferProxy(exported).write(bytes(range(24)), 0)


@consumer("pygame.surface_to_array", kind="fills", fits={"shape": (4, 6), "format": "i"})
def _surface_to_array(exported: Any) -> None:
    made = pygame.Surface((4, 6), depth=32)
    made.fill((1, 2, 3))
    made.set_at((1, 2), (9, 8, 7))
    pygame.pixelcopy.surface_to_array(exported, made)
