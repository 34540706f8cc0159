"""The pieces of Python that a stand-alone script is made of: the struct, the calls, what looks at a view.

Text only: nothing here runs.  Which pieces a script has is decided by what its check names, so that a reader
meets nothing that the break does not need.
"""

from __future__ import annotations

STRUCT = '''
class Py_buffer(ctypes.Structure):
    """The struct of the C API; a pointer is a number here, 0 is NULL."""

    _fields_ = [
        *((name, ctypes.c_size_t) for name in ("buf", "obj")),
        *((name, ctypes.c_ssize_t) for name in ("len", "itemsize")),
        *((name, ctypes.c_int) for name in ("readonly", "ndim")),
        *((name, ctypes.c_size_t) for name in ("format", "shape", "strides", "suboffsets", "internal")),
    ]
'''

UNWRITTEN = """
UNWRITTEN = 0xAB  # fills each struct before the call, so that a field that nobody wrote shows
"""

PYTHON_API = """
python_api = ctypes.PyDLL(None)  # as ctypes.pythonapi, whose argument types anybody may have set
"""

GET_BUFFER = """
get_buffer = python_api.PyObject_GetBuffer
get_buffer.argtypes = [ctypes.py_object, ctypes.c_void_p, ctypes.c_int]
"""

RELEASE_BUFFER = """
release_buffer = python_api.PyBuffer_Release
release_buffer.argtypes, release_buffer.restype = [ctypes.c_void_p], None
"""

GET_BUFFER_OF_SLOT = '''
get_slot = python_api.PyType_GetSlot
get_slot.argtypes, get_slot.restype = [ctypes.py_object, ctypes.c_int], ctypes.c_void_p


def get_buffer(exporter, view, flags):
    """The type's own bf_getbuffer, without what PyObject_GetBuffer adds."""
    prototype = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_void_p, ctypes.c_int)
    return prototype(get_slot(type(exporter), 1))(exporter, view, flags)
'''

API_CALL = "python_api.PyObject_GetBuffer(ctypes.py_object(exporter), ctypes.byref(view), flags)"

ASK = '''
def ask(flags):
    """What a request gets: a view that is `granted`, or the `error`."""
    view = Py_buffer()
    view.status = view.error = None
    try:
        view.status = API_CALL
    except BaseException as error:
        view.error = error.with_traceback(None)
    view.granted = view.status is not None and view.status >= 0
    print(f"request {flags:#05x}:", "granted" if view.granted else f"refused with {view.error!r}")
    return view
'''.replace("API_CALL", API_CALL)

ASK_FILLED = ASK.replace(
    "    view.status = view.error = None\n",
    "    ctypes.memset(ctypes.addressof(view), UNWRITTEN, ctypes.sizeof(view))\n"
    "    view.status = view.error = None\n",
)

ASK_GUARDED = (
    ASK.replace(
        "    view = Py_buffer()\n    view.status",
        "    block = ctypes.create_string_buffer(ctypes.sizeof(Py_buffer) + 32)\n"
        "    ctypes.memset(block, UNWRITTEN, len(block))\n"
        "    view = Py_buffer.from_buffer(block, 16)\n"
        "    view.block = block\n"
        "    view.status",
    ).replace("a view that is", "a struct between 16 bytes on each side that nobody may write,")
    + '''

def bytes_beside(view):
    """What lies on both sides of the struct."""
    return view.block.raw[:16] + view.block.raw[-16:]
'''
)

FIELDS = '''
def fields(view):
    """The fields of a granted view as values."""
    numbers = {name: getattr(view, name) for name in ("len", "itemsize", "readonly", "ndim")}
    arrays = {name: entries(view, name) for name in ("shape", "strides", "suboffsets")}
    return {**numbers, "format": text(view), **arrays}
'''

ENTRIES = '''
def entries(view, name):
    """An array of a view as a list; as a text what is none."""
    address = getattr(view, name)
    return list((ctypes.c_ssize_t * min(max(view.ndim, 0), 64)).from_address(address)) if address else "NULL"
'''

