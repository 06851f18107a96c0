"""The one module for colours, type and figures: stylesheets and Plotly read them from here.

Walls are dark and calm: grey-blue ground, near-white figures. Desks are light unless a person
chooses otherwise. Colour means state and nothing else; blue, amber and vermilion stay apart for
colour-blind eyes, and every state is also said in words or by its shape. Everything written on a
wall has a contrast of 7:1 with what it stands on (WCAG 1.4.6), on a desk of 4.5:1 (1.4.3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from runtime.identity import Identity


class Theme(StrEnum):
    """On which ground a screen is drawn."""

    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours, named for what they mean."""

    ground: str = "#0b1117"
    plane: str = "#111a23"
    divider: str = "#2a3947"
    ink: str = "#f3f6f8"
    ink_soft: str = "#a7b4c0"
    live: str = "#6cb8f0"
    stale: str = "#ffc145"
    cut_off: str = "#9b1c1c"
    cut_off_ink: str = "#ffffff"
    simulated: str = "#d2b8ff"
    mix_negative: str = "#f0936a"
    mix_neutral: str = "#a0afbb"
    mix_positive: str = "#6cb8f0"
    best: str = "#6cb8f0"
    good: str = "#17466e"
    middle: str = "#2a3947"
    poor: str = "#6d3510"
    worst: str = "#ffb454"
    unknown: str = "#0b1117"


@dataclass(frozen=True, slots=True, kw_only=True)
class WallType:
    """Type sizes of the wall in rem, where 1 rem is 16 px on a screen of 1920 x 1080.

    Six metres away, a 55-inch screen's letters of 34 px (about 15 mm) are the smallest that read
    without effort; figures that matter have 96 px, the one that matters most 144.
    """

    smallest: float = 2.125
    label: float = 2.25
    unit: float = 2.375
    name: float = 2.75
    figure: float = 3.5
    headline: float = 6.0
    giant: float = 9.0
    clock: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TableType:
    """Type sizes of the table pages in rem; they are read at a desk."""

    small: float = 0.9375
    body: float = 1.0625
    title: float = 1.375
    figure: float = 2.25


PALETTE = Palette()
LIGHT_PALETTE = Palette(
    ground="#ffffff",
    plane="#f0f4f7",
    divider="#c9d3dc",
    ink="#14202b",
    ink_soft="#4a5967",
    live="#0a5c99",
    stale="#8a5300",
    cut_off="#9b1c1c",
    cut_off_ink="#ffffff",
    simulated="#6236a8",
    mix_negative="#a83a0c",
    mix_neutral="#5d6b78",
    mix_positive="#0a5c99",
    best="#0a5c99",
    good="#a9cfec",
    middle="#e1e7ec",
    poor="#f7cfa6",
    worst="#a34a00",
    unknown="#ffffff",
)
_PALETTES = {Theme.DARK: PALETTE, Theme.LIGHT: LIGHT_PALETTE}
_WORN: ContextVar[Theme] = ContextVar("worn", default=Theme.DARK)
WALL_TYPE = WallType()
TABLE_TYPE = TableType()
FIGURES = "'Barlow Condensed', 'Barlow Semi Condensed', 'Noto Sans', 'Segoe UI', sans-serif"
"""The same type, narrower, for the province's large figures."""
FAMILY = "'Barlow Semi Condensed', 'Noto Sans', 'Segoe UI', sans-serif"
"""Bundled: drawn after highway signs, with Vietnamese letters and figures of equal width."""


def worn() -> Theme:
    """Return the theme of the screen that is being made."""
    return _WORN.get()


@contextmanager
def wearing(theme: Theme) -> Iterator[None]:
    """Draw whatever is drawn while the block runs in `theme`."""
    token = _WORN.set(theme)
    try:
        yield
    finally:
        _WORN.reset(token)


def palette() -> Palette:
    """Return the colours of the screen that is being made."""
    return _PALETTES[worn()]


def theme_named(said: str | None) -> Theme | None:
    """Return the theme of an address's or a cookie's word for it, None for any other word."""
    return Theme(said) if said in set(Theme) else None


def css_variables(identity: Identity | None = None) -> str:
    """Return every token as a CSS custom property of the root element, the province's own too."""
    colours = _colours(PALETTE)
    sizes = {f"wall_{field.name}": getattr(WALL_TYPE, field.name) for field in fields(WALL_TYPE)}
    sizes |= {
        f"table_{field.name}": getattr(TABLE_TYPE, field.name) for field in fields(TABLE_TYPE)
    }
    tokens = (
        colours
        | {name: f"{rem}rem" for name, rem in sizes.items()}
        | {"family": FAMILY, "figures": FIGURES}
        | ({} if identity is None else _own(identity))
    )
    light = _colours(LIGHT_PALETTE)
    return f':root{{{_lines(tokens)}}}:root[data-theme="light"]{{{_lines(light)}}}'


def _colours(colours: Palette) -> dict[str, str]:
    return {field.name: str(getattr(colours, field.name)) for field in fields(colours)}


def _lines(tokens: Mapping[str, str]) -> str:
    return "".join(f"--{name.replace('_', '-')}:{value};" for name, value in tokens.items())


def _own(identity: Identity) -> dict[str, str]:
    emblem = identity.emblem_address
    return {"accent": identity.accent} | ({"emblem": f"url('{emblem}')"} if emblem else {})


def plotly_template() -> go.layout.Template:
    """Return the Plotly template of figures: the screen's ground, our type and separators."""
    import plotly.graph_objects as go

    colours = palette()
    axis = {
        "gridcolor": colours.divider,
        "linecolor": colours.divider,
        "zeroline": False,
        "automargin": True,
        "tickfont": {"color": colours.ink_soft},
    }
    return go.layout.Template(
        layout={
            "paper_bgcolor": colours.ground,
            "plot_bgcolor": colours.ground,
            "font": {"family": FAMILY, "color": colours.ink, "size": 16},
            "colorway": [colours.live, colours.stale, colours.mix_negative, colours.ink_soft],
            "separators": ",.",
            "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
            "hoverlabel": {"bgcolor": colours.plane, "bordercolor": colours.divider},
            "showlegend": False,
            "xaxis": axis,
            "yaxis": axis,
        }
    )
