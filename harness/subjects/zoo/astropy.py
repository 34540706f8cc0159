"""astropy: quantities with units, columns of tables, records of FITS.  Tried with its current version."""

import astropy.units
import numpy as np
from astropy.io import fits
from astropy.table import Column, MaskedColumn
from bufspec.declare import exporter


def _records() -> object:
    columns = [
        fits.Column(name="a", format="J", array=np.array([1, 2, 3])),
        fits.Column(name="b", format="D", array=np.array([1.0, 2.0, 3.0])),
    ]
    return fits.FITS_rec.from_columns(columns)


exporter("astropy.quantity", expect=np.arange(6.0).tobytes())(
    lambda: np.arange(6.0).reshape(2, 3) * astropy.units.m
)
exporter("astropy.column", expect=np.arange(3).tobytes())(lambda: Column(np.arange(3)))
exporter("astropy.masked_column")(lambda: MaskedColumn(np.arange(3), mask=[0, 1, 0]))
exporter("astropy.fits_records")(_records)
