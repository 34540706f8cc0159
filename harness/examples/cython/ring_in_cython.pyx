# cython: language_level=3
"""Samples in a buffer that is read backwards: the newest comes first, so the stride is negative."""

from cpython.buffer cimport (
    PyBUF_ANY_CONTIGUOUS,
    PyBUF_C_CONTIGUOUS,
    PyBUF_F_CONTIGUOUS,
    PyBUF_FORMAT,
    PyBUF_ND,
    PyBUF_STRIDES,
    PyBUF_WRITABLE,
)
from libc.stdlib cimport calloc, free

cdef char *FORMAT = b"h"


cdef class Samples:
    """`count` samples of two bytes, read-only for consumers."""

    cdef short *items
    cdef Py_ssize_t shape[1]
    cdef Py_ssize_t strides[1]
    cdef Py_ssize_t exports

    def __cinit__(self, Py_ssize_t count):
        if count < 1:
            raise ValueError("at least one sample")
        self.items = <short *>calloc(count, sizeof(short))
        if self.items == NULL:
            raise MemoryError()
        self.shape[0] = count
        self.strides[0] = -<Py_ssize_t>sizeof(short)
        for number in range(count):
            self.items[number] = <short>number

    def __dealloc__(self):
        free(self.items)

    def clear(self):
        """Drop all samples but one; refused while consumers look at them."""
        if self.exports:
            raise BufferError("cannot clear samples while their memory is exported")
        free(self.items)
        self.items = <short *>calloc(1, sizeof(short))
        if self.items == NULL:
            self.shape[0] = 0
            raise MemoryError()
        self.shape[0] = 1

    # Cython sets view.obj before the call, clears it after an exception, and counts the reference.
    def __getbuffer__(self, Py_buffer *view, int flags):
        cdef bint contiguous = self.shape[0] <= 1
        if flags & PyBUF_WRITABLE:
            raise BufferError("samples are read-only")
        if not contiguous:
            if (flags & PyBUF_STRIDES) != PyBUF_STRIDES:
                raise BufferError("samples lie in reverse order: request strides")
            for order in (PyBUF_C_CONTIGUOUS, PyBUF_F_CONTIGUOUS, PyBUF_ANY_CONTIGUOUS):
                if (flags & order) == order:
                    raise BufferError("samples lie in reverse order: they are not contiguous")
        # The first element is the newest sample, which lies at the end.
        view.buf = &self.items[self.shape[0] - 1]
        view.len = self.shape[0] * <Py_ssize_t>sizeof(short)
        view.itemsize = sizeof(short)
        view.readonly = 1
        view.ndim = 1
        view.format = FORMAT if (flags & PyBUF_FORMAT) == PyBUF_FORMAT else NULL
        view.shape = self.shape if (flags & PyBUF_ND) == PyBUF_ND else NULL
        view.strides = self.strides if (flags & PyBUF_STRIDES) == PyBUF_STRIDES else NULL
        view.suboffsets = NULL
        view.internal = NULL
        view.obj = self
        self.exports += 1

    def __releasebuffer__(self, Py_buffer *view):
        self.exports -= 1
