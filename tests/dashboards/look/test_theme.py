import re
from dataclasses import fields
from pathlib import Path

import pytest

import dashboards
from dashboards.look.theme import PALETTE, WALL_TYPE, Palette, css_variables, plotly_template

ASSETS = Path(dashboards.__file__).parent / "look" / "assets"
STYLESHEETS = sorted(ASSETS.glob("*.css"))
SMALLEST_CONTRAST = 4.5


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_colours_and_type_sizes_exist_once_in_the_theme(path: Path) -> None:
    style = path.read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s)])", style) == []
    assert re.findall(r"\b(?:rgba?|hsla?)\(", style) == []
    sizes = re.findall(r"font-size:\s*([^;]+);", style)
    own = [s for s in sizes if "var(--" not in s and s != "inherit" and "vw" not in s]
    assert own == []


def test_stylesheets_use_only_tokens_that_the_theme_has() -> None:
    defined = set(re.findall(r"(--[a-z-]+):", css_variables()))
    local = {"--columns", "--part", "--rows", "--scale", "--old"}
    for path in STYLESHEETS:
        used = set(re.findall(r"var\((--[a-z-]+)\)", path.read_text(encoding="utf-8")))
        assert used <= defined | local


@pytest.mark.parametrize(
    "name", ["ink", "ink_soft", "live", "stale", "simulated", "mix_negative", "mix_neutral"]
)
def test_everything_written_stands_out_from_both_grounds(name: str) -> None:
    for ground in (PALETTE.ground, PALETTE.plane):
        assert contrast(getattr(PALETTE, name), ground) >= SMALLEST_CONTRAST


def test_the_cut_off_band_stands_out_from_its_ground() -> None:
    assert contrast(PALETTE.cut_off_ink, PALETTE.cut_off) >= SMALLEST_CONTRAST


def test_the_wall_starts_at_34_px_and_its_figures_at_96() -> None:
    assert min(getattr(WALL_TYPE, field.name) for field in fields(WALL_TYPE)) * 16 >= 34
    assert WALL_TYPE.headline * 16 >= 96


def test_figures_take_the_theme_s_grounds_and_separators() -> None:
    layout = plotly_template().layout
    assert layout.paper_bgcolor == PALETTE.ground
    assert layout.separators == ",."
    assert set(layout.colorway) <= {getattr(PALETTE, field.name) for field in fields(Palette)}
