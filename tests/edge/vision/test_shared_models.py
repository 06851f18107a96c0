"""The real weights on real pictures, where ../shared has them."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.scene import Box, Detection
from edge.vision import detector as detecting
from edge.vision.adapters import load_detector, load_expression_reader
from edge.vision.candidates import Candidates
from edge.vision.registry import open_registry

pytestmark = pytest.mark.shared

PICTURES = 150
EVERY_NTH = 70
LARGE_PX = 60


@pytest.fixture(scope="module")
def registry(shared: Path):
    return open_registry(shared / "models")


@pytest.fixture(scope="module")
def known_faces(shared: Path) -> dict[str, list[Detection]]:
    """Faces that another implementation found with the same weights, by picture."""
    faces = defaultdict(list)
    with (shared / "data" / "expressions" / "faces.csv").open() as file:
        for row in csv.DictReader(file):
            left, top, width, height, score = (
                float(row[column]) for column in ("x", "y", "w", "h", "score")
            )
            points = [
                (float(row[f"{part}_x"]), float(row[f"{part}_y"]))
                for part in ("reye", "leye", "nose", "rmouth", "lmouth")
            ]
            faces[row["file"]].append(
                Detection(
                    box=Box(left=left, top=top, right=left + width, bottom=top + height),
                    score=score,
                    landmarks=np.array(points, np.float32),
                )
            )
    return dict(faces)


def frames_of(clip: Path):
    capture = cv2.VideoCapture(str(clip))
    while (picture := capture.read())[0]:
        yield picture[1]
    capture.release()


def same_face(a: Detection, b: Detection, tolerance_px: float) -> bool:
    edges = ("left", "top", "right", "bottom")
    return all(abs(getattr(a.box, e) - getattr(b.box, e)) <= tolerance_px for e in edges)


def test_faces_agree_with_those_of_another_implementation(
    shared, registry, known_faces, monkeypatch
):
    # The other one takes the best candidate of each face alone.
    monkeypatch.setattr(detecting, "fuse_boxes", Candidates.take)
    detector = load_detector(registry, "yunet-n")
    for name in sorted(known_faces)[::EVERY_NTH][:PICTURES]:
        image = cv2.imread(str(shared / "data" / "expressions" / name))
        found = detector.detect(image)
        # Near the threshold rounding may decide; above it both must see the same faces.
        expected = [face for face in known_faces[name] if face.score > 0.62]
        assert len(expected) <= len(found) <= len(known_faces[name]) + 1, name
        for face in expected:
            twin = next((other for other in found if same_face(face, other, 1.0)), None)
            assert twin is not None, name
            assert twin.score == pytest.approx(face.score, abs=0.01)
            assert np.abs(twin.landmarks - face.landmarks).max() < 1.0, name


@pytest.mark.parametrize("detector", ["yunet-n", "yunet-n-320"])
@pytest.mark.parametrize(
    ("clip", "faces"),
    [
        ("classroom.gif", 4),
        ("face-demographics-walking-and-pause.gif", 3),
        ("head-pose-face-detection-female-and-male.gif", 2),
    ],
)
def test_every_face_of_a_clip_is_found(shared, registry, detector, clip, faces):
    finder = load_detector(registry, detector)
    counts = [len(finder.detect(f)) for f in frames_of(shared / "data" / "video" / clip)]
    assert np.median(counts) == faces
    assert max(counts) == faces


@pytest.mark.parametrize("detector", ["yolox-nano", "fastestdet"])
def test_who_stands_at_the_service_point_is_found_from_behind(shared, registry, detector):
    finder = load_detector(registry, detector)
    clip = shared / "data" / "video" / "one_by_one_part1.mp4"
    with (clip.parent / "visits_part1.csv").open() as file:
        stays = [
            (float(row["standing_from_s"]), float(row["standing_to_s"]))
            for row in csv.DictReader(file)
        ]
    seen = [
        (at_s, len(finder.detect(frame)))
        for at_s, frame in ((index / 10, f) for index, f in enumerate(frames_of(clip)))
        if round(at_s * 10) % 5 == 0
    ]
    standing = [count for at_s, count in seen if any(a + 0.5 < at_s < b - 0.5 for a, b in stays)]
    assert np.mean([count == 1 for count in standing]) > 0.95
    empty = [count for at_s, count in seen if at_s < 5]
    assert sum(empty) == 0


@pytest.mark.parametrize("model", ["peer_mini_xception", "peer_faceapi"])
def test_smiles_are_told_from_neutral_faces(shared, registry, known_faces, model):
    reader = load_expression_reader(registry, model)
    assert reader is not None
    with (shared / "data" / "expressions" / "labels.csv").open() as file:
        labels = {row["file"]: row["label"] for row in csv.DictReader(file)}
    large = [name for name in sorted(known_faces) if known_faces[name][0].box.width > LARGE_PX]
    positive = {}
    for label in ("happiness", "neutral"):
        names = [name for name in large if labels.get(name) == label][:: EVERY_NTH // 2]
        readings = [
            reader.read(cv2.imread(str(shared / "data" / "expressions" / name)), faces[:1])[0]
            for name, faces in ((name, known_faces[name]) for name in names)
        ]
        totals = [r.negative + r.neutral + r.positive for r in readings]
        assert totals == pytest.approx([1] * len(names), abs=1e-3)
        positive[label] = np.mean([r.positive > 0.5 for r in readings])
    assert positive["happiness"] > 0.8
    assert positive["neutral"] < 0.15
