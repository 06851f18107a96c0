"""How well the pipeline counts: the scenes of tests/scenarios against their truth.

Each scene is rendered, taken through the real models, tracker, zones and picture checks as `watch`
does, and compared with its script. `python -m tests.bench.accuracy [SCENE…]` prints the table;
`--write` renews docs/accuracy.md; `--detect-every N` looks for faces on every n-th frame; `--keep
FOLDER` keeps what was measured, so that a run that was stopped goes on. Scenes of people from
behind, and the recording, need ../shared.
"""

from __future__ import annotations

import argparse
import csv
import os
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from contract.messages import Visit
from edge.analytics.messages import CameraMessage
from edge.analytics.zones import Begin, ZoneKind
from edge.assembly import assemble
from edge.capture.masks import MaskPainter
from edge.capture.sources import EPOCH
from edge.errors import VisionError
from edge.replay import replay
from edge.sections import CameraSettings, VisionSettings, ZoneSettings
from edge.settings import EdgeSettings
from edge.watch.views import View
from tests.scenarios.painting import frames
from tests.scenarios.scenes import scenes
from tests.scenarios.scores import Score, mean, percentile, score, total
from tests.scenarios.scripts import Scene

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "accuracy.md"
CLIP = "data/video/one_by_one_part1.mp4"
TRUTH = "data/video/visits_part1.csv"
TABLE_POLYGON = ((0.55, 0.0), (0.66, 0.0), (0.66, 0.16), (0.55, 0.16))
"""Where heads are at the recording's table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One aim and what was measured."""

    what: str
    aim: str
    measured: float
    is_met: bool
    digits: int = 2


def settings_of(scene: Scene, detect_every: int | None = None) -> EdgeSettings:
    """Return the settings of a device that watches `scene`: defaults, and the scene's zones."""
    begin = Begin.BODY if scene.backs else Begin.FACE
    zones = tuple(
        ZoneSettings(
            name=zone.name,
            kind=ZoneKind(zone.kind),
            polygon=zone.polygon,
            counter=zone.counter,
            begin=begin,
        )
        for zone in scene.zones
    )
    vision = VisionSettings() if detect_every is None else VisionSettings(detect_every=detect_every)
    return EdgeSettings(zones=zones, camera=CameraSettings(fps=scene.stream.fps), vision=vision)


def messages_of(
    scene: Scene, shared: Path | None, detect_every: int | None = None
) -> Iterator[CameraMessage]:
    """Yield what a device would send of `scene`."""
    view = View(assemble(settings_of(scene, detect_every)).pipeline)
    for frame in frames(scene, shared=shared, painter=MaskPainter(())):
        yield from view.take(frame)
    yield from view.close()


def measure(scene: Scene, shared: Path | None, detect_every: int | None = None) -> Score | None:
    """Return the score of `scene`, None where its pictures or models are not here."""
    try:
        return score(scene, list(messages_of(scene, shared, detect_every)))
    except (FileNotFoundError, VisionError):
        return None


def recording_errors(shared: Path) -> list[tuple[float, float]]:
    """Return how far each visit's beginning and end on the recording are from the truth, s."""
    zone = ZoneSettings(
        name="table", kind=ZoneKind.SERVICE, polygon=TABLE_POLYGON, begin=Begin.BODY
    )
    settings = EdgeSettings(zones=(zone,))
    with (shared / TRUTH).open(encoding="utf-8") as file:
        truth = [
            (float(row["standing_from_s"]), float(row["standing_to_s"]))
            for row in csv.DictReader(file)
        ]
    found = [
        (_seconds(message.started_at), _seconds(message.observed_at))
        for message in replay(settings, assemble(settings), [str(shared / CLIP)])
        if isinstance(message, Visit)
    ]
    if len(found) != len(truth):
        raise SystemExit(f"{CLIP}: {len(found)} visits instead of {len(truth)}: {found}")
    return [
        (start - true_start, end - true_end)
        for (start, end), (true_start, true_end) in zip(found, truth, strict=True)
    ]


