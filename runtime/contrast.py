"""How far two colours stand out from each other, by WCAG 2.2."""

from __future__ import annotations

import re

Colour = tuple[int, int, int]
"""Red, green and blue, 0..255."""

_HEX = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})")
_LINEAR_BELOW = 0.04045


def read_colour(text: str) -> Colour:
    """Return the colour that `#rrggbb` names; raise ValueError for anything else."""
    found = _HEX.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no colour: write it as #rrggbb")
    red, green, blue = (int(part, 16) for part in found.groups())
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio, 1..21 (WCAG 2.2, definition of contrast ratio)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= _LINEAR_BELOW else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
