"""The pipeline beside two usual ways to do the same, on one clip, in one thread, in one run.

*loop*: cv2.FaceDetectorYN (YuNet) and a net of mini-XCEPTION's shape on every face of every frame.
*deepface*: DeepFace.analyze(actions=["emotion"]) on every frame, where deepface is installed.

The ratio is ours over theirs in frames a second; decoding is left out for all. At last the time of
one YuNet detection at 320 x 320 here beside the published one of a Raspberry Pi 4 gives how many
times slower that is, for `motcua edge bench --budget --slowness`. Needs ../shared. Run
`python -m tests.bench.peers [--frames N]`.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from edge.assembly import assemble
from edge.capture.sources import open_replay
from edge.scene import Frame, Image
from edge.settings import EdgeSettings

CLIP = "data/video/face-demographics-walking-and-pause.gif"
LOOP_AIM, DEEPFACE_AIM = 3.0, 10.0

PI_4_MS = 54.4
"""YuNet at 320 x 320 with cv2.FaceDetectorYN in one thread on a Raspberry Pi 4: the median of the
images in time_comparison_pi.md of github.com/TonyCongqianWang/cv_facedetection_eval."""


def main() -> None:
    """Print frames a second of each, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--shared", type=Path, default=_shared())
    options = parser.parse_args()
    cv2.setNumThreads(1)
    frames = _frames(options.shared, options.frames)
    images = [frame.image for frame in frames]
    loop = _rate(_yunet_and_xception(options.shared, images[0]), images)
    print(f"loop      {loop:7.1f} frames/s")
    for detect_every in (1, 2, 3):
        ours = _ours(frames, detect_every)
        print(
            f"ours      {ours:7.1f} frames/s, detect_every = {detect_every}: "
            f"{ours / loop:.1f} x the loop (aim {LOOP_AIM:g})"
        )
        if importlib.util.find_spec("deepface"):
            theirs = _rate(_deepface(), images[:30])
            print(
                f"deepface  {theirs:7.1f} frames/s: ours {ours / theirs:.1f} x "
                f"(aim {DEEPFACE_AIM:g})"
            )
    here_ms = _yunet_ms(options.shared, images[0])
    print(
        f"YuNet at 320 x 320: {here_ms:.1f} ms here, {PI_4_MS} ms on a Raspberry Pi 4: "
        f"--slowness {PI_4_MS / here_ms:.1f}"
    )


def _frames(shared: Path, count: int) -> list[Frame]:
    """Return `count` decoded frames of the clip played over and over, on one time line."""
    with open_replay([str(shared / CLIP)], fps=10, masks=()) as opened:
        clip = list(opened)
    step = clip[1].captured_at - clip[0].captured_at
    return [
        Frame(
            image=clip[index % len(clip)].image,
            captured_at=clip[0].captured_at + index * step,
            index=index,
        )
        for index in range(count)
    ]


def _ours(frames: Sequence[Frame], detect_every: int) -> float:
    settings = EdgeSettings()
    vision = settings.vision.model_copy(update={"detect_every": detect_every})
    pipeline = assemble(settings.model_copy(update={"vision": vision})).pipeline
    for frame in frames[:10]:
        pipeline.step(frame)
    began_s = time.process_time()
    for frame in frames[10:]:
        pipeline.step(frame)
    return (len(frames) - 10) / (time.process_time() - began_s)


def _rate(analyse: Callable[[Image], None], images: Sequence[Image]) -> float:
    for image in images[:3]:
        analyse(image)
    began_s = time.process_time()
    for image in images:
        analyse(image)
    return len(images) / (time.process_time() - began_s)


def _detector(shared: Path, width_px: int, height_px: int) -> cv2.FaceDetectorYN:
    weights = str(shared / "models" / "yunet_n_320_320.onnx")
    return cv2.FaceDetectorYN.create(weights, "", (width_px, height_px), 0.6, 0.3)


def _yunet_and_xception(shared: Path, example: Image) -> Callable[[Image], None]:
    detector = _detector(shared, example.shape[1], example.shape[0])
    limits = onnxruntime.SessionOptions()
    limits.intra_op_num_threads = limits.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(shared / "models" / "peer_mini_xception.onnx"), limits
    )
    given = session.get_inputs()[0]
    is_last = given.shape[-1] == 1

    def analyse(image: Image) -> None:
        _, faces = detector.detect(image)
        for x, y, width, height in () if faces is None else faces[:, :4].astype(int):
            crop = image[max(0, y) : y + height, max(0, x) : x + width]
            if crop.size:
                grey = cv2.resize(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), (64, 64))
                pixels = grey.astype(np.float32) / 127.5 - 1
                tensor = pixels[None, ..., None] if is_last else pixels[None, None]
                session.run(None, {given.name: tensor})

    return analyse


def _deepface() -> Callable[[Image], None]:
    from deepface import DeepFace

    def analyse(image: Image) -> None:
        DeepFace.analyze(
            image, actions=["emotion"], detector_backend="yunet", enforce_detection=False
        )

    return analyse


def _yunet_ms(shared: Path, image: Image, runs: int = 50) -> float:
    detector = _detector(shared, 320, 320)
    square = cv2.resize(image, (320, 320))
    times = []
    for _ in range(runs):
        began_s = time.process_time()
        detector.detect(square)
        times.append(time.process_time() - began_s)
    return 1000 * float(np.median(times))


def _shared() -> Path:
    root = Path(__file__).resolve().parents[2]
    return Path(os.environ.get("MOTCUA_SHARED", root.parent / "shared"))


if __name__ == "__main__":
    main()
