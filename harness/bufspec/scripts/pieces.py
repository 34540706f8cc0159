"""The pieces of Python that a stand-alone script is made of: the struct, the calls, what looks at a view.

Text only: nothing here runs.  Which pieces a script has is decided by what its check names, so that a reader
meets nothing that the break does not need.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

STRUCT = '''
UNWRITTEN = 0xAB  # fills each struct before the call, so that a field that nobody wrote shows


class Py_buffer(ctypes.Structure):
    """The struct of the C API; pointers are numbers here, 0 is NULL."""

    _fields_ = [
        ("buf", ctypes.c_size_t),
        ("obj", ctypes.c_size_t),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_size_t),
        ("shape", ctypes.c_size_t),
        ("strides", ctypes.c_size_t),
        ("suboffsets", ctypes.c_size_t),
        ("internal", ctypes.c_size_t),
    ]
'''

CALLS = """
get_buffer = ctypes.pythonapi.PyObject_GetBuffer
get_buffer.argtypes = [ctypes.py_object, ctypes.c_void_p, ctypes.c_int]
release_buffer = ctypes.pythonapi.PyBuffer_Release
release_buffer.argtypes, release_buffer.restype = [ctypes.c_void_p], None
"""

SLOT_CALLS = '''
get_slot = ctypes.pythonapi.PyType_GetSlot
get_slot.argtypes, get_slot.restype = [ctypes.py_object, ctypes.c_int], ctypes.c_void_p
release_buffer = ctypes.pythonapi.PyBuffer_Release
release_buffer.argtypes, release_buffer.restype = [ctypes.c_void_p], None


def get_buffer(exporter, view, flags):
    """The type's own bf_getbuffer, without what PyObject_GetBuffer adds."""
    prototype = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_void_p, ctypes.c_int)
    return prototype(get_slot(type(exporter), 1))(exporter, view, flags)
'''

ASK = '''
def ask(flags):
    """What a request gets: a view with `status` and `error`, and whether it was `granted`."""
    view = Py_buffer()
    ctypes.memset(ctypes.addressof(view), UNWRITTEN, ctypes.sizeof(view))
    view.status, view.error = None, None
    try:
        view.status = get_buffer(exporter, ctypes.addressof(view), flags)
    except BaseException as error:
        view.error = error.with_traceback(None)
    view.granted = view.status is not None and view.status >= 0
    show(flags, view)
    return view
'''

ASK_GUARDED = '''
def ask(flags):
    """What a request gets, in a struct between 16 bytes on each side that nobody may write."""
    block = ctypes.create_string_buffer(ctypes.sizeof(Py_buffer) + 32)
    ctypes.memset(block, UNWRITTEN, len(block))
    view = Py_buffer.from_buffer(block, 16)
    view.block, view.status, view.error = block, None, None
    try:
        view.status = get_buffer(exporter, ctypes.addressof(view), flags)
    except BaseException as error:
        view.error = error.with_traceback(None)
    view.granted = view.status is not None and view.status >= 0
    show(flags, view)
    return view


def bytes_beside(view):
    """What lies on both sides of the struct."""
    return view.block.raw[:16] + view.block.raw[-16:]
'''

SHOW = '''
def show(flags, view):
    """Print what a request came to."""
    if not view.granted:
        print(f"request {flags:#05x}: refused with {view.error!r}")
        return
    print(f"request {flags:#05x}: granted")
    for name, value in fields(view).items():
        print(f"    {name:11}{value}")


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
    if address == 0 or is_unwritten(view, name):
        return "NULL" if address == 0 else "not written"
    return list((ctypes.c_ssize_t * min(max(view.ndim, 0), 64)).from_address(address))


def text(view):
    """The format of a view in quotes; without them what is none."""
    if view.format == 0 or is_unwritten(view, "format"):
        return "NULL" if view.format == 0 else "not written"
    return f'"{ctypes.string_at(view.format).decode("utf-8", "backslashreplace")}"'
'''

ENTRIES_CAREFUL = '''
def entries(view, name):
    """An array of a view as a list; as a text what is none."""
    address = getattr(view, name)
    if address == 0 or is_unwritten(view, name):
        return "NULL" if address == 0 else "not written"
    array = (ctypes.c_ssize_t * min(max(view.ndim, 0), 64))()
    found = peek(address, ctypes.sizeof(array))
    return "unreadable" if found is None else list(type(array).from_buffer_copy(found))


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
libc = ctypes.CDLL(None, use_errno=True)
there, here = os.pipe()


def peek(address, size):
    """The bytes at an address, None if they cannot be read: the system is asked, which does not crash."""
    if libc.write(here, ctypes.c_void_p(address), ctypes.c_size_t(min(size, 4096))) < min(size, 4096):
        return None
    return os.read(there, min(size, 4096))
'''

POKE = '''
def poke(address, data):
    """Whether the bytes could be written at an address; the system writes them, which does not crash."""
    os.write(here, data)
    if libc.read(there, ctypes.c_void_p(address), ctypes.c_size_t(len(data))) == len(data):
        return True
    os.read(there, len(data))
    return False
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
    if not view.granted or view.obj == 0 or is_unwritten(view, "obj"):
        return None
    try:
        release_buffer(ctypes.addressof(view))
    except BaseException as error:
        return error.with_traceback(None)
    return None
'''

ELEMENTS = '''
to_contiguous = ctypes.pythonapi.PyBuffer_ToContiguous
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
is_contiguous_ = ctypes.pythonapi.PyBuffer_IsContiguous
is_contiguous_.argtypes = [ctypes.c_void_p, ctypes.c_char]


