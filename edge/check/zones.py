"""Whether the zones suit what the camera sees: should visits begin with a face, or with a body?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from contract.manifest import ModelTask
from edge.analytics.people import head_box
from edge.analytics.zones import Begin, Zone, ZoneKind, anchor
from edge.check.findings import Finding, ok, told, warn
from edge.errors import CaptureError, VisionError
from edge.scene import Box, Detector, Frame
from edge.settings import EdgeSettings

PICTURES = 12
_TAKE_EVERY = 5

MOST_MISSED = 3
"""A camera that gives nothing for so many seconds has been told by its own check."""

FEWEST_PEOPLE = 4
"""With fewer people seen in a zone nothing is proposed."""

FACES_SHARE = 0.5
"""Where fewer than this share of the people show a face, visits had better begin with bodies."""


def propose_begin(*, faces: int, people: int) -> Begin | None:
    """Return with what visits of a zone should begin; None with too few people to tell.

    Both are counted over the same pictures.
    """
    seen = max(faces, people)
    if seen < FEWEST_PEOPLE:
        return None
    return Begin.FACE if faces >= FACES_SHARE * seen else Begin.BODY


def check_zones(settings: EdgeSettings, models: Path | None) -> Iterator[Finding]:
    """Yield for each service zone of each camera how its visits should begin.

    A few pictures are looked at in memory; nothing is changed: a person confirms it in the file.
    """
    from edge.capture.sources import NONE
    from edge.vision.adapters import load_detector
    from edge.vision.registry import AUTO, open_registry

    try:
        registry = open_registry(models)
        faces = load_detector(registry, AUTO)
        people = load_detector(registry, AUTO, task=ModelTask.PERSON_DETECTION)
    except VisionError as error:
        yield ok("zones", told("zones_unseen", error=error))
        return
    for view in settings.views():
        zones = [zone.zone() for zone in view.zones if zone.kind is ZoneKind.SERVICE]
        if view.camera.source == NONE or not zones:
            continue
        try:
            frames = _pictures(view)
        except CaptureError:
            continue  # the camera's own check has told it
        for zone in zones if frames else ():
            yield _judge(zone, _count(faces, frames, zone), _count_heads(people, frames, zone))


def _judge(zone: Zone, faces: int, people: int) -> Finding:
    subject = f"zone {zone.name}"
    figures = {"faces": faces, "people": people, "pictures": PICTURES, "begin": zone.begin}
    proposed = propose_begin(faces=faces, people=people)
    if proposed is None:
        return ok(subject, told("zone_few", **figures))
    if proposed is zone.begin:
        return ok(subject, told("zone", **figures))
    return warn(
        subject,
        told("zone_other", **figures),
        told("set_begin", begin=proposed),
    )


def _pictures(view: EdgeSettings) -> list[Frame]:
    """Return a few pictures, some time apart; fewer, or none, from a camera that gives nothing."""
    from edge.capture.sources import open_source

    camera, masks = view.camera, view.mask_zones()
    frames: list[Frame] = []
    missed = 0
    with open_source(camera.source, fps=camera.fps, loop=True, masks=masks) as results:
        for result in results:
            if isinstance(result, Frame):
                frames.append(result)
            else:
                missed += 1
            if missed > MOST_MISSED or len(frames) >= PICTURES * _TAKE_EVERY:
                break
    return frames[::_TAKE_EVERY]


def _count(detector: Detector, frames: list[Frame], zone: Zone) -> int:
    return sum(
        _is_inside(found.box, frame, zone)
        for frame in frames
        for found in detector.detect(frame.image)
    )


def _count_heads(detector: Detector, frames: list[Frame], zone: Zone) -> int:
    return sum(
        _is_inside(head_box(found.box), frame, zone)
        for frame in frames
        for found in detector.detect(frame.image)
    )


def _is_inside(box: Box, frame: Frame, zone: Zone) -> bool:
    height_px, width_px = frame.image.shape[:2]
    return zone.contains(anchor(box, width_px, height_px))
