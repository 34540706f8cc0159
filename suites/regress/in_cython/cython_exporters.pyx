# cython: language_level=3
"""Exporters of each kind, as Cython makes them: other sizes and types than those in C and ctypes."""

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS,
    PyBUF_FORMAT,
    PyBUF_F_CONTIGUOUS,
    PyBUF_ND,
    PyBUF_STRIDES,
    PyBUF_WRITABLE,
    PyBuffer_FillInfo,
)
from cpython.ref cimport Py_INCREF
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset


cdef class Columns:
    """Doubles in Fortran order.  Who asks for C order gets a read-only copy in that order, each its own block."""

    cdef double *cells
    cdef Py_ssize_t shape[2]
    cdef Py_ssize_t own_strides[2]
    cdef Py_ssize_t copy_strides[2]
    cdef bint is_wrong

    def __cinit__(self, Py_ssize_t rows, Py_ssize_t columns, bint is_wrong=False):
        self.cells = <double *>malloc(rows * columns * sizeof(double))
        for i in range(rows * columns):
            self.cells[i] = i * 1.5
        self.shape[0], self.shape[1] = rows, columns
        self.own_strides[0], self.own_strides[1] = sizeof(double), rows * sizeof(double)
        self.copy_strides[0], self.copy_strides[1] = columns * sizeof(double), sizeof(double)
        self.is_wrong = is_wrong

    def __dealloc__(self):
        free(self.cells)

    def __getbuffer__(self, Py_buffer *view, int flags):
        cdef bint c_order = (flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS
        cdef bint f_order = (flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS
        cdef double *copy
        cdef Py_ssize_t rows = self.shape[0], columns = self.shape[1]
        if (flags & PyBUF_STRIDES) != PyBUF_STRIDES or (c_order and (f_order or flags & PyBUF_WRITABLE)):
            raise BufferError("these doubles are in Fortran order")
        view.internal = NULL
        view.buf = self.cells
        view.strides = self.own_strides
        view.readonly = 0
        if c_order:
            copy = <double *>malloc(rows * columns * sizeof(double))
            if self.is_wrong:
                memcpy(copy, self.cells, rows * columns * sizeof(double))
            else:
                for i in range(rows):
                    for j in range(columns):
                        copy[i * columns + j] = self.cells[j * rows + i]
            view.buf = view.internal = copy
            view.strides = self.copy_strides
            view.readonly = 1
        view.obj = self
        view.len = rows * columns * sizeof(double)
        view.itemsize = sizeof(double)
        view.ndim = 2
        view.format = NULL
        if flags & PyBUF_FORMAT:
            view.format = "d"
        view.shape = self.shape
        view.suboffsets = NULL

    def __releasebuffer__(self, Py_buffer *view):
        free(view.internal)


cdef class Samples:
    """Shorts that move when they grow; `counts` says whether exports are counted, so that it is refused then."""

    cdef short *values
    cdef Py_ssize_t count
    cdef int exports
    cdef bint counts

    def __cinit__(self, Py_ssize_t count, bint counts=False):
        self.values = <short *>malloc(count * sizeof(short))
        memset(self.values, 3, count * sizeof(short))
        self.count = count
        self.counts = counts

    def __dealloc__(self):
        free(self.values)

    def grow(self):
        if self.counts and self.exports:
            raise BufferError("exported")
        cdef short *moved = <short *>malloc(2 * self.count * sizeof(short))
        memset(moved, 4, 2 * self.count * sizeof(short))
        free(self.values)
        self.values = moved
        self.count *= 2

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, self.values, self.count * sizeof(short), 0, flags)
        self.exports += 1

    def __releasebuffer__(self, Py_buffer *view):
        self.exports -= 1


cdef class Image:
    """Pixels with a method that makes views; `leaks` takes a reference to the image each time."""

    cdef unsigned char pixels[300]

    def leaks(self):
        Py_INCREF(self)
        return memoryview(self)

    def keeps_count(self):
        return memoryview(self)

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, self.pixels, sizeof(self.pixels), 0, flags)


cdef class NoExporter:
    """A type that has lost its __getbuffer__."""


cdef class Never:
    """It refuses every request."""

    def __getbuffer__(self, Py_buffer *view, int flags):
        raise BufferError("not now")


cdef class Transposed:
    """A matrix of longs whose rows and columns are exchanged in its strides, or not."""

    cdef long cells[20]
    cdef Py_ssize_t shape[2]
    cdef Py_ssize_t strides[2]

    def __cinit__(self, bint is_right=False):
        for i in range(20):
            self.cells[i] = i
        self.shape[0], self.shape[1] = 4, 5
        self.strides[0], self.strides[1] = 5 * sizeof(long), sizeof(long)
        if not is_right:
            self.strides[0], self.strides[1] = sizeof(long), 4 * sizeof(long)

    def __getbuffer__(self, Py_buffer *view, int flags):
        cdef bint in_c_order = self.strides[1] == sizeof(long)
        wanted = PyBUF_F_CONTIGUOUS if in_c_order else PyBUF_C_CONTIGUOUS
        cdef bint needs_c = (flags & PyBUF_STRIDES) != PyBUF_STRIDES
        if (flags & wanted) == wanted or (needs_c and not in_c_order):
            raise BufferError("in the other order")
        view.buf = self.cells
        view.obj = self
        view.len = sizeof(self.cells)
        view.itemsize = sizeof(long)
        view.readonly = 0
        view.ndim = 2
        view.format = NULL
        if flags & PyBUF_FORMAT:
            view.format = "l"
        view.shape = NULL
        view.strides = NULL
        if flags & PyBUF_ND:
            view.shape = self.shape
        else:
            view.ndim = 1
        if (flags & PyBUF_STRIDES) == PyBUF_STRIDES:
            view.strides = self.strides
        view.suboffsets = NULL
        view.internal = NULL
