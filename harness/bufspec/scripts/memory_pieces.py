"""The pieces of a script's exporter: its type, its blocks, where its elements lie, what is lent to a view.

Text only, as pieces.py; exporter.py chooses and completes them.
"""

from __future__ import annotations

TYPE = '''
def class_with(**functions):
    """A class with functions of the C API in its buffer slots, for classes in Python to inherit."""
    numbers = {"getbuffer": 1, "releasebuffer": 2}
    slots = [(numbers[name], ctypes.cast(call, ctypes.c_void_p).value) for name, call in functions.items()]
    table = ctypes.create_string_buffer(b"".join(struct.pack("iP", *slot) for slot in [*slots, (0, 0)]))
    name = ctypes.create_string_buffer(b"script.WithSlots")
    sizes_and_flags = object.__basicsize__, 0, 1 << 10  # Py_TPFLAGS_BASETYPE
    kept.append((name, table))
    make_type = python_api.PyType_FromSpec
    make_type.argtypes, make_type.restype = [ctypes.c_char_p], ctypes.py_object
    return make_type(struct.pack("PiiIP", ctypes.addressof(name), *sizes_and_flags, ctypes.addressof(table)))


kept = []
incref = python_api.Py_IncRef
incref.argtypes, incref.restype = [ctypes.py_object], None
'''

BLOCK = '''
def new_block(size):
    """Bytes with a margin on both sides, and the address after the first margin."""
    block = ctypes.create_string_buffer(b"\\xee" * (size + 32), size + 32)
    return block, ctypes.addressof(block) + 16
'''

PAGED_BLOCK = '''
c_library = ctypes.CDLL(None)
PAGE = mmap.PAGESIZE


def new_block(size):
    """Bytes that {edge} the edge of a page which nobody may touch, and their address."""
    inside = (size + PAGE - 1) // PAGE * PAGE or PAGE
    pages = mmap.mmap(-1, inside + 2 * PAGE)
    block = (ctypes.c_char * inside).from_buffer(pages, PAGE)
    ctypes.memset(block, 0xEE, inside)
    first = ctypes.addressof(block)
    protect(first - PAGE, PAGE, 0)
    protect(first + inside, PAGE, 0)
    return block, {address}


def protect(address, size, allowed):
    """Say what may be done with whole pages: nothing (0), reading (1) or reading and writing (3)."""
    c_library.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(size), allowed)
'''

MEMORY = '''
def new_memory():
    """The block of a memory and the place of its first element; element k holds the bytes of k."""
    block, address = new_block(BLOCK)
    fill(address + OFFSET)
    return [block], address + OFFSET
'''

READONLY_MEMORY = MEMORY.replace(
    "    return", "    protect(ctypes.addressof(block), ctypes.sizeof(block), 1)\n    return"
)

INDIRECT_MEMORY = '''
def new_memory():
    """The blocks of a memory and the place of its first element; element k holds the bytes of k."""
    blocks = []
    start = new_level(0, blocks)
    fill(start)
    return blocks, start


def new_level(first, blocks):
    """A table of pointers, or the items after the last one: for the dimensions from `first` on."""
    last = next((d for d in range(first, len(SHAPE)) if SUBOFFSETS[d] >= 0), None)
    dimensions = range(first, len(SHAPE) if last is None else last + 1)
    indices = itertools.product(*(range(SHAPE[d]) for d in dimensions))
    offsets = sorted({sum(i * STRIDES[d] for i, d in zip(index, dimensions)) for index in indices}) or [0]
    block, address = new_block(offsets[-1] - offsets[0] + (ITEMSIZE if last is None else 8))
    blocks.append(block)
    if last is not None:
        for offset in offsets:
            target = new_level(last + 1, blocks) - SUBOFFSETS[last] if 0 not in SHAPE else 0
            ctypes.c_size_t.from_address(address - offsets[0] + offset).value = target
    return address - offsets[0]
'''

IN_PAGES = '''
def in_pages(array):
    """An array in pages of its own."""
    block, _ = new_block(ctypes.sizeof(array))
    ctypes.memmove(block, array, ctypes.sizeof(array))
    return block
'''

PLACES = '''
def places(start):
    """Where each element lies, in C order."""
    for index in itertools.product(*map(range, SHAPE)):
        yield start + sum(i * stride for i, stride in zip(index, STRIDES))
'''

INDIRECT_PLACES = '''
def places(start):
    """Where each element lies, in C order."""
    for index in itertools.product(*map(range, SHAPE)):
        address = start
        for i, stride, suboffset in zip(index, STRIDES, SUBOFFSETS):
            address += i * stride
            if suboffset >= 0:
                address = ctypes.c_size_t.from_address(address).value + suboffset
        yield address
'''

FILL = '''
def fill(start):
    """Write the elements, backwards: where they share memory the lower one stays."""
    for k, address in reversed(list(enumerate(places(start)))):
        ctypes.memmove(address, {item}, ITEMSIZE)
'''

PLAIN_ELEMENTS = '''
def elements(start):
    """The elements of the memory."""
    return ctypes.string_at(start, len(ELEMENTS))
'''

ELEMENTS = '''
def elements(start):
    """The elements of a memory in C order."""
    return b"".join(ctypes.string_at(address, ITEMSIZE) for address in places(start))
'''

GAPS = '''
def gaps(blocks, start):
    """The bytes of a memory that belong to no element."""
    taken = {address + n for address in places(start) for n in range(ITEMSIZE)}
    return [
        byte
        for block in blocks
        for address, byte in enumerate(block.raw, ctypes.addressof(block))
        if address not in taken
    ]
'''

LENT = '''
class Lent:
    """What obj of a view points at; it has one reference more while the view is held."""


def releases(request):
    """How often the view of a request was released."""
    return request.references - sys.getrefcount(request.lent)
'''

LENT_WATCHING = '''
class Lent(class_with(releasebuffer=python_api.PySequence_DelItem)):
    """What obj of a view points at.

    A release is bf_releasebuffer(obj, view); PySequence_DelItem(obj, view) takes the same and calls
    __delitem__.
    """

    def __delitem__(self, place):
        view, request = Py_buffer.from_address(place), self.request
        request.changed += [name for name, value in request.handed.items() if getattr(view, name) != value]
        arrays = request.arrays.items()
        request.changed += [name for name, array in arrays if bytes(array) != request.before[name]]


def releases(request):
    """How often the view of a request was released."""
    return request.references - sys.getrefcount(request.lent)
'''

LENT_COUNTING = '''
class Lent(class_with(releasebuffer=python_api.PySequence_DelItem)):
    """What obj of a view points at.

    A release is bf_releasebuffer(obj, view); PySequence_DelItem(obj, view) takes the same and calls
    __delitem__.
    """

    releases = 0

    def __delitem__(self, place):
        self.releases += 1


def releases(request):
    """How often the view of a request was released."""
    return request.lent.releases
'''

BAIT = '''
class Bait(class_with(releasebuffer=python_api.PySequence_DelItem)):
    """What obj of a refused view is; a release of that is bf_releasebuffer(bait, view), which counts it."""

    releases = 0

    def __delitem__(self, place):
        self.releases += 1
'''

LENT_ONCE = '''
class Lent:
    """What obj of a view points at: it goes when the view is released, and the view's own memory with it."""

    def __init__(self, request):
        self.request = request

    def __del__(self):
        self.request.releases += 1
{taking_back}

def releases(request):
    """How often the view of a request was released."""
    return request.releases
'''
