"""Consumers of the standard library that write, send, store or fill: io, os, sockets, mmap, sqlite3, ssl."""

import bz2
import gzip
import io
import lzma
import mmap
import multiprocessing
import os
import socket
import sqlite3
import ssl
import tempfile
import wave
import zipfile
from collections.abc import Callable
from importlib import import_module
from typing import Any

from bufspec.declare import BYTES_LIKE, consumer

_pyio: Any = import_module("_pyio")
raw: Any = io  # what takes any file in memory
EPOCH = (1980, 1, 1, 0, 0, 0)
WITH_BLOBS = "python>=3.11"


def _written(open_: Callable[[io.BytesIO], Any]) -> Callable[[Any], object]:
    """What a file that writes into `open_`'s argument makes of one object."""

    def consume(exported: Any) -> object:
        there = io.BytesIO()
        file = open_(there)
        count = file.write(exported)
        file.flush()
        return count, there.getvalue()

    return consume


# Those that write behind a file in memory.
WRITERS: dict[str, Callable[[io.BytesIO], Any]] = {
    "bytesio": lambda there: there,
    "bufferedwriter": lambda there: raw.BufferedWriter(there, 8),
    "bufferedrandom": lambda there: raw.BufferedRandom(there, 1000),
    "bufferedrwpair": lambda there: raw.BufferedRWPair(io.BytesIO(), there),
    "pyio_bufferedwriter": lambda there: _pyio.BufferedWriter(there, 8),
}

for _name, _open in WRITERS.items():
    consumer(f"stdlib.{_name}_write", accepts=BYTES_LIKE)(_written(_open))


# Those that compress what is written.
COMPRESSORS: dict[str, Callable[[io.BytesIO], Any]] = {
    "gzipfile": lambda there: gzip.GzipFile(fileobj=there, mode="wb", mtime=0),
    "bz2file": lambda there: bz2.BZ2File(there, "wb", compresslevel=1),
    "lzmafile": lambda there: lzma.LZMAFile(there, "wb", preset=0),  # noqa: SIM115
}

for _name, _open in COMPRESSORS.items():

    @consumer(f"stdlib.{_name}_write", accepts=BYTES_LIKE)
    def _compressed(exported: Any, open_: Any = _open) -> object:
        there = io.BytesIO()
        with open_(there) as file:
            count = file.write(exported)
        return count, there.getvalue()


@consumer("stdlib.zipfile_write", accepts=BYTES_LIKE)
def _zipfile_write(exported: Any) -> object:
    there = io.BytesIO()
    with zipfile.ZipFile(there, "w") as archive, archive.open(zipfile.ZipInfo("a", EPOCH), "w") as file:
        file.write(exported)
    return there.getvalue()


@consumer("stdlib.wave_writeframes")
def _wave_writeframes(exported: Any) -> object:
    there = io.BytesIO()
    with wave.open(there, "wb") as sound:
        sound.setparams((1, 1, 8000, 0, "NONE", "not compressed"))
        sound.writeframesraw(exported)
    return there.getvalue()[44:]


@consumer("stdlib.pyio_bytesio_write", accepts=BYTES_LIKE)
def _pyio_bytesio_write(exported: Any) -> object:
    file = _pyio.BytesIO()
    return file.write(exported), file.getvalue()


@consumer("stdlib.bytesio_init", accepts=BYTES_LIKE)
def _bytesio_init(exported: Any) -> object:
    return io.BytesIO(exported).getvalue()


@consumer("stdlib.bytesio_writelines", accepts=BYTES_LIKE)
def _bytesio_writelines(exported: Any) -> object:
    file = io.BytesIO()
    file.writelines([exported, exported])
    return file.getvalue()


@consumer("stdlib.textiowrapper_read")
def _textiowrapper_read(exported: Any) -> object:
    class File(io.BufferedIOBase):
        parts = [exported]  # noqa: RUF012

        def readable(self) -> bool:
            return True

        def read1(self, size: int = -1) -> Any:
            return self.parts.pop() if self.parts else b""

    return raw.TextIOWrapper(File(), "latin-1", newline="").read(1 << 20)


# Those that write to a file, which is read again.
def _through_a_file(write: Callable[[Any, Any], object]) -> Callable[[Any], object]:
    def consume(exported: Any) -> object:
        with tempfile.TemporaryFile(buffering=0) as file:
            return write(file, exported), os.pread(file.fileno(), 1 << 20, 0)

    return consume


FILES: dict[str, Callable[[Any, Any], object]] = {
    "fileio_write": lambda file, given: file.write(given),
    "os_write": lambda file, given: os.write(file.fileno(), given),
    "os_pwrite": lambda file, given: os.pwrite(file.fileno(), given, 1),
    "os_writev": lambda file, given: os.writev(file.fileno(), [given, b"-", given]),
    "os_pwritev": lambda file, given: os.pwritev(file.fileno(), (b"1", given), 2),
}

for _name, _write in FILES.items():
    consumer(f"stdlib.{_name}", accepts=BYTES_LIKE)(_through_a_file(_write))