def targets(everything: Score) -> tuple[Target, ...]:
    """Return the aims beside what was measured over all scenes."""
    service, waits = everything.service_errors_s, everything.wait_errors_s
    medians = percentile(service, 0.5), percentile(service, 0.95), percentile(waits, 0.5)
    queue = mean(everything.queue_errors)
    rows = (
        ("visit precision", "≥ 0.98", everything.precision, everything.precision >= 0.98, 3),
        ("visit recall", "≥ 0.98", everything.recall, everything.recall >= 0.98, 3),
        ("service time, median error, s", "≤ 0.5", medians[0], medians[0] <= 0.5, 2),
        ("service time, 95th percentile, s", "≤ 2", medians[1], medians[1] <= 2, 2),
        ("wait, median error, s", "≤ 1", medians[2], medians[2] <= 1, 2),
        ("queue length, mean error, people", "≤ 0.2", queue, queue <= 0.2, 2),
        ("parties of the right size", "≥ 0.95", everything.party_share,
         everything.party_share >= 0.95, 3),
    )  # fmt: skip
    return tuple(
        Target(what=what, aim=aim, measured=value, is_met=met, digits=digits)
        for what, aim, value, met, digits in rows
    )


def row(one: Score, title: str) -> str:
    """Return a line of the table of scenes."""
    return (
        f"| {one.name} | {title} | {one.true_visits} | {one.found_visits} | {one.matched_visits} "
        f"| {percentile(one.service_errors_s, 0.5):.2f} "
        f"| {percentile(one.service_errors_s, 0.95):.2f} "
        f"| {percentile(one.wait_errors_s, 0.5):.2f} | {mean(one.queue_errors):.2f} "
        f"| {one.parties_right}/{one.matched_visits} | {one.found_left}/{one.true_left} |"
    )


def main() -> None:
    """Print the tables; `--write` puts them into docs/accuracy.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="*")
    parser.add_argument("--shared", type=Path, default=_shared())
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--detect-every", type=int, help="The default of a device otherwise.")
    parser.add_argument("--keep", type=Path, help="A folder of its own for each configuration.")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    chosen = [s for s in scenes() if not options.scenes or s.name in options.scenes]
    results: list[Score] = []
    lines = []
    with ProcessPoolExecutor(options.jobs) as pool:
        names = {scene.name for scene in chosen}
        numbers = [index for index, scene in enumerate(scenes()) if scene.name in names]
        measure_number = partial(
            _measure_number,
            shared=options.shared,
            detect_every=options.detect_every,
            keep=options.keep,
        )
        for scene, one in zip(chosen, pool.map(measure_number, numbers), strict=True):
            if one is None:
                print(f"{scene.name}: left out, its pictures or models are not here")
                continue
            results.append(one)
            lines.append(row(one, scene.title))
            print(lines[-1], flush=True)
    aims = targets(total(results))
    for aim in aims:
        print(f"{aim.what}: {aim.measured:.{aim.digits}f} ({aim.aim}) {_met(aim.is_met)}")
    errors = recording_errors(options.shared) if options.shared and not options.scenes else []
    for start_s, end_s in errors:
        print(f"recording: begins {start_s:+.1f} s, ends {end_s:+.1f} s")
    if options.write:
        PAGE.write_text(page(lines, aims, errors), encoding="utf-8")


def page(
    lines: Sequence[str], aims: Sequence[Target], errors: Sequence[tuple[float, float]]
) -> str:
    """Return docs/accuracy.md."""
    template = (Path(__file__).with_name("accuracy.md.template")).read_text(encoding="utf-8")
    return template.format(
        targets="\n".join(
            f"| {a.what} | {a.aim} | {'' if a.is_met else '**'}{a.measured:.{a.digits}f}"
            f"{'' if a.is_met else '** (missed)'} |"
            for a in aims
        ),
        scenes="\n".join(lines),
        recording="\n".join(
            f"| {number} | {start_s:+.1f} | {end_s:+.1f} |"
            for number, (start_s, end_s) in enumerate(errors, start=1)
        ),
    )


def _measure_number(
    number: int, shared: Path | None, detect_every: int | None, keep: Path | None
) -> Score | None:
    scene = scenes()[number]
    kept = keep / f"{scene.name}.pickle" if keep else None
    if kept is not None and kept.exists():
        found: Score = pickle.loads(kept.read_bytes())
        return found
    one = measure(scene, shared, detect_every)
    if kept is not None and one is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(one))
    return one


def _shared() -> Path | None:
    folder = Path(os.environ.get("MOTCUA_SHARED", ROOT.parent / "shared"))
    return folder if folder.is_dir() else None


def _seconds(at: object) -> float:
    return (at - EPOCH).total_seconds()  # type: ignore[operator, no-any-return]


def _met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


if __name__ == "__main__":
    main()
