"""The stopwatches of the pipeline's stages."""

from __future__ import annotations

import pytest

from edge.vision.stages import Stage, StageClock


def test_a_stage_counts_its_runs_and_only_its_own_time():
    clock = StageClock()
    for _ in range(3):
        with clock.measure(Stage.TRACK):
            sum(range(1000))
    assert clock.runs(Stage.TRACK) == 3
    assert clock.total_s(Stage.TRACK) > 0
    assert clock.total_s(Stage.CROP) == 0


def test_model_time_is_that_of_the_models():
    clock = StageClock()
    for stage in Stage:
        with clock.measure(stage):
            pass
    models = (Stage.DETECT, Stage.PEOPLE, Stage.EXPRESSION)
    assert clock.model_s == sum(clock.total_s(stage) for stage in models)


def test_a_failure_inside_a_stage_still_counts():
    clock = StageClock()
    with pytest.raises(ValueError, match="inside"), clock.measure(Stage.DETECT):
        raise ValueError("inside")
    assert clock.runs(Stage.DETECT) == 1


def test_reset_forgets_runs_and_times():
    clock = StageClock()
    with clock.measure(Stage.BOXES):
        pass
    clock.reset()
    assert clock.runs(Stage.BOXES) == 0
    assert clock.total_s(Stage.BOXES) == 0