# Those that fill the memory from a file.
def _from_a_file(read: Callable[[Any, Any], object]) -> Callable[[Any], object]:
    def consume(exported: Any) -> object:
        with tempfile.TemporaryFile(buffering=0) as file:
            os.write(file.fileno(), b"what stands in the file")
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            return read(file, exported)

    return consume


READERS: dict[str, Callable[[Any, Any], object]] = {
    "fileio_readinto": lambda file, given: file.readinto(given),
    "os_readv": lambda file, given: os.readv(file.fileno(), [given]),
    "os_readv_parts": lambda file, given: os.readv(file.fileno(), [bytearray(2), given]),
    "os_preadv": lambda file, given: os.preadv(file.fileno(), [given], 3),
    "bufferedreader_readinto": lambda file, given: _buffered(file).readinto(given),
    "bufferedreader_readinto1": lambda file, given: _buffered(file).readinto1(given),
}


def _buffered(file: Any) -> io.BufferedReader:
    return io.BufferedReader(io.FileIO(file.fileno(), closefd=False), 8)


for _name, _read in READERS.items():
    consumer(f"stdlib.{_name}", kind="fills")(_from_a_file(_read))

CONTENT = b"what stands in the memory"
BZIPPED, XZ = bz2.compress(CONTENT), lzma.compress(CONTENT, preset=0)
GZIPPED = gzip.compress(CONTENT, mtime=0)
ARCHIVE = io.BytesIO()
with zipfile.ZipFile(ARCHIVE, "w") as _archive:
    _archive.writestr(zipfile.ZipInfo("a", EPOCH), CONTENT)


@consumer("stdlib.zipfile_readinto", kind="fills")
def _zipfile_readinto(exported: Any) -> object:
    with zipfile.ZipFile(io.BytesIO(ARCHIVE.getvalue())) as archive, archive.open("a") as file:
        member: Any = file
        return member.readinto(exported)


# Those that fill the memory from a file in memory.
FILLERS: dict[str, Callable[[Any], object]] = {
    "bytesio_readinto": lambda given: io.BytesIO(CONTENT).readinto(given),
    "bytesio_readinto_end": lambda given: io.BytesIO(b"12").readinto(given),
    "bytesio_readinto1": lambda given: io.BytesIO(CONTENT).readinto1(given),
    "pyio_bytesio_readinto": lambda given: _pyio.BytesIO(CONTENT).readinto(given),
    "bufferedrandom_readinto": lambda given: raw.BufferedRandom(io.BytesIO(CONTENT)).readinto(given),
    "bufferedrwpair_readinto": lambda given: raw.BufferedRWPair(io.BytesIO(CONTENT), io.BytesIO()).readinto(
        given
    ),
    "gzipfile_readinto": lambda given: _read_into(gzip.open, GZIPPED, given),
    "bz2file_readinto": lambda given: _read_into(bz2.open, BZIPPED, given),
    "lzmafile_readinto": lambda given: _read_into(lzma.open, XZ, given),
}


def _read_into(open_: Callable[..., Any], content: bytes, given: Any) -> object:
    with open_(io.BytesIO(content)) as file:
        return file.readinto(given)


for _name, _fill in FILLERS.items():
    consumer(f"stdlib.{_name}", kind="fills")(_fill)


# Those that send it to the other end, where it is read.
def _sent(send: Callable[[Any, Any], object]) -> Callable[[Any], object]:
    def consume(exported: Any) -> object:
        here, there = socket.socketpair()
        with here, there:
            sent = send(here, exported)
            here.close()
            return sent, there.makefile("rb").read()

    return consume


SENDERS: dict[str, Callable[[Any, Any], object]] = {
    "socket_send": lambda here, given: here.send(given),
    "socket_sendall": lambda here, given: here.sendall(given),
    "socket_sendmsg": lambda here, given: here.sendmsg([given, b"-", given]),
}

for _name, _send in SENDERS.items():
    consumer(f"stdlib.{_name}", accepts=BYTES_LIKE)(_sent(_send))


def _received(receive: Callable[[Any, Any], object]) -> Callable[[Any], object]:
    def consume(exported: Any) -> object:
        here, there = socket.socketpair()
        with here, there:
            there.sendall(CONTENT)
            return receive(here, exported)

    return consume


RECEIVERS: dict[str, Callable[[Any, Any], object]] = {
    "socket_recv_into": lambda here, given: here.recv_into(given),
    "socket_recv_into_some": lambda here, given: here.recv_into(given, 2),
    "socket_recvfrom_into": lambda here, given: here.recvfrom_into(given)[0],
    "socket_recvmsg_into": lambda here, given: here.recvmsg_into([given])[0],
}

for _name, _receive in RECEIVERS.items():
    consumer(f"stdlib.{_name}", kind="fills")(_received(_receive))


@consumer("stdlib.socket_sendto")
def _socket_sendto(exported: Any) -> object:
    family, kind = socket.AF_UNIX, socket.SOCK_DGRAM
    with socket.socket(family, kind) as here, socket.socket(family, kind) as there:
        there.bind("")  # to a name that the system chooses
        return here.sendto(exported, there.getsockname())


