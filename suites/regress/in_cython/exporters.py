"""Each kind of exporter that was once judged wrongly, as Cython makes it."""

import struct
from typing import Any

import cython_exporters as of
from bufspec.declare import exporter

COPIES = struct.pack("12d", *(1.5 * (3 * column + row) for row in range(3) for column in range(4)))
VERDICTS = {
    "regress.copies": {"recommends": []},
    "regress.copies_of_what_is_declared": {"recommends": []},
    "regress.copies_in_the_wrong_order": {"breaks": ["field.strides.elements_right"]},
    "regress.grow_50": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_70000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.grow_3000000": {"breaks": ["lifetime.export.memory_valid"]},
    "regress.refuses_to_grow": {"recommends": []},
    "regress.image": {"recommends": []},
    "regress.image.leaks": {"breaks": ["error.refusal.nothing_kept", "lifetime.release.references_restored"]},
    "regress.image.keeps_count": {},
    "regress.no_exporter": {"undecided": "exports no buffer"},
    "regress.never": {"undecided": "refused all"},
    "regress.transposed": {"breaks": ["field.strides.elements_right"]},
    "regress.not_transposed": {"recommends": []},
}


def grow(samples: Any) -> None:
    samples.grow()


exporter("regress.copies")(lambda: of.Columns(5, 2))
exporter("regress.copies_of_what_is_declared", expect=COPIES)(lambda: of.Columns(3, 4))
exporter("regress.copies_in_the_wrong_order")(lambda: of.Columns(3, 4, True))
for _count in (25, 35_000, 1_500_000):
    exporter(f"regress.grow_{2 * _count}", operations={"grow": grow}, discover=False)(
        lambda count=_count: of.Samples(count)
    )
exporter("regress.refuses_to_grow", operations={"grow": grow})(lambda: of.Samples(40, True))
exporter("regress.image", views={"leaks": of.Image.leaks, "keeps_count": of.Image.keeps_count})(of.Image)
exporter("regress.no_exporter")(of.NoExporter)
exporter("regress.never")(of.Never)
exporter("regress.transposed", expect=struct.pack("20l", *range(20)))(of.Transposed)
exporter("regress.not_transposed", expect=struct.pack("20l", *range(20)))(lambda: of.Transposed(True))
