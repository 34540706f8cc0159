"""h3: cells in memory of C, as memoryviews of Cython.  Tried with 4.5."""

import h3.api.memview_int as h3
from bufspec.declare import exporter


def _disk() -> object:
    return h3.grid_disk(h3.latlng_to_cell(0, 0, 5), 1)


exporter("h3.disk")(_disk)
exporter("h3.children")(lambda: h3.cell_to_children(h3.latlng_to_cell(0, 0, 5), 6))
