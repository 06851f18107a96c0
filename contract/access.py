"""What the API says about who asks, and about signing in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks: `anyone`, an `account`, a `key`, a `screen`, or the administrator of a `trial`.

    `rights` holds, by right, the largest scopes in which it holds. `scenes` bounds what a wall may
    show and orders it, None for every scene; each stays for `turn_s` seconds, in `language`; None
    leaves both to the wall. With `owes_second_factor` nothing but setting one up is allowed.
    `officer` is the code of an officer whose account it is.
    """

    name: str
    kind: str
    full_name: str = ""
    rights: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scenes: tuple[str, ...] | None = None
    turn_s: float | None = None
    language: str | None = None
    owes_second_factor: bool = False
    officer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How pages look to an account; None is what was never chosen."""

    rankings_columns: tuple[str, ...] | None = None
    language: str | None = None
    theme: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """The token that stands for an account from now on, and when it ends at the latest."""

    token: str
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenEntered:
    """The token that stands for a wall's screen from now on, and the scope that it shows."""

    token: str
    name: str
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodes:
    """Codes that stand in for a lost second factor, each once; they are shown this once."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorBegun:
    """What a telephone's application is given: the secret, and the address of a QR code."""

    secret: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnBegun:
    """Where the browser signs in, and what it has to show again when it comes back."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnOffered:
    """Whether there is a single sign-on, and where the browser signs out of it."""

    offered: bool
    sign_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One entry of the audit log: who did or saw what, of what, when and from where."""

    id: int
    at: datetime
    actor: str
    kind: str
    action: str
    subject: str
    address: str
    agent: str
    details: Mapping[str, Any] = field(default_factory=dict)
