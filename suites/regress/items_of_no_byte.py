"""Items of no byte: to PyBuffer_IsContiguous they lie in every order, and whoever asks it is right."""

from bufspec.declare import exporter

VERDICTS = {
    "regress.items_of_no_byte": {},
    "regress.items_of_no_byte_with_strides": {},
}


def _declare(name: str, strides: list[int]) -> None:
    @exporter(f"regress.{name}")
    def _make() -> object:
        import views

        return views.view(b"12345678", "0s", 0, [2, 3], strides)


_declare("items_of_no_byte", [0, 0])
_declare("items_of_no_byte_with_strides", [3, 1])
