"""Names of units as a narrow tile says them."""

from __future__ import annotations

_KINDS = ("Phường ", "Xã ", "Thị trấn ")
_ENGLISH_KINDS = (" Ward", " Commune", " Town")


def short_name(name: str) -> str:
    """Return a commune's or ward's name without its kind: "Phường Kinh Bắc" gives "Kinh Bắc"."""
    for kind in _KINDS:
        if name.startswith(kind):
            rest = name.removeprefix(kind)
            return rest[:1].upper() + rest[1:]
    for kind in _ENGLISH_KINDS:
        if name.endswith(kind):
            return name.removesuffix(kind)
    return name
