"""A camera that sends MJPEG over HTTP, behind a password, read as it comes."""

from __future__ import annotations

import base64
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import structlog.testing

from edge.capture.live import Camera
from tests.waiting import eventually

SECRET = "lotus-44"
EXPECTED = "Basic " + base64.b64encode(f"viewer:{SECRET}".encode()).decode()


class MjpegHandler(BaseHTTPRequestHandler):
    """Answers whoever knows the password with pictures without end."""

    def do_GET(self):
        if self.headers.get("Authorization") != EXPECTED:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        jpeg = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes()
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        try:
            while not self.server.stopping.wait(0.02):
                self.wfile.write(head.encode() + jpeg + b"\r\n")
        except OSError:
            return

    def log_message(self, *arguments):
        """Say nothing."""


@contextmanager
def mjpeg_camera(user_info):
    server = ThreadingHTTPServer(("127.0.0.1", 0), MjpegHandler)
    server.daemon_threads = True
    server.stopping = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{user_info}@127.0.0.1:{server.server_address[1]}/video.mjpeg"
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()


def test_its_pictures_are_read_and_its_password_is_not_logged():
    with structlog.testing.capture_logs() as logs, mjpeg_camera(f"viewer:{SECRET}") as url:
        camera = Camera(url, first_pause_s=0.01)
        camera.start()
        try:
            shots = []
            eventually(lambda: shots.append(camera.take(1.0)) or shots[-1] is not None)
            assert shots[-1].image().shape == (48, 64, 3)
        finally:
            camera.stop()
    assert SECRET not in repr(logs)


def test_a_wrong_password_is_told_without_it():
    with structlog.testing.capture_logs() as logs, mjpeg_camera("viewer:wrong-pass") as url:
        camera = Camera(url, first_pause_s=0.01)
        camera.start()
        try:
            eventually(lambda: [entry for entry in logs if entry["event"] == "camera_away"])
        finally:
            camera.stop()
    assert "refuses its user or password" in logs[0]["problem"]
    assert "wrong-pass" not in repr(logs)
