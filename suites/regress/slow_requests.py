"""A request that takes long is repeated less often: copies of large memory must not become a hang."""

from bufspec.declare import exporter

VERDICTS = {"regress.copies_of_megabytes": {"recommends": []}}
RIGHT = 0


@exporter("regress.copies_of_megabytes")
def copies_of_megabytes() -> object:
    from copies import matrix

    return matrix(RIGHT, 2500, 1000)
