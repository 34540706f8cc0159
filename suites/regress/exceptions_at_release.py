"""A release that sets an exception, or loses the one that is set, is seen; one that restores it is right."""

from bufspec.declare import exporter

VERDICTS = {
    "regress.quiet_release": {"recommends": []},
    "regress.release_sets_an_exception": {"recommends": ["error.release.indicator_kept"]},
    "regress.release_clears_the_exception": {"recommends": ["error.release.indicator_kept"]},
    "regress.release_replaces_the_exception": {"recommends": ["error.release.indicator_kept"]},
    "regress.release_saves_the_exception": {"recommends": []},
}


def _declare(name: str, kind: int) -> None:
    def make() -> object:
        from releases import releasing

        return releasing(kind)

    exporter(f"regress.{name}")(make)


for number, declared in enumerate(VERDICTS):
    _declare(declared.partition(".")[2], number)
