"""Consumers of the standard library that make other bytes, sums or text of bytes: hashes, codecs, sound."""

import base64
import binascii
import bz2
import codecs
import gzip
import hashlib
import hmac
import lzma
import marshal
import quopri
import xml.etree.ElementTree
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any
from xml.parsers import expat

from bufspec.declare import BYTES_LIKE, consumer

KEY = b"a key"

# Those that no bytes make fail.
TOTAL: dict[str, Callable[[Any], object]] = {
    "sha256": lambda given: hashlib.sha256(given).digest(),
    "sha3_256": lambda given: hashlib.sha3_256(given).digest(),
    "shake_128": lambda given: hashlib.shake_128(given).digest(20),
    "blake2b": lambda given: hashlib.blake2b(given).digest(),
    "blake2s": lambda given: hashlib.blake2s(given).digest(),
    "hashlib_new": lambda given: hashlib.new("sha512", given).hexdigest(),
    "hmac_new": lambda given: hmac.new(KEY, given, "sha256").digest(),
    "hmac_digest": lambda given: hmac.digest(KEY, given, "sha256"),
    "pbkdf2_hmac": lambda given: hashlib.pbkdf2_hmac("sha256", given, b"salt", 1),
    "pbkdf2_hmac_salt": lambda given: hashlib.pbkdf2_hmac("sha256", KEY, given, 1),
    "zlib_compress": zlib.compress,
    "zlib_crc32": zlib.crc32,
    "zlib_adler32": zlib.adler32,
    "zlib_compressobj": lambda given: [(it := zlib.compressobj()).compress(given), it.flush()],
    "gzip_compress": lambda given: gzip.compress(given, mtime=0),
    # The least level, with the least memory: a debug build fills all of it, twice for each call.
    "bz2_compress": lambda given: bz2.compress(given, 1),
    "bz2_compressor": lambda given: [(it := bz2.BZ2Compressor(1)).compress(given), it.flush()],
    "lzma_compress": lambda given: lzma.compress(given, preset=0),
    "lzma_compressor": lambda given: [(it := lzma.LZMACompressor(preset=0)).compress(given), it.flush()],
    "hexlify": binascii.hexlify,
    "hexlify_grouped": lambda given: binascii.hexlify(given, "-", 2),
    "b2a_base64": binascii.b2a_base64,
    "b2a_qp": binascii.b2a_qp,
    "a2b_qp": binascii.a2b_qp,
    "binascii_crc32": binascii.crc32,
    "crc_hqx": lambda given: binascii.crc_hqx(given, 0),
    "b64encode": base64.b64encode,
    "urlsafe_b64encode": base64.urlsafe_b64encode,
    "b32encode": base64.b32encode,
    "b16encode": base64.b16encode,
    "a85encode": base64.a85encode,
    "b85encode": base64.b85encode,
    "readbuffer_encode": lambda given: codecs.readbuffer_encode(given),
    "latin_1_decode": lambda given: codecs.latin_1_decode(given),
    "charmap_decode": lambda given: codecs.charmap_decode(given, "replace", "abcdefgh"),
    "utf_8_decode_replaced": lambda given: codecs.utf_8_decode(given, "replace"),
    "utf_16_decode_replaced": lambda given: codecs.utf_16_le_decode(given, "replace", True),
    "marshal_dumps": lambda given: marshal.loads(marshal.dumps(given)),
}
ONE_DIMENSION = ("sha", "blake", "hashlib", "hmac", "pbkdf2")
"""Hashes refuse a memory of several dimensions."""
HASHED = tuple(one for one in BYTES_LIKE if one not in ("several_dims", "dimensions_64", "zero_dim"))

for _name, _consume in TOTAL.items():
    _accepts = HASHED if _name.startswith(ONE_DIMENSION) else BYTES_LIKE
    consumer(f"stdlib.{_name}", accepts=_accepts)(_consume)


def _updated(sum_: Any, given: Any) -> object:
    sum_.update(given)
    return sum_.digest()


