"""The bodies of the set-up page's requests and responses."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from edge.analytics.zones import Begin, ZoneKind


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PinIn(_Body):
    """The PIN that provisioning printed."""

    pin: Annotated[str, Field(max_length=64)]


class Entered(_Body):
    """What every other call has to show as `X-Setup-Token`."""

    token: str


class ZoneIn(_Body):
    """A zone as the page has drawn it; what is wrong with it is said by the settings' own rules."""

    name: Annotated[str, Field(max_length=80)]
    kind: ZoneKind
    polygon: Annotated[tuple[tuple[float, float], ...], Field(max_length=60)]
    counter: Annotated[str, Field(max_length=80)] | None = None
    camera: Annotated[str, Field(max_length=80)] | None = None
    begin: Begin = Begin.FACE

    def as_toml(self) -> dict[str, Any]:
        """Return the keys of its table; those at their defaults are left out."""
        said: dict[str, Any] = {
            "name": self.name,
            "kind": str(self.kind),
            "polygon": [[round(x, 4), round(y, 4)] for x, y in self.polygon],
        }
        if self.counter:
            said["counter"] = self.counter
        if self.camera:
            said["camera"] = self.camera
        if self.begin is not Begin.FACE:
            said["begin"] = str(self.begin)
        return said


class SettingsIn(_Body):
    """What the page changes."""

    zones: Annotated[tuple[ZoneIn, ...], Field(max_length=64)]
    detector: Annotated[str, Field(min_length=1, max_length=80)]
    expression: Annotated[str, Field(min_length=1, max_length=80)]
    people: Annotated[str, Field(min_length=1, max_length=80)]


class DraftIn(SettingsIn):
    """The same, to be looked at with `camera` before it is saved."""

    camera: Annotated[str, Field(max_length=80)]


class ModelChoice(_Body):
    """A model that is there."""

    name: str
    task: Literal["face_detection", "person_detection", "expression"]


class SetupState(_Body):
    """What the page begins with."""

    unit: str
    counter: str
    device: str
    file: str
    cameras: tuple[str, ...]
    zones: tuple[ZoneIn, ...]
    detector: str
    expression: str
    people: str
    models: tuple[ModelChoice, ...]
    can_restore: bool
    ends_in_s: float


class ViewOut(_Body):
    """The coarse picture: rows of cells 0xRGB in hexadecimal digits, and who is where."""

    columns: int
    rows: int
    cells: tuple[str, ...]
    heads: tuple[tuple[float, float], ...]
    counts: dict[str, int]
    problem: str
    age_s: float | None


class FindingOut(_Body):
    """One line of `motcua edge check`."""

    subject: str
    verdict: Literal["OK", "WARN", "FAIL"]
    detail: str
    advice: str


class SavedOut(_Body):
    """What was written."""

    file: str
    zones: int
