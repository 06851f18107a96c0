"""Who may set a device up: somebody on the local network who knows the PIN that was printed."""

from __future__ import annotations

import hmac
import math
import secrets
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from runtime.backoff import pause_s

PIN_DIGITS = 8
FREE_ATTEMPTS = 3
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 300.0
UNUSED_S = 900.0
"""So long after the last call of somebody who is let in, it ends."""


def is_local(address: str) -> bool:
    """Return whether `address` is of this machine or of a private network."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return found.is_private or found.is_loopback or found.is_link_local


def read_pin(path: Path) -> tuple[str, bool]:
    """Return the PIN in the file at `path`, and whether it was made now because there was none."""
    if path.exists():
        return path.read_text(encoding="ascii").strip(), False
    pin = "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))
    path.touch(mode=0o600)
    path.write_text(f"{pin}\n", encoding="ascii")
    return pin, True


class WrongPin(ValueError):
    """It is not the PIN."""


@dataclass(slots=True)
class TooManyAttempts(ValueError):
    """The next PIN is looked at in `wait_s` seconds."""

    wait_s: float


@dataclass(slots=True, kw_only=True)
class Door:
    """Lets in who knows the PIN; times are monotonic seconds. It closes by itself."""

    pin: str = field(repr=False)
    began_s: float
    lasts_s: float
    _tokens: set[str] = field(default_factory=set, repr=False)
    _failures: int = 0
    _failed_s: float = -math.inf
    _used_s: float = -math.inf

    def enter(self, pin: str, now_s: float) -> str:
        """Return a token for whoever knows the PIN; raise WrongPin or TooManyAttempts."""
        if self._failures >= FREE_ATTEMPTS:
            pause = pause_s(
                self._failures - FREE_ATTEMPTS + 1, first_s=FIRST_PAUSE_S, longest_s=LONGEST_PAUSE_S
            )
            if now_s - self._failed_s < pause:
                raise TooManyAttempts(pause - (now_s - self._failed_s))
        if not hmac.compare_digest(pin.strip().encode(), self.pin.encode()):
            self._failures += 1
            self._failed_s = now_s
            raise WrongPin("that is not the PIN that was printed")
        self._failures = 0
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        self._used_s = now_s
        return token

    def is_open_to(self, token: str, now_s: float) -> bool:
        """Return whether `token` was given here, and note that it is used."""
        known = any(hmac.compare_digest(token.encode(), one.encode()) for one in self._tokens)
        if known:
            self._used_s = now_s
        return known

    def is_over(self, now_s: float) -> bool:
        """Return whether it is time to end: too long ago begun, or used last."""
        last_used_s = max(self._used_s, self.began_s)
        return now_s - self.began_s >= self.lasts_s or now_s - last_used_s >= UNUSED_S
