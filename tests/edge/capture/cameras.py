"""Network cameras that tests start for themselves: RTSP with H.264 inside, HTTP with JPEGs."""

from __future__ import annotations

import base64
import hashlib
import re
import socketserver
import struct
import threading
from contextlib import contextmanager
from fractions import Fraction

import av
import cv2

from .clips import picture

REALM, NONCE = "camera", "n1"
PICTURE_S = 0.05


def nal_units(levels):
    """Return the H.264 units of each picture, the first one's parameter sets among them."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 64, 48, "yuv420p"
    encoder.time_base, encoder.options = (
        Fraction(1, 20),
        {"tune": "zerolatency", "preset": "ultrafast"},
    )
    for number, level in enumerate(levels):
        frame = av.VideoFrame.from_ndarray(picture(level), format="bgr24")
        frame.pts = number
        for packet in encoder.encode(frame):
            units = (unit.rstrip(b"\0") for unit in bytes(packet).split(b"\0\0\1"))
            yield [unit for unit in units if unit]


def digest(user, password, method, fields):
    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()  # RFC 2617 says so

    return md5(f"{md5(f'{user}:{REALM}:{password}')}:{NONCE}:{md5(method + ':' + fields['uri'])}")


def is_welcome(header, scheme, user, password, method):
    kind, _, rest = header.partition(" ")
    if kind != scheme:
        return False
    if kind == "Basic":
        return base64.b64decode(rest).decode() == f"{user}:{password}"
    fields = dict(re.findall(r'(\w+)="([^"]*)"', rest))
    return fields.get("response") == digest(user, password, method, fields)


class _Rtsp(socketserver.StreamRequestHandler):
    def handle(self):
        while (line := self.rfile.readline().decode()) and not self.server.stopped.is_set():
            headers = dict(self._headers())
            method = line.partition(" ")[0]
            self._answer(method, headers)
            if method == "PLAY":
                self._play()

    def _headers(self):
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(":")
            yield name.lower(), value.strip()

    def _answer(self, method, headers):
        answer = [f"CSeq: {headers.get('cseq', '0')}", "Session: 1"]
        body, code = "", "200 OK"
        if method == "OPTIONS":
            answer.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        elif not is_welcome(headers.get("authorization", ""), *self.server.secret, method):
            nonce = f', nonce="{NONCE}"' if self.server.secret[0] == "Digest" else ""
            answer.append(f'WWW-Authenticate: {self.server.secret[0]} realm="{REALM}"{nonce}')
            code = "401 Unauthorized"
        elif method == "DESCRIBE":
            body = "v=0\r\no=- 0 0 IN IP4 0\r\ns=c\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
            body += "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:v\r\n"
            answer.append("Content-Type: application/sdp")
        elif method == "SETUP":
            answer.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        answer.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([f"RTSP/1.0 {code}", *answer])
        self.wfile.write(f"{head}\r\n\r\n{body}".encode())

    def _play(self):
        sequence = 0
        for number, units in enumerate(nal_units(self.server.levels)):
            for place, unit in enumerate(units, start=1):
                marker = 0x80 if place == len(units) else 0
                sequence += 1
                stamp = int(number * PICTURE_S * 90_000)
                head = struct.pack(">BBHII", 0x80, marker | 96, sequence, stamp, 1)
                self.wfile.write(b"$\0" + struct.pack(">H", 12 + len(unit)) + head + unit)
            if self.server.stopped.wait(PICTURE_S):
                return


class _Http(socketserver.StreamRequestHandler):
    def handle(self):
        request = self.rfile.readline().decode()
        headers = {}
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        self.server.requests.append(request)
        if not is_welcome(headers.get("authorization", ""), *self.server.secret, "GET"):
            self.wfile.write(
                b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n"
                b'WWW-Authenticate: Basic realm="camera"\r\n\r\n'
            )
            return
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=b\r\n\r\n"
        )
        for level in self.server.levels:
            _, jpeg = cv2.imencode(".jpg", picture(level))
            head = f"--b\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            self.wfile.write(head.encode() + jpeg.tobytes() + b"\r\n")
            if self.server.stopped.wait(PICTURE_S):
                return


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """A camera does not mind that who watched has gone."""


@contextmanager
def network_camera(scheme, password, *, user="admin", auth="Basic", levels=(200,) * 100):
    """Serve `levels` to whoever knows the password; yield host and port."""
    with _Server(("127.0.0.1", 0), {"rtsp": _Rtsp, "http": _Http}[scheme]) as server:
        server.stopped = threading.Event()
        server.secret, server.levels, server.requests = (auth, user, password), levels, []
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.stopped.set()
        server.shutdown()
        thread.join()
