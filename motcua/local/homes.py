"""Folders for the database and the broker that the account they run as can reach."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from motcua.errors import DataUnusable
from motcua.local.accounts import Account
from motcua.local.notices import Say, log_notice

STATE = Path("/var/lib/motcua")
"""Where root keeps what an unprivileged account must reach."""

_POINTER = "kept-at"


def reachable_home(
    wanted: Path, account: Account | None, *, kind: str, say: Say = log_notice, state: Path = STATE
) -> Path:
    """Return `wanted`, made, or a stand-in under `state` when `account` cannot reach `wanted`.

    The stand-in is in the folder of its `kind`, named by a hash of the path, so that the next
    start finds it again. When the data folder was deleted in the meantime, the old stand-in is
    set aside rather than revived: who deletes a data folder means to start afresh.
    """
    _make(wanted)
    if account is None:
        return wanted
    wanted.chmod(0o711)
    if account.may_enter(wanted):
        return wanted
    home = state / f"{kind}s" / hashlib.sha256(str(wanted).encode()).hexdigest()[:16]
    pointer = wanted / _POINTER
    if home.exists() and not pointer.exists():
        aside = home.with_name(f"{home.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}")
        home.rename(aside)
        say(f"{wanted} is new: what an earlier one of that name kept is now in {aside}")
    _make(home)
    for folder in (state, home.parent, home):
        folder.chmod(0o711)
    if not account.may_enter(home):
        raise DataUnusable(
            f"user {account.name} can enter neither {wanted} nor {home}: "
            "choose a data folder with --data that other users may enter"
        )
    if not pointer.exists():
        pointer.write_text(f"{home}\n", encoding="utf-8")
        say(
            f"the {kind} is kept in {home}: user {account.name}, who runs it in place of root, "
            f"may not enter {wanted}"
        )
    return home


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataUnusable(
            f"data folder {folder}: {error.strerror}: choose another one with --data"
        ) from error
