"""The block of addresses that a user sees once the system is up, in both languages."""

from __future__ import annotations

from pathlib import Path

from contract.texts import Language, texts
from motcua.run.addresses import Addresses
from runtime.loopback import is_loopback

MIRROR = "/api/v1/models"
"""Where the API offers models: server.mirror.routes.PREFIX."""


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
    key = _say("banner.key", path=f"{models_key}.pub")
    password = _say("banner.password", path=data / "database-url")
    rows = [
        ("wall", addresses.url(wall, "/wall")),
        ("chairman", addresses.url(wall, "/chairman")),
        ("rankings", addresses.url(wall, "/rankings")),
        ("units", addresses.url(wall, "/units")),
        ("devices", addresses.url(wall, "/devices")),
        ("kiosk", addresses.url(addresses.kiosk, "/")),
        ("api", addresses.url(api, "/docs")),
        ("models", f"{addresses.url(api, MIRROR)}  ({key})"),
        ("broker", broker),
        ("database", f"{_without_password(database_url)}  ({password})"),
        ("data", str(data)),
    ]
    if link is not None:
        rows.append(("link", f"{addresses.url(wall, f'/links/{link}')}  ({_say('banner.once')})"))
    named = [(_both(f"banner.{name}"), value) for name, value in rows]
    mode = _both("banner.trial" if is_loopback(addresses.host) else "banner.sign_in")
    width = max(len(name) for name, _ in named)
    lines = [f"  {name.ljust(width)}  {value}" for name, value in named]
    return "\n".join(["", f"Motcua: {mode}", *lines, "", f"  {_both('banner.stop')}", ""])


def _both(key: str) -> str:
    """Return a text in Vietnamese and, where it differs, in English behind it."""
    vi, en = (texts("motcua", language)[key] for language in (Language.VI, Language.EN))
    return vi if vi == en else f"{vi} / {en}"


def _say(key: str, **figures: object) -> str:
    return texts("motcua", Language.VI).format(key, **figures)


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    user, _, place = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}@{place}"
