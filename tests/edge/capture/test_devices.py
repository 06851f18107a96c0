"""Cameras of the machine itself: the ribbon cable's by a library that stands in, and GStreamer."""

from __future__ import annotations

import sys
import types
from typing import ClassVar

import cv2
import numpy as np
import pytest

from edge.capture.devices import is_device, open_device
from edge.errors import SourceMissing


class FakeRequest:
    def __init__(self, number):
        self.number = number

    def make_array(self, name):
        assert name == "main"
        return np.full((4, 6, 3), self.number, np.uint8)

    def get_metadata(self):
        return {"SensorTimestamp": 1_500_000_000 + 100_000_000 * self.number}

    def release(self):
        self.number = None


class FakePicamera2:
    """As much of picamera2's Picamera2 as is used; a machine with one camera."""

    closed: ClassVar[list[bool]] = []

    def __init__(self, number):
        if number > 0:
            raise IndexError("list index out of range")
        self.taken = 0

    def create_video_configuration(self, main):
        return main

    def configure(self, main):
        assert main == {"size": (1280, 720), "format": "RGB888"}

    def start(self):
        pass

    def capture_request(self):
        self.taken += 1
        return FakeRequest(self.taken)

    def close(self):
        self.closed.append(True)


@pytest.fixture
def picamera2(monkeypatch):
    module = types.ModuleType("picamera2")
    module.Picamera2 = FakePicamera2
    FakePicamera2.closed.clear()
    monkeypatch.setitem(sys.modules, "picamera2", module)


@pytest.mark.usefixtures("picamera2")
def test_the_ribbon_cable_s_camera_gives_pictures_with_the_sensor_s_times():
    with open_device("csi") as pictures:
        first, second = next(pictures), next(pictures)
    assert (first.image()[0, 0, 0], second.image()[0, 0, 0]) == (1, 2)
    assert second.at_s - first.at_s == pytest.approx(0.1)
    assert FakePicamera2.closed == [True]


@pytest.mark.usefixtures("picamera2")
def test_a_camera_that_is_not_plugged_in_is_named():
    with pytest.raises(SourceMissing, match="camera csi:1 is not there"), open_device("csi:1"):
        pass


def test_without_picamera2_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(SourceMissing, match="python3-picamera2"), open_device("csi"):
        pass


@pytest.mark.skipif(
    cv2.videoio_registry.hasBackend(cv2.CAP_GSTREAMER), reason="this OpenCV has GStreamer"
)
def test_without_gstreamer_it_says_which_opencv_has_it():
    with pytest.raises(SourceMissing, match="python3-opencv"), open_device("gst:videotestsrc"):
        pass


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("0", True),
        ("/dev/video2", True),
        ("csi", True),
        ("csi:1", True),
        ("gst:nvarguscamerasrc ! appsink", True),
        ("rtsp://camera/1", False),
        ("clip.mp4", False),
        ("csi.mp4", False),
    ],
)
def test_what_a_device_is(source, expected):
    assert is_device(source) is expected