ENTRIES_FILLED = ENTRIES.replace(
    "    return",
    '    if is_unwritten(view, name):\n        return "not written"\n    return',
)

ENTRIES_CAREFUL = '''
def entries(view, name):
    """An array of a view as a list; as a text what is none."""
    address = getattr(view, name)
    if address == 0 or is_unwritten(view, name):
        return "NULL" if address == 0 else "not written"
    array = (ctypes.c_ssize_t * min(max(view.ndim, 0), 64))()
    found = peek(address, ctypes.sizeof(array))
    return "unreadable" if found is None else list(type(array).from_buffer_copy(found))
'''

TEXT = '''
def text(view):
    """The format of a view in quotes; without them what is none."""
    if not view.format:
        return "NULL"
    return f'"{ctypes.string_at(view.format).decode("utf-8", "backslashreplace")}"'
'''

TEXT_FILLED = TEXT.replace(
    "    return f",
    '    if is_unwritten(view, "format"):\n        return "not written"\n    return f',
)

TEXT_CAREFUL = '''
def text(view):
    """The format of a view in quotes; without them what is none."""
    if view.format == 0 or is_unwritten(view, "format"):
        return "NULL" if view.format == 0 else "not written"
    found = b""
    while not found.endswith(b"\\0"):
        byte = peek(view.format + len(found), 1)
        if byte is None or len(found) > 4096:
            return "not terminated" if found else "unreadable"
        found += byte
    return f'"{found[:-1].decode("utf-8", "backslashreplace")}"'
'''

IS_UNWRITTEN = '''
def is_unwritten(view, name):
    """Whether a field still holds what was there before the call."""
    place = getattr(Py_buffer, name)
    return bytes(view)[place.offset : place.offset + place.size] == bytes([UNWRITTEN]) * place.size
'''

PEEK = '''
c_library = ctypes.CDLL(None, use_errno=True)
there, here = os.pipe()


def peek(address, size):
    """The bytes at an address, None if they cannot be read: the system is asked, which does not crash."""
    if c_library.write(here, ctypes.c_void_p(address), ctypes.c_size_t(min(size, 4096))) < min(size, 4096):
        return None
    return os.read(there, min(size, 4096))
'''

POKE = '''
def poke(address, data):
    """Whether the bytes could be written at an address; the system writes them, which does not crash."""
    os.write(here, data)
    if c_library.read(there, ctypes.c_void_p(address), ctypes.c_size_t(len(data))) == len(data):
        return True
    os.read(there, len(data))
    return False
'''

HOLDS_JUST_WHAT = '''
def holds_just_what(view, word):
    """Whether those fields of a view are NULL that a request does not ask for, and no others."""
    arrays = {"shape": 0x008, "strides": 0x018} if view.ndim > 0 else {}
    asked = {**arrays, "format": 0x004}
    return all((getattr(view, name) != 0) == (word & bits == bits) for name, bits in asked.items())
'''

IS_OBJECT = '''
def is_object(address):
    """Whether an object with a type can be at an address."""
    head = peek(address, 16) if address % 8 == 0 and address else None
    return head is not None and peek(int.from_bytes(head[8:], sys.byteorder), 16) is not None
'''

RELEASE = '''
def release(view):
    """Release a view; the exception that this leaves set, if any."""
    try:
        if view.granted and view.obj != 0:
            python_api.PyBuffer_Release(ctypes.byref(view))
    except BaseException as error:
        return error.with_traceback(None)
    return None
'''

RELEASE_FILLED = RELEASE.replace("view.obj != 0", 'view.obj != 0 and not is_unwritten(view, "obj")')

ELEMENTS = '''
to_contiguous = python_api.PyBuffer_ToContiguous
to_contiguous.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_char]


def elements(view):
    """The elements of a view in C order."""
    found = ctypes.create_string_buffer(max(view.len, 1))
    to_contiguous(found, ctypes.addressof(view), view.len, b"C")
    return found.raw[: view.len]
'''

