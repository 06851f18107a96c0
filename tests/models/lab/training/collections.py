"""Small made-up collections: drawn faces that differ by the curve of the mouth."""

from __future__ import annotations

import csv

import cv2
import numpy as np

from edge.scene import Box, Detection
from models.lab.training.photographs import Photograph

_MOUTHS = {"happiness": -9, "neutral": 0, "sadness": 9}


VOTES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
VOTES = (*VOTES, "unknown", "NF")


def draw_face(curve, *, side=120, shift=0):
    """Return a grey face: eyes, nose and a mouth bent by `curve` pixels."""
    image = np.full((side, side), 90, np.uint8)
    cv2.ellipse(image, (60 + shift, 60), (38, 50), 0, 0, 360, 190, -1)
    for x in (44, 76):
        cv2.circle(image, (x + shift, 48), 6, 40, -1)
    cv2.line(image, (60 + shift, 52), (60 + shift, 68), 120, 2)
    mouth = np.array([[44, 82], [60, 82 - curve], [76, 82]]) + np.array([shift, 0])
    cv2.polylines(image, [mouth], False, 50, 3)
    return image


class FindsOvals:
    """A teacher that finds light ovals up to a width, and their points in proportion."""

    name = "ovals"
    parts = np.array([[0.3, 0.38], [0.7, 0.38], [0.5, 0.58], [0.3, 0.72], [0.7, 0.72]])

    def __init__(self, *, widest_px=1000):
        self._widest_px = widest_px

    def detect(self, image):
        light = (image[..., 0] > 145).astype(np.uint8)
        _, _, found, _ = cv2.connectedComponentsWithStats(light)
        return [
            self._detection(*box)
            for box in found[1:, :4].astype(float)
            if 8 < box[2] <= self._widest_px
        ]

    def _detection(self, left, top, width, height):
        return Detection(
            box=Box(left=left, top=top, right=left + width, bottom=top + height),
            score=1.0,
            landmarks=([left, top] + self.parts * [width, height]).astype(np.float32),
        )


def disc(at, *, side=400, radius=80):
    """Return a photograph whose face is a disc around the pixel `at`, all its points the middle.

    The middle counts from the corner of the picture's first pixel.
    """
    image = np.zeros((side, side), np.uint8)
    cv2.circle(image, at, radius, 255, -1)
    middle = np.array(at, np.float32) + 0.5
    return Photograph(
        name="disc",
        file=cv2.imencode(".png", image)[1].tobytes(),
        boxes=np.array([[*(middle - radius), 2 * radius, 2 * radius]], np.float32),
        landmarks=np.tile(middle, (1, 5, 1)),
    )


def labelled_faces(folder, *, people=60):
    """Write pictures, labels.csv and faces.csv; each person shows each of three expressions."""
    (folder / "images").mkdir(parents=True)
    labels, faces = [], []
    for person in range(people):
        for label, curve in _MOUTHS.items():
            name = f"images/{person}-{label}.jpg"
            shift = person % 7 - 3
            cv2.imwrite(str(folder / name), draw_face(curve, shift=shift))
            labels.append([name, label, f"person {person}"])
            points = [44, 48, 76, 48, 60, 68, 44, 82, 76, 82]
            points = [v + shift * (i % 2 == 0) for i, v in enumerate(points)]
            faces.append([name, 0, 22 + shift, 10, 76, 100, *points, 0.9])
    names = ("reye", "leye", "nose", "rmouth", "lmouth")
    columns = ["file", "face", "x", "y", "w", "h", *(f"{n}_{a}" for n in names for a in "xy")]
    _write(folder / "labels.csv", ["file", "label", "person"], labels)
    _write(folder / "faces.csv", [*columns, "score"], faces)
    return folder


def fer2013_file(path, squares, labels, split, ferplus=None):
    """Write squares [n, 48, 48] in the layout of fer2013_train_public.npz."""
    files = [cv2.imencode(".png", square)[1].ravel() for square in squares]
    names = [b"angry", b"disgust", b"fear", b"happy", b"sad", b"surprise", b"neutral"]
    np.savez(
        path,
        jpeg=np.concatenate(files),
        offset=np.cumsum([0, *(len(file) for file in files)]),
        labels=np.array(labels),
        label_names=np.array(names),
        ferplus_names=np.array(VOTES),
        split=np.array(split),
        ferplus=np.full((len(files), 10), -1) if ferplus is None else np.array(ferplus),
    )
    return path


def _write(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
