"""netCDF4: the image of a data set that was written in memory.  Tried with its current version."""

import netCDF4
from bufspec.declare import exporter


def _closed() -> object:
    data = netCDF4.Dataset("memory.nc", mode="w", memory=1024)
    data.createDimension("x", 3)
    return data.close()


exporter("netCDF4.memory_image")(_closed)
