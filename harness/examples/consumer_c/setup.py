from setuptools import Extension, setup

# One wheel for CPython 3.11 and later: since 3.11 the limited API has the buffer protocol.
LIMITED = [("Py_LIMITED_API", "0x030b0000")]

setup(
    ext_modules=[Extension("totals_in_c", ["totals_in_c.c"], define_macros=LIMITED, py_limited_api=True)],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
