"""The block of addresses that a user sees once the system is up."""

from __future__ import annotations

from pathlib import Path

from motcua.run.addresses import Addresses

MIRROR = "/api/v1/models"
"""Where the API offers models: server.mirror.routes.PREFIX."""


def banner(
    addresses: Addresses, *, data: Path, broker: str, database_url: str, models_key: Path
) -> str:
    """Return the addresses as an aligned block; the database's password is not in it."""
    api, wall = addresses.api, addresses.dashboards
    rows = (
        ("Màn hình / Wall", addresses.url(wall, "/wall")),
        ("Đơn vị / Units", addresses.url(wall, "/units")),
        ("Thiết bị / Devices", addresses.url(wall, "/devices")),
        ("Đánh giá / Kiosk", addresses.url(addresses.kiosk, "/")),
        ("API", addresses.url(api, "/docs")),
        ("Models for devices", f"{addresses.url(api, MIRROR)}  (key: {models_key}.pub)"),
        ("Broker (MQTT)", broker),
        ("Database", f"{_without_password(database_url)}  (password: {data}/database-url)"),
        ("Data and logs", str(data)),
    )
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name.ljust(width)}  {value}" for name, value in rows]
    return "\n".join(["", "Motcua", *lines, "", "  Ctrl-C: dừng / stop", ""])


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    user, _, place = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}@{place}"
