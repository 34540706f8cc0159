"""shapely.  Tried with 2."""

import shapely
from bufspec.declare import consumer

consumer("shapely.points", fits={"shape": (4, 3), "format": "d"})(
    lambda exported: shapely.get_coordinates(shapely.points(exported)).tolist()
)
