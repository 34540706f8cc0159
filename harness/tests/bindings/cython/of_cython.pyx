# cython: language_level=3, boundscheck=True
# What users of Cython inherit: cython.array and typed memoryviews, as its documentation has them.
from cython.view cimport array as cython_array


def matrix():
    """An array of Cython's own, of two dimensions."""
    cdef cython_array made = cython_array(shape=(2, 3), itemsize=sizeof(int), format="i")
    cdef int[:, ::1] items = made
    for row in range(2):
        for column in range(3):
            items[row, column] = 3 * row + column
    return made


def in_fortran_order():
    cdef cython_array made = cython_array(shape=(2, 3), itemsize=sizeof(int), format="i", mode="fortran")
    cdef int[::1, :] items = made
    for row in range(2):
        for column in range(3):
            items[row, column] = 3 * row + column
    return made


def view_of(memory):
    """The object of a typed memoryview, which exports what it views."""
    cdef int[:, :] view = memory
    return view


def every_second(memory):
    cdef int[:, :] view = memory
    return view[:, ::2]


def total(const unsigned char[:] data):
    cdef unsigned long found = 0
    for one in data:
        found += one
    return found


def as_list(const int[:, :] data):
    return [[data[row, column] for column in range(data.shape[1])] for row in range(data.shape[0])]


def fill(unsigned char[::1] data):
    for number in range(data.shape[0]):
        data[number] = number % 251


def keep(const unsigned char[:] data):
    return data