ADDRESSES = '''
def addresses(view):
    """Where each element of a view lies, in C order; None for one that no readable pointer leads to."""
    shape, strides, suboffsets = (fields(view)[name] for name in ("shape", "strides", "suboffsets"))
    if not isinstance(shape, list):
        shape = [view.len // max(view.itemsize, 1)]
    if not isinstance(strides, list):
        strides = [view.itemsize * math.prod(shape[d + 1 :]) for d in range(len(shape))]
    if not isinstance(suboffsets, list):
        suboffsets = [-1] * len(shape)
    for index in itertools.islice(itertools.product(*map(range, shape)), 65536):
        address = view.buf
        for i, stride, suboffset in zip(index, strides, suboffsets):
            address += i * stride
            if suboffset >= 0:
                pointer = peek(address, 8)
                if pointer is None:
                    address = None
                    break
                address = int.from_bytes(pointer, sys.byteorder) + suboffset
        yield address
'''

IS_CONTIGUOUS = '''
is_contiguous_ = python_api.PyBuffer_IsContiguous
is_contiguous_.argtypes = [ctypes.c_void_p, ctypes.c_char]


def is_contiguous(view, order):
    """What PyBuffer_IsContiguous says of a view; suboffsets that follow no pointer do not count."""
    copy = Py_buffer.from_buffer_copy(view)
    suboffsets = entries(view, "suboffsets")
    if isinstance(suboffsets, list) and all(one < 0 for one in suboffsets):
        copy.suboffsets = 0
    return is_contiguous_(ctypes.addressof(copy), order) == 1
'''

IS_CONTIGUOUS_DIRECT = '''
def is_contiguous(view, order):
    """What PyBuffer_IsContiguous says of a view."""
    return python_api.PyBuffer_IsContiguous(ctypes.byref(view), ctypes.c_char(order)) == 1
'''
"""As IS_CONTIGUOUS, for views without suboffsets."""

STEPS = '''
def steps(view):
    """The strides that are followed: those of extents over 1; NULL means C order."""
    shape, strides = entries(view, "shape"), entries(view, "strides")
    if not isinstance(strides, list):
        strides = [view.itemsize * math.prod(shape[d + 1 :]) for d in range(len(shape))]
    return [stride for extent, stride in zip(shape, strides) if extent > 1]
'''

REUSE = '''
c_library.malloc.restype, c_library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]


def reuse_freed_memory(size):
    """Blocks of about that size, filled: memory that was freed is in use again."""
    blocks = [bytearray(b"\\xe5" * size) for _ in range(64)]
    blocks += [b"\\xe5" * size + bytes([n]) for n in range(64)]
    for wanted in (size, size + 1, 2 * size) * 16:
        ctypes.memset(c_library.malloc(wanted), 0xE5, wanted)
    return blocks
'''

MOVED = '''
def moved(view):
    """A copy of a view's struct; the original is overwritten."""
    copy = Py_buffer.from_buffer_copy(view)
    copy.granted = view.granted
    ctypes.memset(ctypes.addressof(view), 0xAB, ctypes.sizeof(view))
    return copy
'''

WRITE_THROUGH = '''
def write_through(view):
    """Change the first byte of each element of a writable view, and change it back."""
    for address in addresses(view) if view.granted and view.readonly == 0 else ():
        old = address and peek(address, 1)
        if old and poke(address, bytes([old[0] ^ 0xFF])):
            poke(address, old)
'''

MUTATE = '''
def mutate(operation, target):
    """The exception that an operation on an object raises, None if none."""
    try:
        operation(target)
    except BaseException as error:
        print(f"{operation.__name__}: raises {error!r}")
        return error.with_traceback(None)
    print(f"{operation.__name__}: done")
    return None
'''

USE_ANOTHER = '''
def use_another(make_one, operation=None):
    """Another object: changed, asked for a view, and given up."""
    other = make_one()
    if operation is not None:
        mutate(operation, other)
    try:
        memoryview(other).release()
    except Exception as error:
        print(f"another object: {error!r}")
'''