# Those that take some bytes only, or refuse a few memories.
OTHERS: dict[str, Callable[[Any], object]] = {
    "sha256_update": lambda given: _updated(hashlib.sha256(KEY), given),
    "md5_update": lambda given: _updated(hashlib.md5(KEY), given),
    "sha3_update": lambda given: _updated(hashlib.sha3_512(KEY), given),
    "blake2b_update": lambda given: _updated(hashlib.blake2b(KEY), given),
    "hmac_update": lambda given: _updated(hmac.new(KEY, b"", "sha1"), given),
    "hmac_digest_key": lambda given: hmac.digest(given, KEY, "sha256"),
    "blake2b_key": lambda given: hashlib.blake2b(KEY, key=given).digest(),
    "blake2s_salt": lambda given: hashlib.blake2s(KEY, salt=given).digest(),
    "blake2b_person": lambda given: hashlib.blake2b(KEY, person=given).digest(),
    "scrypt": lambda given: hashlib.scrypt(given, salt=KEY, n=2, r=1, p=1),
    "scrypt_salt": lambda given: hashlib.scrypt(KEY, salt=given, n=2, r=1, p=1),
    "zlib_decompress": zlib.decompress,
    "zlib_decompress_raw": lambda given: zlib.decompress(given, -15),
    "zlib_decompressobj": lambda given: zlib.decompressobj().decompress(given),
    "zlib_zdict": lambda given: [(it := zlib.compressobj(zdict=given)).compress(KEY), it.flush()],
    "zlib_zdict_decompress": lambda given: zlib.decompressobj(zdict=given).decompress(b"x"),
    "gzip_decompress": gzip.decompress,
    "bz2_decompressor": lambda given: bz2.BZ2Decompressor().decompress(given),
    "lzma_decompressor": lambda given: lzma.LZMADecompressor().decompress(given),
    "unhexlify": binascii.unhexlify,
    "a2b_base64": binascii.a2b_base64,
    "a2b_uu": binascii.a2b_uu,
    "b2a_uu": binascii.b2a_uu,
    "b64decode": base64.b64decode,
    "b64encode_altchars": lambda given: base64.b64encode(KEY, altchars=given),
    "b32decode": base64.b32decode,
    "b16decode": base64.b16decode,
    "a85decode": base64.a85decode,
    "b85decode": base64.b85decode,
    "encodebytes": base64.encodebytes,
    "decodebytes": base64.decodebytes,
    "quopri_encodestring": quopri.encodestring,
    "quopri_decodestring": quopri.decodestring,
    "codecs_encode_hex": lambda given: codecs.encode(given, "hex"),
    "codecs_encode_base64": lambda given: codecs.encode(given, "base64"),
    "codecs_encode_zip": lambda given: codecs.encode(given, "zip"),
    "codecs_decode_utf_8": lambda given: codecs.decode(given, "utf-8"),
    "codecs_decode_ascii": lambda given: codecs.decode(given, "ascii"),
    "codecs_decode_cp1252": lambda given: codecs.decode(given, "cp1252", "replace"),
    "utf_7_decode": lambda given: codecs.utf_7_decode(given),
    "utf_16_decode": lambda given: codecs.utf_16_decode(given),
    "utf_16_ex_decode": lambda given: codecs.utf_16_ex_decode(given),
    "utf_32_decode": lambda given: codecs.utf_32_decode(given),
    "utf_32_decode_replaced": lambda given: codecs.utf_32_be_decode(given, "replace", True),
    "unicode_escape_decode": lambda given: codecs.unicode_escape_decode(given),
    "raw_unicode_escape_decode": lambda given: codecs.raw_unicode_escape_decode(given),
    "escape_decode": lambda given: codecs.escape_decode(given),
    "shift_jis_decode": lambda given: codecs.getdecoder("shift_jis")(given, "replace"),
    "gb18030_incremental": lambda given: codecs.getincrementaldecoder("gb18030")("replace").decode(given),
    "utf_8_incremental": lambda given: codecs.getincrementaldecoder("utf-8")("replace").decode(given, True),
    "expat_parse": lambda given: expat.ParserCreate().Parse(given, True),
    "xml_feed": lambda given: xml.etree.ElementTree.XMLParser().feed(given),
    "marshal_dumps_version_2": lambda given: marshal.dumps(given, 2),
}

for _name, _consume in OTHERS.items():
    consumer(f"stdlib.{_name}")(_consume)

AUDIO = "audioop"  # until 3.12
# Of sound: two samples of one byte each are as good as any.
SOUNDS: dict[str, Callable[[Any, Any], object]] = {
    "add": lambda audio, given: audio.add(given, given, 1),
    "adpcm2lin": lambda audio, given: audio.adpcm2lin(given, 2, None),
    "alaw2lin": lambda audio, given: audio.alaw2lin(given, 2),
    "avg": lambda audio, given: audio.avg(given, 1),
    "avgpp": lambda audio, given: audio.avgpp(given, 1),
    "bias": lambda audio, given: audio.bias(given, 1, 1),
    "byteswap": lambda audio, given: audio.byteswap(given, 2),
    "cross": lambda audio, given: audio.cross(given, 1),
    "findfactor": lambda audio, given: audio.findfactor(given, given),
    "findfit": lambda audio, given: audio.findfit(given, given),
    "findmax": lambda audio, given: audio.findmax(given, 2),
    "getsample": lambda audio, given: audio.getsample(given, 1, 1),
    "lin2adpcm": lambda audio, given: audio.lin2adpcm(given, 1, None),
    "lin2alaw": lambda audio, given: audio.lin2alaw(given, 1),
    "lin2lin": lambda audio, given: audio.lin2lin(given, 1, 4),
    "lin2ulaw": lambda audio, given: audio.lin2ulaw(given, 1),
    "max": lambda audio, given: audio.max(given, 1),
    "maxpp": lambda audio, given: audio.maxpp(given, 1),
    "minmax": lambda audio, given: audio.minmax(given, 1),
    "mul": lambda audio, given: audio.mul(given, 1, 2.0),
    "ratecv": lambda audio, given: audio.ratecv(given, 1, 1, 2, 3, None),
    "reverse": lambda audio, given: audio.reverse(given, 1),
    "rms": lambda audio, given: audio.rms(given, 1),
    "tomono": lambda audio, given: audio.tomono(given, 1, 1.0, 0.5),
    "tostereo": lambda audio, given: audio.tostereo(given, 1, 1.0, 0.5),
    "ulaw2lin": lambda audio, given: audio.ulaw2lin(given, 2),
}

for _name, _sound in SOUNDS.items():

    @consumer(f"stdlib.audioop_{_name}", needs=AUDIO)
    def _of_sound(exported: Any, sound: Any = _sound) -> object:
        return sound(import_module(AUDIO), exported)
