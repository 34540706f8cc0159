"""VTK: arrays of numbers with components.  Tried with 9.7."""

from functools import partial
from typing import Any

from bufspec.declare import exporter
from vtkmodules import vtkCommonCore


def _array(name: str, components: int) -> Any:
    array = getattr(vtkCommonCore, name)()
    array.SetNumberOfComponents(components)
    array.SetNumberOfTuples(4)
    array.Fill(3)
    return array


OPERATIONS = {
    "resize": lambda it: it.Resize(100_000),
    "set_number": lambda it: it.SetNumberOfTuples(100_000),
    "initialize": lambda it: it.Initialize(),
    "insert": lambda it: it.InsertNextTuple1(7) if it.GetNumberOfComponents() == 1 else None,
    "squeeze": lambda it: it.Squeeze(),
}

for _name, _components in {
    "vtkFloatArray": 1,
    "vtkDoubleArray": 3,
    "vtkIntArray": 2,
    "vtkUnsignedCharArray": 4,
    "vtkIdTypeArray": 1,
    "vtkLongArray": 2,
    "vtkCharArray": 1,
    "vtkBitArray": 1,
}.items():
    exporter(f"vtkmodules.{_name}", operations=OPERATIONS, discover=False)(
        partial(_array, _name, _components)
    )
exporter("vtkmodules.empty", operations=OPERATIONS, discover=False)(lambda: vtkCommonCore.vtkFloatArray())
