from setuptools import Extension, setup

setup(ext_modules=[Extension("ring_in_cython", ["ring_in_cython.pyx"])])