REENTER = '''
def reenter(flags):
    """What a request gets that is made, and released, inside the indexing of a memoryview of the object."""
    class Index:
        def __index__(self):
            answers.append(ask(flags))
            release(answers[0])
            return 0

    answers = []
    with memoryview(exporter) as outer:
        try:
            outer[Index()]
        except (IndexError, NotImplementedError, TypeError):
            pass
    return answers[0]
'''

HOLD = '''
def hold(count, flags, before):
    """So many more views, as far as the object grants them; those from before are released."""
    for view in reversed(before):
        release(view)
    views = []
    while len(views) < count:
        view = Py_buffer()
        try:
            view.granted = get_buffer(exporter, ctypes.addressof(view), flags) == 0
        except BaseException:
            break
        views.append(view)
    return views
'''

REPEAT = '''
def repeat(pairs, flags):
    """By how many bytes the process grows while a request is made and released so many times."""
    view, before = Py_buffer(), process_bytes()
    for _ in range(pairs):
        try:
            status = get_buffer(exporter, ctypes.addressof(view), flags)
        except BaseException:
            continue
        if status == 0:
            release_buffer(ctypes.addressof(view))
    return process_bytes() - before
'''

IN_THREADS = '''
def in_threads(pairs, flags):
    """Elements that differ from the first, seen in 4 threads that ask, read and give back so many times."""
    def work():
        for _ in range(pairs):
            view = Py_buffer()
            try:
                view.granted = get_buffer(exporter, ctypes.addressof(view), flags) == 0
            except BaseException:
                continue
            if view.granted:
                seen.add(elements(view))
            release(view)

    seen = set()
    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return list(seen)[1:]
'''

PROCESS_BYTES = '''
def process_bytes():
    """How much memory the process holds."""
    with open("/proc/self/statm", "rb") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")
'''

VERDICT = '''
def broken(expected, found):
    """End with what is wrong."""
    print(f"broken: RULE: expected {expected}, found {found}")
    sys.exit(1)
'''

PIECES: dict[str, str] = {
    "python_api": PYTHON_API,
    "UNWRITTEN": UNWRITTEN,
    "Py_buffer": STRUCT,
    "get_buffer": GET_BUFFER,
    "release_buffer": RELEASE_BUFFER,
    "peek": PEEK,
    "poke": POKE,
    "is_unwritten": IS_UNWRITTEN,
    "entries": ENTRIES,
    "text": TEXT,
    "fields": FIELDS,
    "ask": ASK,
    "release": RELEASE,
    "elements": ELEMENTS,
    "addresses": ADDRESSES,
    "is_contiguous": IS_CONTIGUOUS,
    "steps": STEPS,
    "holds_just_what": HOLDS_JUST_WHAT,
    "is_object": IS_OBJECT,
    "reuse_freed_memory": REUSE,
    "process_bytes": PROCESS_BYTES,
    "moved": MOVED,
    "write_through": WRITE_THROUGH,
    "mutate": MUTATE,
    "use_another": USE_ANOTHER,
    "reenter": REENTER,
    "hold": HOLD,
    "repeat": REPEAT,
    "in_threads": IN_THREADS,
    "broken": VERDICT,
}
"""Each piece under the name that calls for it, in the order in which a script has them."""

FILLED = {"entries": ENTRIES_FILLED, "text": TEXT_FILLED, "ask": ASK_FILLED, "release": RELEASE_FILLED}
"""Where a struct is filled before the call, since it matters which fields are written."""
CAREFUL = {**FILLED, "entries": ENTRIES_CAREFUL, "text": TEXT_CAREFUL}
"""Where a pointer of a view may lead nowhere."""
DIRECT = {"get_buffer": GET_BUFFER_OF_SLOT}
"""Where the type's slot is called."""

ALSO_NAMES = {"bytes_beside": "ask", "is_contiguous_": "is_contiguous", "c_library": "peek"}
"""What else a piece defines."""
