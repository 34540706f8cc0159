"""What the gate judges."""

from bufspec.declare import BYTES_LIKE, consumer
from totals_in_c import sum_of_bytes, sum_of_doubles

consumer("totals_in_c.sum_of_bytes", accepts=BYTES_LIKE)(sum_of_bytes)
consumer("totals_in_c.sum_of_doubles", fits={"format": "d"})(sum_of_doubles)