def is_contiguous(view, order):
    """What PyBuffer_IsContiguous says of a view; suboffsets that follow no pointer do not count."""
    copy = Py_buffer.from_buffer_copy(view)
    suboffsets = entries(view, "suboffsets")
    if isinstance(suboffsets, list) and all(one < 0 for one in suboffsets):
        copy.suboffsets = 0
    return is_contiguous_(ctypes.addressof(copy), order) == 1
'''

STEPS = '''
def steps(answer):
    """The strides that are followed: those of extents over 1; NULL means C order."""
    shape, strides = answer["shape"], answer["strides"]
    if not isinstance(strides, list):
        strides = [answer["itemsize"] * math.prod(shape[d + 1 :]) for d in range(len(shape))]
    return [stride for extent, stride in zip(shape, strides) if extent > 1]
'''

REUSE = '''
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]


def reuse_freed_memory(size):
    """Blocks of about that size, filled: memory that was freed is in use again."""
    blocks = [bytearray(b"\\xe5" * size) for _ in range(64)]
    blocks += [b"\\xe5" * size + bytes([n]) for n in range(64)]
    for wanted in (size, size + 1, 2 * size) * 16:
        ctypes.memset(libc.malloc(wanted), 0xE5, wanted)
    return blocks
'''

MOVED = '''
def moved(view):
    """A copy of a view's struct; the original is overwritten."""
    copy = Py_buffer.from_buffer_copy(view)
    copy.granted = view.granted
    ctypes.memset(ctypes.addressof(view), UNWRITTEN, ctypes.sizeof(view))
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
    print(f"broken: {RULE}: expected {expected}, found {found}")
    sys.exit(1)
'''

PIECES: dict[str, str] = {
    "Py_buffer": STRUCT,
    "get_buffer": CALLS,
    "peek": PEEK,
    "poke": POKE,
    "is_unwritten": IS_UNWRITTEN,
    "entries": ENTRIES,
    "show": SHOW,
    "ask": ASK,
    "release": RELEASE,
    "elements": ELEMENTS,
    "addresses": ADDRESSES,
    "is_contiguous": IS_CONTIGUOUS,
    "steps": STEPS,
    "is_object": IS_OBJECT,
    "reuse_freed_memory": REUSE,
    "process_bytes": PROCESS_BYTES,
    "moved": MOVED,
    "write_through": WRITE_THROUGH,
    "mutate": MUTATE,
    "reenter": REENTER,
    "repeat": REPEAT,
    "in_threads": IN_THREADS,
    "broken": VERDICT,
}
"""Each piece under the name that calls for it, in the order in which a script has them."""

ALSO_NAMES = {
    "fields": "show",
    "text": "entries",
    "bytes_beside": "ask",
    "release_buffer": "get_buffer",
    "is_contiguous_": "is_contiguous",
    "libc": "peek",
}
"""What else a piece defines."""

MODULES = (
    *("ctypes", "gc", "itertools", "math", "mmap", "os", "struct", "subprocess", "sys", "threading", "time"),
    "types",
)


def script_from(main: str, made: str, *, careful: bool, guarded: bool, direct: bool) -> str:
    """The code of a script: `made` (which makes the object), what `main` needs of the pieces, and `main`.

    `careful` reads pointers without trusting them, `guarded` puts the struct between guards, `direct` calls
    the type's slot.
    """
    pieces = dict(PIECES)
    if careful:
        pieces["entries"] = ENTRIES_CAREFUL
    if guarded:
        pieces["ask"] = ASK_GUARDED
    if direct:
        pieces["get_buffer"] = SLOT_CALLS
    return script_of_pieces(main, made, pieces, ALSO_NAMES)


def script_of_pieces(main: str, made: str, pieces: Mapping[str, str], also: Mapping[str, str]) -> str:
    """The code of a script: imports, `made`, those of `pieces` that `main` needs in their order, and `main`.

    `also` says which piece defines a name that is not its own.
    """
    chosen = _needed(main, pieces, also)
    body = "".join(f"\n{pieces[name]}" for name in pieces if name in chosen)
    names = words_of(body + main)
    imports, rest = imports_and_rest(made)
    imports |= {f"import {module}" for module in MODULES if module in names}
    return (
        "\n".join(sorted(imports, key=lambda line: (line.startswith("from"), line)))
        + "\n\n\n"
        + (f"{rest.strip()}\n\n\n" if rest else "")
        + f"{body.lstrip()}\n\n{main}"
    )


def imports_and_rest(code: str) -> tuple[set[str], str]:
    """The imports that a piece of code begins with, and what follows them."""
    lines = code.strip().split("\n")
    count = 0
    while count < len(lines) and (not lines[count] or lines[count].startswith(("import ", "from "))):
        count += 1
    return {line for line in lines[:count] if line}, "\n".join(lines[count:])


def _needed(main: str, pieces: Mapping[str, str], also: Mapping[str, str]) -> set[str]:
    chosen: set[str] = set()
    waiting = [main]
    while waiting:
        for word in words_of(waiting.pop()):
            name = also.get(word, word)
            if name in pieces and name not in chosen:
                chosen.add(name)
                waiting.append(pieces[name])
    return chosen


def words_of(code: str) -> set[str]:
    """The names in a piece of code, without those in its texts."""
    bare = re.sub(r'""".*?"""|"[^"\n]*"|#[^\n]*', " ", code, flags=re.S)
    return set(re.findall(r"(?<![.\w])[A-Za-z_]\w*", bare)) | set(re.findall(r"\{(\w+)", code))
