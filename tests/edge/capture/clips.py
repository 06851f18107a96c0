"""Small recordings that tests write for themselves: each picture says its number in grey."""

from __future__ import annotations

import cv2
import numpy as np

WIDTH_PX, HEIGHT_PX = 64, 48


def picture(level, width_px=WIDTH_PX, height_px=HEIGHT_PX):
    return np.full((height_px, width_px, 3), level, np.uint8)


def write_clip(path, levels, *, fps=10):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), fps, (WIDTH_PX, HEIGHT_PX))
    assert writer.isOpened()
    for level in levels:
        writer.write(picture(level))
    writer.release()
    return path


def levels_of(images):
    return [round(float(image.mean())) for image in images]
