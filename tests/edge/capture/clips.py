"""Small recordings that tests write for themselves: each picture says its number in grey."""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import cv2
import numpy as np
from PIL import Image

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


def half_lit(level=200):
    """Return a picture whose left half is bright: what is turned or mirrored is seen to be."""
    image = picture(0)
    image[:, : WIDTH_PX // 2] = level
    return image


def write_video(path, images, *, at_s=None, codec="libx264", pixel_shape=None, rate=10, form=None):
    """Write `images` at their own times, by default evenly at `rate` a second."""
    with av.open(str(path), "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height = images[0].shape[1::-1]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if pixel_shape is not None:
            stream.codec_context.sample_aspect_ratio = pixel_shape
        tick = Fraction(1, rate if at_s is None else 1000)
        stream.codec_context.time_base = tick
        for number, image in enumerate(images):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.time_base = tick
            frame.pts = number if at_s is None else round(at_s[number] / tick)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_animation(path, levels, *, lasts_s):
    first, *others = [Image.fromarray(picture(level)) for level in levels]
    durations = [round(1000 * one_s) for one_s in lasts_s]
    first.save(path, save_all=True, append_images=others, duration=durations, lossless=True)
    return path


def set_matrix(path, matrix):
    """Write the display matrix (a, b, c, d) into the head of an MP4's only track."""
    content = bytearray(path.read_bytes())
    a, b, c, d = (65536 * value for value in matrix)
    # type, version and flags, five times and numbers, reserved, layer, group, volume, reserved
    struct.pack_into(">5i", content, content.index(b"tkhd") + 44, a, b, 0, c, d)
    path.write_bytes(content)
    return path
