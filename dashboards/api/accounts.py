"""What the API says of accounts, keys, screens, sign-ins and sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleHeld:
    """A role, and the unit in which it is held; None for the whole province."""

    role: str
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account with its roles."""

    name: str
    full_name: str
    roles: tuple[RoleHeld, ...]
    has_password: bool
    single_sign_on: bool
    second_factor: bool
    officer: str | None = None
    disabled_at: datetime | None = None
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A program's key, without what it was shown as."""

    name: str
    rights: tuple[str, ...]
    created_at: datetime
    unit: str | None = None
    ends_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A wall's screen."""

    name: str
    created_at: datetime
    unit: str | None = None
    scenes: tuple[str, ...] | None = None
    entered_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A place where whoever asks is signed in."""

    id: str
    began_at: datetime
    used_at: datetime
    ends_at: datetime
    address: str
    agent: str
