"""Ed25519 over an index: who publishes signs it, who fetches trusts a few public keys."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from contract.mirror import SignedIndex
from models.delivery.errors import IndexRefused, KeyUnusable

KEY_VARIABLE = "MOTCUA_MODELS_KEY"

# So that no signature over anything else can pass for one over an index.
_PURPOSE = b"motcua index of models, version 1\n"
_OTHERS = 0o077


def open_signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the private key in the PEM file `path`; raise KeyUnusable.

    Where there is none it is made, with the public key beside it in PATH.pub.
    """
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & _OTHERS:
            raise KeyUnusable(f"others may read the signing key {path}: chmod 600 {path}")
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnusable(f"the signing key {path} is not an Ed25519 key; name another file")
    except OSError as error:
        raise KeyUnusable(f"signing key {error.filename or path}: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(
            f"the signing key {path} is no private key in PEM without a password; restore it, or "
            "remove it to make a new one and give the new public key to every device"
        ) from error
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the base64 of the public key, as devices are told it."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def sign(index: str, key: Ed25519PrivateKey) -> SignedIndex:
    """Return the index's text with its signature."""
    signature = key.sign(_PURPOSE + index.encode())
    return SignedIndex(
        index=index, key=public_text(key), signature=base64.b64encode(signature).decode()
    )


def trusted_keys(text: str) -> tuple[str, ...]:
    """Return the public keys in `text`, separated by spaces or commas; raise KeyUnusable."""
    keys = tuple(filter(None, re.split(r"[\s,]+", text)))
    for key in keys:
        _public_key(key)
    return keys


def verified(signed: SignedIndex, trusted: Sequence[str], where: str) -> str:
    """Return the index's text if one of the `trusted` keys signed it; else raise IndexRefused."""
    if not trusted:
        raise IndexRefused(
            f"no key is trusted, so {where} cannot be checked: name the server's public key with "
            f"--key or {KEY_VARIABLE}; `motcua models publish` prints it"
        )
    if not signed.signature:
        raise IndexRefused(
            f"{where} is not signed and nothing of it was used: "
            "write it with `motcua models publish`"
        )
    if signed.key not in trusted:
        raise IndexRefused(
            f"{where} is signed with the key {signed.key or 'of nobody'}, which is not trusted "
            f"here: ask the server's operator, and name the key with --key or {KEY_VARIABLE} only "
            "if it is theirs"
        )
    try:
        signature = base64.b64decode(signed.signature, validate=True)
        _public_key(signed.key).verify(signature, _PURPOSE + signed.index.encode())
    except (InvalidSignature, ValueError) as error:
        raise IndexRefused(
            f"{where} was altered after it was signed and nothing of it was used: "
            "write it again with `motcua models publish`"
        ) from error
    return signed.index


def _public_key(text: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except ValueError as error:
        raise KeyUnusable(
            f"'{text}' is no public key: it has 44 characters, as in the server's *.key.pub"
        ) from error


def _make(path: Path) -> None:
    """Write a new key that only its owner may read; an existing file is never overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    path.with_name(f"{path.name}.pub").write_text(f"{public_text(key)}\n", encoding="ascii")
