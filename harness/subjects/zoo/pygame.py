"""pygame-ce: colours, sounds, masks, pixel arrays, what surfaces show of their pixels.  Tried with 2.5."""

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame
from bufspec.declare import Layout, exporter

SIZE = (4, 3)


def _surface(depth: int = 32) -> pygame.Surface:
    surface = pygame.Surface(SIZE, 0, depth)
    for x in range(SIZE[0]):
        for y in range(SIZE[1]):
            surface.set_at((x, y), (x, y, x + y))
    return surface


def _mask() -> pygame.Mask:
    mask = pygame.Mask(SIZE)
    mask.set_at((1, 2))
    return mask


def _sound() -> pygame.mixer.Sound:
    if not pygame.mixer.get_init():
        pygame.mixer.init(44100, -16, 2)
    return pygame.mixer.Sound(buffer=bytes(range(24)))


def _proxy_of(layout: Layout) -> object:
    """What the proxy of an array interface shows: native items of plain types, any strides."""
    kind = {
        "b": "i",
        "B": "u",
        "h": "i",
        "H": "u",
        "i": "i",
        "I": "u",
        "q": "i",
        "Q": "u",
        "f": "f",
        "d": "f",
    }
    if layout.suboffsets is not None or layout.format not in kind or not layout.ndim or not layout.memory:
        return NotImplemented
    import ctypes

    block = ctypes.create_string_buffer(layout.memory, len(layout.memory))
    typestr = ("|" if layout.itemsize == 1 else "<") + kind[layout.format] + str(layout.itemsize)
    interface = {
        "version": 3,
        "shape": layout.shape,
        "strides": layout.strides or layout.c_strides,
        "typestr": typestr,
        "data": (ctypes.addressof(block) + layout.offset, layout.readonly),
        "parent": block,
    }
    return pygame.BufferProxy(interface)


def _of_view(kind: str, depth: int = 32) -> Callable[[], object]:
    return lambda: _surface(depth).get_view(kind)


def _interface() -> object:
    import ctypes

    block = ctypes.create_string_buffer(bytes(range(12)), 12)
    return pygame.BufferProxy(
        {
            "version": 3,
            "shape": (3, 4),
            "typestr": "|u1",
            "data": (ctypes.addressof(block), False),
            "parent": block,
        }
    )


SET_LENGTH: dict[str, Callable[[Any], object]] = {
    "set_length": lambda it: it.set_length(3),
    "update": lambda it: it.update(9, 8, 7, 6),
}

exporter("pygame.color", expect=bytes((1, 2, 3, 4)), operations=SET_LENGTH)(lambda: pygame.Color(1, 2, 3, 4))
exporter("pygame.mask")(_mask)
exporter("pygame.sound", expect=bytes(range(24)))(_sound)
exporter("pygame.pixel_array", operations={"close": lambda it: it.close()})(
    lambda: pygame.PixelArray(_surface())
)
exporter("pygame.pixel_array_sliced")(lambda: pygame.PixelArray(_surface())[::2, ::-1])
exporter("pygame.buffer_proxy", build=_proxy_of, expect=bytes(range(12)))(_interface)
for _kind in "0123rgba":
    exporter(f"pygame.view_{_kind}")(
        _of_view(_kind, 32) if _kind != "a" else lambda: pygame.Surface(SIZE, pygame.SRCALPHA).get_view("a")
    )
exporter("pygame.view_2_of_24_bits")(_of_view("2", 24))
exporter("pygame.view_2_of_8_bits")(_of_view("2", 8))
exporter("pygame.get_buffer")(lambda: _surface().get_buffer())
exporter("pygame.get_buffer_of_subsurface")(lambda: _surface().subsurface((1, 1, 2, 2)).get_buffer())
