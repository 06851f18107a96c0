"""Ed25519 keys that closings are signed with: their files, signatures and hand-overs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from server.closing.canonical import canonical
from server.errors import ConfigurationError

# So that no signature over anything else can pass for one over a seal or a hand-over, or back.
_OF_SEAL = b"motcua closing, version 1\n"
_OF_HAND_OVER = b"motcua closing key, version 1\n"
_OTHERS = 0o077


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """A public key, since when it signs, and the signature by which the one before handed over.

    Without a `signature` after the first key the one before was lost; `reason` says how.
    """

    number: int
    fingerprint: str
    public_key: bytes
    since: datetime
    signature: bytes | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """Which closing was signed last with a key, as the file beside it says; 0 for none."""

    number: int
    seal: bytes


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its file."""

    file: Path
    private: Ed25519PrivateKey

    @property
    def public_key(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.private.public_key().public_bytes_raw()

    @property
    def fingerprint(self) -> str:
        """How the key is named."""
        return fingerprint_of(self.public_key)

    def sign(self, seal: bytes) -> bytes:
        """Return the signature of a closing's seal."""
        return self.private.sign(_OF_SEAL + seal)

    def hand_over(self, successor: bytes, number: int, since: datetime) -> bytes:
        """Return the signature that makes `successor`, a public key, the key after this one."""
        return self.private.sign(_OF_HAND_OVER + _hand_over(successor, number, since))

    @property
    def newest(self) -> Newest | None:
        """Which closing was signed last, None before the first; raise ConfigurationError."""
        return newest_beside(self.file)

    def note(self, newest: Newest) -> None:
        """Keep beside the key which closing was signed last; raise ConfigurationError."""
        file = _beside(self.file)
        draft = file.with_name(f"{file.name}.draft")
        try:
            draft.write_bytes(canonical({"number": newest.number, "seal": newest.seal.hex()}))
            draft.replace(file)
        except OSError as error:
            raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from error


def newest_beside(file: Path) -> Newest | None:
    """Return which closing the key in a file signed last; None before the first.

    Raises ConfigurationError where the file beside the key cannot be read.
    """
    try:
        said = json.loads(_beside(file).read_text(encoding="ascii"))
        return Newest(number=int(said["number"]), seal=bytes.fromhex(said["seal"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{_beside(file)}, which says which closing was signed last, cannot be read; "
            "`motcua closing resume` writes it anew"
        ) from error


def open_key(file: Path | None) -> SigningKey:
    """Return the key in a file; raise ConfigurationError in one line where there is none."""
    if file is None:
        raise ConfigurationError(
            "no key to sign with: set MOTCUA_CLOSING_KEY to the file that `motcua closing key new "
            "FILE` makes"
        )
    try:
        if file.stat().st_mode & _OTHERS:
            raise ConfigurationError(f"others may read the signing key {file}: chmod 600 {file}")
        private = load_pem_private_key(file.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"the signing key {file} is not there: bring it back from its copy; the first one is "
            "made by `motcua closing key new`, another for one that is lost by `motcua closing key "
            "replace NEW --lost REASON`"
        ) from error
    except OSError as error:
        raise ConfigurationError(f"signing key {file}: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(
            f"the signing key {file} is no private key in PEM without a password"
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise ConfigurationError(f"the signing key {file} is not an Ed25519 key")
    return SigningKey(file, private)


def make_key(file: Path) -> SigningKey:
    """Make a key in a new file that nobody else reads; raise ConfigurationError where there is one.

    Its public key stands beside it in FILE.pub.
    """
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = private.public_key().public_bytes_raw().hex()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as written:
            written.write(pem)
        file.with_name(f"{file.name}.pub").write_text(f"{public}\n", encoding="ascii")
    except FileExistsError as error:
        raise ConfigurationError(f"{file} is there already; name another file") from error
    except OSError as error:
        raise ConfigurationError(f"signing key {file}: {error.strerror}") from error
    return SigningKey(file, private)


def fingerprint_of(public_key: bytes) -> str:
    """Return the first half of a public key's SHA-256, as hexadecimal text."""
    return hashlib.sha256(public_key).hexdigest()[:32]


def is_signed(public_key: bytes, seal: bytes, signature: bytes) -> bool:
    """Return whether the signature of a closing's seal is by this key."""
    return _holds(public_key, signature, _OF_SEAL + seal)


def faults_of_keys(keys: Sequence[KeyRecord]) -> tuple[list[str], list[str]]:
    """Return what does not hold of the keys, and what is to be known of them, each in one line."""
    faults: list[str] = []
    notices: list[str] = []
    before: KeyRecord | None = None
    for key in keys:
        if key.fingerprint != fingerprint_of(key.public_key):
            faults.append(f"key {key.number} is not the one that is named {key.fingerprint}")
        if before is not None:
            said = _OF_HAND_OVER + _hand_over(key.public_key, key.number, key.since)
            if key.signature is None:
                notices.append(
                    f"key {key.fingerprint} was not handed over by {before.fingerprint}, which "
                    f"was lost: {key.reason}"
                )
            elif not _holds(before.public_key, key.signature, said):
                faults.append(f"key {key.fingerprint} was not handed over by {before.fingerprint}")
        before = key
    return faults, notices


def by_fingerprint(keys: Sequence[KeyRecord]) -> Mapping[str, KeyRecord]:
    """Return the keys by their names."""
    return {key.fingerprint: key for key in keys}


def _hand_over(successor: bytes, number: int, since: datetime) -> bytes:
    at = since.astimezone(UTC).isoformat(timespec="microseconds")
    return canonical({"number": number, "public_key": successor.hex(), "since": at})


def _holds(public_key: bytes, signature: bytes, said: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.newest")
