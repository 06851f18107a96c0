"""The edge pipeline beside its own models, and the memory of `watch`.

For each recording: the time of the whole replay (decoding, masks, tracking, zones, messages) over
the time spent inside ONNX Runtime on the same frames. Then `motcua edge watch` runs over the same
recordings and its peak memory is read from the kernel. Run `python -m tests.bench.edge [FILE…]`;
without files the bundled scene is taken.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from edge.assembly import assemble
from edge.replay import replay
from edge.settings import EdgeSettings, read_settings

TARGET_RATIO = 1.20
TARGET_MB = 300.0


def overhead(settings: EdgeSettings, recording: str) -> tuple[float, float, int]:
    """Return (whole replay in seconds, model time in seconds, messages) of one recording."""
    assembly = assemble(settings)
    started = time.perf_counter()
    messages = sum(1 for _ in replay(settings, assembly, [recording]))
    return time.perf_counter() - started, assembly.stages.model_s, messages


def peak_memory_mb(recording: str, seconds: float) -> float:
    """Return the largest resident size of `motcua edge watch` over `seconds`, MB."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "edge.toml"
        config.write_text(f'[store]\npath = "{folder}/edge.sqlite3"\nreserve_mb = 0\n')
        command = [sys.executable, "-m", "motcua.cli", "edge", "watch", "--config", str(config)]
        with (Path(folder) / "watch.log").open("wb") as log:
            watch = subprocess.Popen(
                [*command, "--camera", recording, "--loop"], stdout=log, stderr=log
            )
            time.sleep(seconds)
            watch.terminate()
            _, status, usage = os.wait4(watch.pid, 0)
        if status != 0:
            raise SystemExit((Path(folder) / "watch.log").read_text())
    return usage.ru_maxrss / 1024


def main() -> None:
    """Print the ratio of each recording and the memory of `watch` on the last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", nargs="*", default=["bundled"])
    parser.add_argument("--config", type=Path, help="An edge.toml; its defaults otherwise.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--watch-seconds", type=float, default=45.0)
    options = parser.parse_args()
    settings = read_settings(options.config)
    for recording in options.recordings:
        rounds = [overhead(settings, recording) for _ in range(options.rounds)]
        ratio = statistics.median(whole / models for whole, models, _ in rounds)
        whole_s = statistics.median(whole for whole, _, _ in rounds)
        print(
            f"{Path(recording).name}: whole {whole_s:.2f} s, {rounds[0][2]} messages, "
            f"whole / models: median {ratio:.2f} (target ≤ {TARGET_RATIO})"
        )
    memory_mb = peak_memory_mb(options.recordings[-1], options.watch_seconds)
    print(f"watch: peak memory {memory_mb:.0f} MB (target ≤ {TARGET_MB:.0f} MB)")


if __name__ == "__main__":
    main()
