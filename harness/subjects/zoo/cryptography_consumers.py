"""cryptography: hashes, MACs and ciphers in Rust over OpenSSL.  Tried with 50."""

from collections.abc import Callable
from typing import Any

from bufspec.declare import consumer
from cryptography.hazmat.primitives import hashes, hmac, poly1305
from cryptography.hazmat.primitives.ciphers import Cipher, aead, algorithms, modes

KEY = bytes(range(32))
SOME = bytes(range(24))


def _cipher() -> Any:
    return Cipher(algorithms.AES(KEY), modes.CTR(bytes(16))).encryptor()


def _hashed(sum_: Any, given: Any) -> object:
    sum_.update(given)
    return sum_.finalize()


# Those that no bytes make fail.
CONSUMERS: dict[str, Callable[[Any], object]] = {
    "hash": lambda given: _hashed(hashes.Hash(hashes.SHA256()), given),
    "hmac": lambda given: _hashed(hmac.HMAC(KEY, hashes.SHA256()), given),
    "hmac_key": lambda given: _hashed(hmac.HMAC(given, hashes.SHA256()), KEY),
    "poly1305": lambda given: _hashed(poly1305.Poly1305(KEY), given),
    "cipher_update": lambda given: _cipher().update(given),
    "aesgcm_encrypt": lambda given: aead.AESGCM(KEY).encrypt(bytes(12), given, None),
    "aesgcm_associated": lambda given: aead.AESGCM(KEY).encrypt(bytes(12), SOME, given),
    "chacha20poly1305": lambda given: aead.ChaCha20Poly1305(KEY).encrypt(bytes(12), given, None),
}

for _name, _consume in CONSUMERS.items():
    consumer(f"cryptography.{_name}")(_consume)


@consumer("cryptography.update_into", kind="fills", fits={"nbytes": 39})
def _update_into(exported: Any) -> object:
    return _cipher().update_into(SOME, exported)


@consumer("cryptography.update_of_into")
def _update_of_into(exported: Any) -> object:
    made = bytearray(4096)
    return _cipher().update_into(exported, made), bytes(made)


@consumer("cryptography.aesgcm_encrypt_into", kind="fills", fits={"nbytes": 40})
def _aesgcm_encrypt_into(exported: Any) -> object:
    return aead.AESGCM(KEY).encrypt_into(bytes(12), SOME, None, exported)
