"""The block of addresses that a user sees once the system is up."""

from __future__ import annotations

from pathlib import Path

from motcua.run.addresses import Addresses
from runtime.loopback import is_loopback

MIRROR = "/api/v1/models"
"""Where the API offers models: server.mirror.routes.PREFIX."""

_TRIAL = "chế độ thử, chỉ trên máy này / trial, this machine only"
_SIGN_IN = "phải đăng nhập / sign-in needed"


def banner(
    addresses: Addresses,
    *,
    data: Path,
    broker: str,
    database_url: str,
    models_key: Path,
    link: str | None = None,
) -> str:
    """Return the addresses as an aligned block; the database's password is not in it.

    `link` is the token with which the administrator sets a password, once.
    """
    api, wall = addresses.api, addresses.dashboards
    rows = [
        ("Màn hình / Wall", addresses.url(wall, "/wall")),
        ("Đơn vị / Units", addresses.url(wall, "/units")),
        ("Thiết bị / Devices", addresses.url(wall, "/devices")),
        ("Đánh giá / Kiosk", addresses.url(addresses.kiosk, "/")),
        ("API", addresses.url(api, "/docs")),
        ("Models for devices", f"{addresses.url(api, MIRROR)}  (key: {models_key}.pub)"),
        ("Broker (MQTT)", broker),
        ("Database", f"{_without_password(database_url)}  (password: {data}/database-url)"),
        ("Data and logs", str(data)),
    ]
    if link is not None:
        rows.append(("Quản trị / Admin", f"{addresses.url(wall, f'/links/{link}')}  (once)"))
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name.ljust(width)}  {value}" for name, value in rows]
    mode = _TRIAL if is_loopback(addresses.host) else _SIGN_IN
    return "\n".join(["", f"Motcua: {mode}", *lines, "", "  Ctrl-C: dừng / stop", ""])


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    user, _, place = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}@{place}"
