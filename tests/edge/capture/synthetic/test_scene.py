"""The bundled scene as pictures."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from contract.messages import CameraState
from edge.analytics.pictures import PictureCheck
from edge.capture.sources import EPOCH
from edge.capture.synthetic import sprites
from edge.capture.synthetic.scene import SyntheticScene, synthetic_images
from edge.capture.synthetic.timeline import ACTORS, FAR_FACE_PX, NEAR_FACE_PX, PERIOD_S
from edge.errors import SceneMissing
from edge.scene import Frame


@pytest.fixture(scope="module")
def scene():
    return SyntheticScene()


def test_the_same_time_gives_the_same_picture(scene):
    for at_s in (0.0, 6.3, 30.0):
        assert np.array_equal(scene.render(at_s), SyntheticScene().render(at_s))


def test_it_never_passes_for_black_or_frozen():
    check = PictureCheck()
    frames = [
        Frame(image=image.image, captured_at=EPOCH, index=0)
        for image in synthetic_images(fps=1, loop=False)
    ]
    states = {
        check.update(frame.image, EPOCH.replace(minute=i // 60, second=i % 60))
        for i, frame in enumerate(frames)
    }
    assert states == {CameraState.OK}


def test_a_round_covers_the_period_and_a_loop_goes_on():
    assert len(list(synthetic_images(fps=2, loop=False))) == PERIOD_S * 2
    third = next(itertools.islice(synthetic_images(fps=0.01, loop=True), 2, None))
    assert third.at_s == pytest.approx(200)


def test_nobody_is_in_view_when_the_script_starts_again():
    assert [actor.pose(0.0) for actor in ACTORS[1:]] == [None] * (len(ACTORS) - 1)
    assert all(actor.path[-1].at_s < PERIOD_S for actor in ACTORS)
    assert abs(ACTORS[0].pose(0.0).x - 0.5) > 0.7


def test_faces_come_in_many_sizes():
    poses = [actor.pose(t / 10) for actor in ACTORS for t in range(int(PERIOD_S * 10))]
    sizes = [pose.face_px for pose in poses if pose is not None and 0 < pose.x < 1]
    assert min(sizes) < FAR_FACE_PX + 8
    assert max(sizes) == NEAR_FACE_PX
    assert all(point.at_s < later.at_s for actor in ACTORS
               for point, later in itertools.pairwise(actor.path))  # fmt: skip


def test_without_the_portraits_packages_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(sprites.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SceneMissing, match=r"pip install 'motcua\[local\]'.*--camera"):
        SyntheticScene()
