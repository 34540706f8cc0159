# cython: language_level=3
"""Consumers of each kind, as Cython makes them: of raw buffers, and of typed memoryviews."""

from cpython.buffer cimport (
    PyBUF_ANY_CONTIGUOUS,
    PyBUF_C_CONTIGUOUS,
    PyBUF_FORMAT,
    PyBUF_FULL_RO,
    PyBuffer_Release,
    PyObject_GetBuffer,
)


def segment(exported):
    """The segment as it lies, in whichever order."""
    cdef Py_buffer view
    PyObject_GetBuffer(exported, &view, PyBUF_ANY_CONTIGUOUS)
    found = (<char *>view.buf)[:view.len]
    PyBuffer_Release(&view)
    return found


def first_members(exported):
    """A copy of structures `bi`: every member, and nothing of the padding between them."""
    cdef Py_buffer view
    cdef char *one
    cdef Py_ssize_t i
    PyObject_GetBuffer(exported, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)
    try:
        if view.format == NULL or view.format[:2] != b"bi" or view.itemsize != 8:
            return (<char *>view.buf)[:view.len]
        parts = []
        for i in range(view.len // 8):
            one = (<char *>view.buf) + 8 * i
            parts.append(one[:1] + b"\xa7\xa7\xa7" + one[4:8])
        return b"".join(parts)
    finally:
        PyBuffer_Release(&view)


def curve(exported, bint holds):
    """Exactly 17 doubles; read after the release unless the view is held as long."""
    cdef Py_buffer view
    PyObject_GetBuffer(exported, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)
    cdef char *address = <char *>view.buf
    cdef Py_ssize_t length = view.len
    cdef bint fits = view.ndim == 1 and length == 17 * sizeof(double) and view.format[:1] == b"d"
    found = address[:length] if fits and holds else b""
    PyBuffer_Release(&view)
    if not fits:
        raise ValueError("17 doubles are needed")
    return found if holds else address[:length]


def two_arguments(exported, int level):
    return bytes(exported)


def import_error(exported):
    import a_module_that_is_nowhere

    return a_module_that_is_nowhere.use(exported)


def sum_of_bytes(const unsigned char[:] exported):
    """A typed memoryview: right for whatever strides one dimension has."""
    cdef Py_ssize_t i
    cdef long long total = 0
    for i in range(exported.shape[0]):
        total = (31 * total + exported[i]) % 1000003
    return total


def sum_of_a_row(const unsigned char[:] exported):
    """The same, but it walks from the first address on, whatever the stride is."""
    cdef Py_ssize_t i
    cdef long long total = 0
    cdef const unsigned char *at = &exported[0] if exported.shape[0] else NULL
    for i in range(exported.shape[0]):
        total = (31 * total + at[i]) % 1000003
    return total


def number_of_items(exported):
    cdef Py_buffer view
    PyObject_GetBuffer(exported, &view, PyBUF_FULL_RO)
    items = view.len // view.itemsize if view.itemsize else 0
    PyBuffer_Release(&view)
    return items


cdef class Checksum:
    """A checksum that goes on from call to call."""

    cdef unsigned long state

    def update(self, const unsigned char[::1] exported):
        cdef Py_ssize_t i
        self.state += 1
        for i in range(exported.shape[0]):
            self.state = (self.state * 33 + exported[i]) & 0xFFFFFFFF
        return self.state
