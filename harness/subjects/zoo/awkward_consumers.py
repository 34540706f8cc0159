"""awkward: arrays over the memory of others.  Tried with 2.14."""

from typing import Any

import awkward
from bufspec.declare import consumer

FORM = {"class": "NumpyArray", "primitive": "uint8", "form_key": "given"}


@consumer("awkward.from_buffers", kind="keeps", returns="none", fits={"nbytes": 24})
def _from_buffers(exported: Any) -> object:
    return awkward.from_buffers(FORM, 24, {"given-data": exported})


@consumer("awkward.from_buffers_read", fits={"nbytes": 24})
def _from_buffers_read(exported: Any) -> object:
    return awkward.from_buffers(FORM, 24, {"given-data": exported}).to_list()
