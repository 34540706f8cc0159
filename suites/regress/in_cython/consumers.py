"""Each kind of consumer that was once judged wrongly, as Cython makes it.

Its typed memoryviews release the struct of a refused request (`consumer.hardening.failed_obj`, recommended).
"""

import cython_consumers as of
from bufspec.declare import consumer

VERDICTS = {
    "regress.segment": {"recommends": ["consumer.data.memory_order"]},
    "regress.segment_on_purpose": {"recommends": []},
    "regress.members": {"recommends": []},
    "regress.curve_unsaid": {"undecided": "refused all"},
    "regress.curve": {"breaks": ["consumer.hold.while_used"], "dies": True},
    "regress.curve_held": {"recommends": []},
    "regress.two_arguments": {"undecided": "TypeError"},
    "regress.import_error": {"undecided": "ModuleNotFoundError"},
    "regress.sum_of_bytes": {"recommends": ["consumer.hardening.failed_obj"]},
    "regress.sum_of_a_row": {
        "breaks": ["consumer.data.elements_right", "consumer.data.linear_if_contiguous"],
        "dies": True,
    },
    "regress.number_of_items": {"breaks": ["consumer.data.elements_right"], "recommends": []},
    "regress.checksum": {"undecided": "two calls with the same plain memory gave different results"},
    "regress.fresh_checksum": {"recommends": ["consumer.hardening.failed_obj"]},
}
CURVE = {"shape": (17,), "format": "d"}

consumer("regress.segment", returns="bytes")(of.segment)
consumer("regress.segment_on_purpose", returns="bytes", order="memory")(of.segment)
consumer("regress.members", returns="bytes")(of.first_members)
consumer("regress.curve_unsaid", returns="bytes")(lambda one: of.curve(one, False))
consumer("regress.curve", returns="bytes", fits=CURVE)(lambda one: of.curve(one, False))
consumer("regress.curve_held", returns="bytes", fits=CURVE)(lambda one: of.curve(one, True))
consumer("regress.two_arguments")(of.two_arguments)
consumer("regress.import_error")(of.import_error)
consumer("regress.sum_of_bytes")(of.sum_of_bytes)
consumer("regress.sum_of_a_row")(of.sum_of_a_row)
consumer("regress.number_of_items")(of.number_of_items)
consumer("regress.checksum")(of.Checksum().update)
consumer("regress.fresh_checksum")(consumer.fresh(lambda: of.Checksum().update))
