"""PyCryptodome, which takes bytes, bytearray and memoryview, and fills its output.  Tried with 3.23."""

from typing import Any

from bufspec.declare import consumer
from Crypto.Cipher import AES, ChaCha20
from Crypto.Hash import HMAC, SHA3_256, SHA256
from Crypto.Util import strxor

KEY = bytes(range(16))


@consumer("Crypto.sha256")
def _sha256(exported: Any) -> object:
    with memoryview(exported) as view:
        return SHA256.new(view).digest()


@consumer("Crypto.sha3_256")
def _sha3_256(exported: Any) -> object:
    with memoryview(exported) as view:
        return SHA3_256.new(view).digest()


@consumer("Crypto.hmac")
def _hmac(exported: Any) -> object:
    with memoryview(exported) as view:
        return HMAC.new(KEY, view, SHA256).digest()


@consumer("Crypto.aes_ctr_encrypt")
def _aes_ctr_encrypt(exported: Any) -> object:
    with memoryview(exported) as view:
        return AES.new(KEY, AES.MODE_CTR, nonce=b"").encrypt(view)


@consumer("Crypto.aes_key", fits={"nbytes": 16})
def _aes_key(exported: Any) -> object:
    with memoryview(exported) as view:
        return AES.new(view, AES.MODE_ECB).encrypt(KEY)


@consumer("Crypto.aes_ctr_output", kind="fills", fits={"nbytes": 24})
def _aes_ctr_output(exported: Any) -> None:
    with memoryview(exported) as view:
        AES.new(KEY, AES.MODE_CTR, nonce=b"").encrypt(bytes(24), output=view)


@consumer("Crypto.chacha20_output", kind="fills", fits={"nbytes": 24})
def _chacha20_output(exported: Any) -> None:
    with memoryview(exported) as view:
        ChaCha20.new(key=KEY * 2, nonce=bytes(8)).encrypt(bytes(24), output=view)


@consumer("Crypto.strxor_c_output", kind="fills", fits={"nbytes": 24})
def _strxor_c_output(exported: Any) -> None:
    with memoryview(exported) as view:
        strxor.strxor_c(bytes(range(24)), 7, output=view)