@consumer("stdlib.socket_connect")
def _socket_connect(exported: Any) -> object:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as here:
        return here.connect_ex(exported)


@consumer("stdlib.socket_setsockopt")
def _socket_setsockopt(exported: Any) -> object:
    with socket.socket() as here:
        return here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, exported)


consumer("stdlib.inet_ntoa")(socket.inet_ntoa)
consumer("stdlib.inet_ntop")(lambda exported: socket.inet_ntop(socket.AF_INET, exported))
consumer("stdlib.os_access")(lambda exported: os.access(exported, os.F_OK))


@consumer("stdlib.connection_send_bytes", accepts=("contiguous", "readonly", "items"))
def _connection_send_bytes(exported: Any) -> object:
    there, here = multiprocessing.Pipe(duplex=False)
    with here, there:
        here.send_bytes(exported)
        return there.recv_bytes()


# BufferTooShort is documented for memory that is smaller than the message.
@consumer("stdlib.connection_recv_bytes_into", kind="fills", refuses=(multiprocessing.BufferTooShort,))
def _connection_recv_bytes_into(exported: Any) -> object:
    there, here = multiprocessing.Pipe(duplex=False)
    with here, there:
        here.send_bytes(b"ab")
        return there.recv_bytes_into(exported)


def _size(exported: Any) -> int:
    """The bytes that its elements have."""
    with memoryview(exported) as view:
        return view.nbytes


# What is done with a shared memory.  Up to 3.11.4 find() reads the byte after its last one, which kills the
# process where a map ends there (https://github.com/python/cpython/issues/105235); no fault of the needle.
SEARCHED = (0, (1 << 17) - 1)
MAPPED: dict[str, Callable[[mmap.mmap, Any], object]] = {
    "write": lambda memory, given: memory.write(given),
    "find": lambda memory, given: memory.find(given, *SEARCHED),
    "rfind": lambda memory, given: memory.rfind(given, *SEARCHED),
    "assign": lambda memory, given: memory.__setitem__(slice(1, 1 + _size(given)), given),
    "assign_step": lambda memory, given: memory.__setitem__(slice(0, 2 * _size(given), 2), given),
}

for _name, _change in MAPPED.items():

    @consumer(f"stdlib.mmap_{_name}")
    def _in_a_map(exported: Any, change: Any = _change) -> object:
        with mmap.mmap(-1, 1 << 17) as memory:
            memory[:40] = bytes(range(40))
            return change(memory, exported), memory[:]


@consumer("stdlib.sqlite3_parameter", accepts=BYTES_LIKE)
def _sqlite3_parameter(exported: Any) -> object:
    base = sqlite3.connect(":memory:")
    try:
        return base.execute("select hex(?1), ?1", (exported,)).fetchone()
    finally:
        base.close()


@consumer("stdlib.sqlite3_function")
def _sqlite3_function(exported: Any) -> object:
    base = sqlite3.connect(":memory:")
    try:
        base.create_function("given", 0, lambda: exported)
        return base.execute("select hex(given())").fetchone()
    finally:
        base.close()


# What is written into a blob of a database.
BLOBS: dict[str, Callable[[Any, Any], object]] = {
    "write": lambda blob, given: blob.write(given),
    "assign": lambda blob, given: blob.__setitem__(slice(1, 1 + _size(given)), given),
    "assign_step": lambda blob, given: blob.__setitem__(slice(0, 2 * _size(given), 2), given),
}

for _name, _change in BLOBS.items():

    @consumer(f"stdlib.sqlite3_blob_{_name}", needs=WITH_BLOBS)
    def _in_a_blob(exported: Any, change: Any = _change) -> object:
        base = sqlite3.connect(":memory:")
        try:
            base.execute("create table t(b blob)")
            base.execute("insert into t values (zeroblob(140000))")
            with base.blobopen("t", "b", 1) as blob:
                change(blob, exported)
            return base.execute("select b from t").fetchone()
        finally:
            base.close()


@consumer("stdlib.sqlite3_deserialize", returns="none")
def _sqlite3_deserialize(exported: Any) -> None:
    base = sqlite3.connect(":memory:")
    try:
        base.deserialize(exported)
    finally:
        base.close()


@consumer("stdlib.ssl_memorybio_write", accepts=BYTES_LIKE)
def _ssl_memorybio_write(exported: Any) -> object:
    memory = ssl.MemoryBIO()
    return memory.write(exported), memory.read()


@consumer("stdlib.ssl_write_before_the_handshake")
def _ssl_write_before_the_handshake(exported: Any) -> object:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="a.example").write(exported)


@consumer("stdlib.ssl_load_certificates")
def _ssl_load_certificates(exported: Any) -> None:
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=exported)


consumer("stdlib.ssl_rand_add")(lambda exported: ssl.RAND_add(exported, 0.0))
consumer("stdlib.ssl_certificate_as_text")(ssl.DER_cert_to_PEM_cert)
