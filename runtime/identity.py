"""The province's name, emblem and colour, shared by every screen, e-mail and report."""

from __future__ import annotations

import base64
from email.utils import formataddr, parseaddr
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.contrast import contrast, read_colour

LEAST_CONTRAST = 7.0
"""WCAG 2.2, 1.4.6 (AAA): what is read from six metres is read with less than full acuity."""

DARK_GROUND, LIGHT_GROUND = "#0b1117", "#ffffff"
"""What the accent stands on: the walls' ground, and paper."""

LARGEST_EMBLEM_BYTES = 100_000
_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}


def _stands_out(colour: str) -> str:
    found = contrast(read_colour(colour), read_colour(DARK_GROUND))
    if found < LEAST_CONTRAST:
        raise ValueError(
            f"{colour} has a contrast of {found:.1f}:1 with the screens' ground {DARK_GROUND}; "
            f"{LEAST_CONTRAST:g}:1 is needed: take a lighter colour"
        )
    return colour.lower()


def _fit_to_show(path: Path | None) -> Path | None:
    if path is None:
        return None
    if path.suffix.lower() not in _KINDS:
        raise ValueError(f"{path}: an emblem is an SVG or a PNG file")
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    if size > LARGEST_EMBLEM_BYTES:
        raise ValueError(
            f"{path} has {size:,} bytes; an emblem has at most {LARGEST_EMBLEM_BYTES:,}"
        )
    return path


class Identity(BaseSettings):
    """Who a province's screens speak for; read from MOTCUA_IDENTITY__* when a process starts."""

    model_config = SettingsConfigDict(
        env_prefix="MOTCUA_IDENTITY__", extra="ignore", frozen=True, populate_by_name=True
    )

    name: str = Field(
        default="Tỉnh Bắc Ninh",
        min_length=1,
        max_length=80,
        validation_alias=AliasChoices("MOTCUA_IDENTITY__NAME", "MOTCUA_DASHBOARDS__PROVINCE_NAME"),
    )
    """The province's name."""
    name_en: str = Field(default="", max_length=80)
    """The same in English; without one, screens in English say the Vietnamese name."""
    emblem: Annotated[Path | None, AfterValidator(_fit_to_show)] = None
    """An SVG or PNG file of at most 100 kB."""
    accent: Annotated[str, AfterValidator(_stands_out)] = "#ffc145"
    """The province's colour, as #rrggbb; refused below a contrast of 7:1 with the walls' ground."""

    def named(self, *, english: bool = False) -> str:
        """Return the name in one language; Vietnamese where it has no English one."""
        return (self.name_en if english else "") or self.name

    def sender(self, address: str) -> str:
        """Return who an e-mail is from: the province's name with `address`, one that has a name
        of its own as it is.
        """
        name, bare = parseaddr(address)
        return address if name or not bare else formataddr((self.name, bare))

    @cached_property
    def emblem_address(self) -> str:
        """The emblem as a `data:` address, empty without one."""
        if self.emblem is None:
            return ""
        kind = _KINDS[self.emblem.suffix.lower()]
        return f"data:{kind};base64,{base64.b64encode(self.emblem.read_bytes()).decode()}"
