"""Builds of_cffi: a library in C with memory of its own, called through cffi's API mode."""

import sys

from cffi import FFI

ffi = FFI()
ffi.cdef("""
    int *numbers(void);
    unsigned long total(const unsigned char *data, size_t length);
    void fill(unsigned char *data, size_t length);
""")
ffi.set_source(
    "of_cffi",
    """
    static int six[6] = {0, 1, 2, 3, 4, 5};
    static int *numbers(void) { return six; }
    static unsigned long total(const unsigned char *data, size_t length) {
        unsigned long found = 0;
        for (size_t i = 0; i < length; ++i) found += data[i];
        return found;
    }
    static void fill(unsigned char *data, size_t length) {
        for (size_t i = 0; i < length; ++i) data[i] = (unsigned char)(i % 251);
    }
    """,
)
ffi.compile(tmpdir=sys.argv[1])
