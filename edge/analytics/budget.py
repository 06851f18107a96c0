"""How often to detect, and at which size, so that a device keeps up with its camera.

A detection's cost grows with the picture's area, everything else costs the same on each frame.
Detecting on every n-th frame at width w takes of each second

    fps x frame + fps / n x detect(w) + other

milliseconds, which may be the share `USABLE` of one core: the rest is for the other processes. Heat
slows a processor down before it hurts it; near that point less is planned for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

USABLE = 0.7
"""The share of one core's time that watch may plan with."""

HOT_C, SLOWED_C = 70.0, 80.0
"""Above HOT_C less is planned for; at SLOWED_C a Raspberry Pi 4 lowers its clock."""

WARM_SHARE = 0.75
HOT_SHARE = 0.55

WIDTHS_PX = (640, 512, 448, 384, 320)
MOST_EVERY = 5
"""Detecting more seldom than that loses walkers: at 10 frames a second it is twice a second."""

TRACKED_FPS = 10.0

WALKERS_PER_S = 3.0
"""With fewer detections a second the bundled scene loses visits."""

RELAX_BELOW = 0.6
"""Detecting more often again is tried when it would take less than this share of the budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredCosts:
    """Milliseconds on this device: of a frame whatever happens, of a detection at each width.

    `other_ms_per_s` is what does not follow the frames: looking for people, reading expressions.
    """

    frame_ms: float
    detect_ms: dict[int, float]
    other_ms_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A way to run: the settings, and what it takes of a second beside what it may."""

    input_width_px: int
    detect_every: int
    fps: float
    load_ms: float
    budget_ms: float

    @property
    def fits(self) -> bool:
        """Whether the device keeps up."""
        return self.load_ms <= self.budget_ms

    @property
    def detections_per_s(self) -> float:
        """How often faces are looked for, times a second."""
        return self.fps / self.detect_every


def budget_ms(temperature_c: float | None) -> float:
    """Return the milliseconds of each second to plan with, at that temperature of the processor."""
    usable = 1000 * USABLE
    if temperature_c is None or temperature_c < HOT_C:
        return usable
    return usable * (WARM_SHARE if temperature_c < SLOWED_C else HOT_SHARE)


def next_pace(
    detect_every: int, *, wanted: int, busy_share: float, temperature_c: float | None
) -> int:
    """Return on every how many frames to detect next, from how busy one core was lately.

    It is `wanted` while the device keeps up, one more when it does not, and one less when there is
    room again; never more than `MOST_EVERY`, unless more is wanted.
    """
    allowed = budget_ms(temperature_c) / 1000
    if busy_share > allowed:
        return min(detect_every + 1, max(MOST_EVERY, wanted))
    if detect_every > wanted and busy_share * detect_every / (detect_every - 1) < (
        RELAX_BELOW * allowed
    ):
        return detect_every - 1
    return detect_every


def choose(
    costs: MeasuredCosts,
    *,
    fps: float = TRACKED_FPS,
    temperature_c: float | None = None,
    slowness: float = 1.0,
) -> Choice:
    """Return the best choice that fits, the cheapest where none does.

    Following walkers (`WALKERS_PER_S`) comes first, small faces second, looking more often third.
    `slowness` is how many times longer another device takes than this one.
    """
    allowed_ms = budget_ms(temperature_c)
    choices = [
        Choice(
            input_width_px=width_px,
            detect_every=every,
            fps=fps,
            load_ms=slowness
            * (
                fps * costs.frame_ms
                + fps / every * costs.detect_ms[width_px]
                + costs.other_ms_per_s
            ),
            budget_ms=allowed_ms,
        )
        for every in range(1, MOST_EVERY + 1)
        for width_px in sorted(costs.detect_ms, reverse=True)
    ]
    return _best(choices)


def _best(choices: Sequence[Choice]) -> Choice:
    fitting = [choice for choice in choices if choice.fits]
    if not fitting:
        return min(choices, key=lambda choice: choice.load_ms)
    return max(fitting, key=_worth)


def _worth(choice: Choice) -> tuple[bool, int, float]:
    follows = choice.detections_per_s >= WALKERS_PER_S
    return follows, choice.input_width_px, choice.detections_per_s
