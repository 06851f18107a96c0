import re
from dataclasses import fields
from pathlib import Path

import pytest

import dashboards
from dashboards.look.theme import (
    LIGHT_PALETTE,
    PALETTE,
    WALL_TYPE,
    Palette,
    Theme,
    css_variables,
    plotly_template,
    wearing,
)
from runtime import contrast as wcag
from runtime.identity import DARK_GROUND, Identity

ASSETS = Path(dashboards.__file__).parent / "look" / "assets"
STYLESHEETS = sorted(ASSETS.glob("*.css"))
SMALLEST_CONTRAST = 7.0
SMALLEST_CONTRAST_AT_A_DESK = 4.5


def contrast(one: str, other: str) -> float:
    return wcag.contrast(wcag.read_colour(one), wcag.read_colour(other))


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_colours_and_type_sizes_exist_once_in_the_theme(path: Path) -> None:
    style = path.read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s)])", style) == []
    assert re.findall(r"\b(?:rgba?|hsla?)\(", style) == []
    sizes = re.findall(r"font-size:\s*([^;]+);", style)
    own = [s for s in sizes if "var(--" not in s and s != "inherit" and "vw" not in s]
    assert own == []


def test_stylesheets_use_only_tokens_that_the_theme_has() -> None:
    defined = set(re.findall(r"(--[a-z-]+):", css_variables(Identity())))
    local = {"--columns", "--rows", "--old", "--emblem"}
    for path in STYLESHEETS:
        used = set(re.findall(r"var\((--[a-z-]+)[),]", path.read_text(encoding="utf-8")))
        assert used <= defined | local


@pytest.mark.parametrize(
    "name", ["ink", "ink_soft", "live", "stale", "simulated", "mix_negative", "mix_neutral"]
)
def test_everything_written_stands_out_from_both_grounds(name: str) -> None:
    for ground in (PALETTE.ground, PALETTE.plane):
        assert contrast(getattr(PALETTE, name), ground) >= SMALLEST_CONTRAST


@pytest.mark.parametrize(
    "name", ["ink", "ink_soft", "live", "stale", "simulated", "mix_negative", "mix_neutral"]
)
def test_everything_written_on_a_light_desk_stands_out_from_both_grounds(name: str) -> None:
    for ground in (LIGHT_PALETTE.ground, LIGHT_PALETTE.plane):
        assert contrast(getattr(LIGHT_PALETTE, name), ground) >= SMALLEST_CONTRAST_AT_A_DESK


def test_figures_wear_the_theme_of_their_screen() -> None:
    with wearing(Theme.LIGHT):
        assert plotly_template().layout.paper_bgcolor == LIGHT_PALETTE.ground
    assert plotly_template().layout.paper_bgcolor == PALETTE.ground


def test_the_cut_off_band_stands_out_from_its_ground() -> None:
    assert contrast(PALETTE.cut_off_ink, PALETTE.cut_off) >= SMALLEST_CONTRAST


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ground", "best"),
        ("ink", "good"),
        ("ink", "middle"),
        ("ink", "poor"),
        ("ground", "worst"),
        ("ink_soft", "unknown"),
    ],
)
def test_figures_stand_out_from_every_colour_of_the_map(ink: str, ground: str) -> None:
    assert contrast(getattr(PALETTE, ink), getattr(PALETTE, ground)) >= SMALLEST_CONTRAST


def test_the_province_s_colour_is_checked_against_the_walls_ground() -> None:
    assert PALETTE.ground == DARK_GROUND


def test_the_wall_starts_at_34_px_and_its_figures_at_96() -> None:
    assert min(getattr(WALL_TYPE, field.name) for field in fields(WALL_TYPE)) * 16 >= 34
    assert WALL_TYPE.headline * 16 >= 96


def test_figures_take_the_theme_s_grounds_and_separators() -> None:
    layout = plotly_template().layout
    assert layout.paper_bgcolor == PALETTE.ground
    assert layout.separators == ",."
    assert set(layout.colorway) <= {getattr(PALETTE, field.name) for field in fields(Palette)}
