"""What `motcua edge bench` reports."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from edge.bench import command
from edge.errors import SourceMissing
from edge.vision.stages import Stage

pytestmark = pytest.mark.shared


def bench(*arguments):
    result = CliRunner().invoke(command, [*arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_stages_and_rest_add_up_to_the_total(shared):
    clip = shared / "data" / "video" / "face-demographics-walking-and-pause.gif"
    costs = json.loads(
        bench(str(clip), "--models", str(shared / "models"), "--frames", "15", "--json")
    )
    assert [cost["stage"] for cost in costs["stages"]] == list(Stage)
    idle = [cost["stage"] for cost in costs["stages"] if cost["runs"] == 0]
    assert idle == [Stage.PEOPLE]  # nobody is looked for beside faces unless the settings say so
    total_ms = sum(cost["ms_per_frame"] for cost in costs["stages"]) + costs["other_ms"]
    assert total_ms == pytest.approx(costs["total_ms"])
    assert costs["frame_px"] == [480, 270]
    assert costs["frames"] == 15
    assert costs["replay_over_model"] > 1


def test_the_table_shows_every_stage(shared):
    clip = shared / "data" / "video" / "classroom.gif"
    table = bench(str(clip), "--models", str(shared / "models"), "--frames", "5")
    for stage in Stage:
        assert f"\n{stage} " in table
    assert "motcua-face" in table


def test_a_missing_recording_is_named(shared):
    with pytest.raises(SourceMissing, match=r"nowhere\.mp4"):
        bench("nowhere.mp4", "--models", str(shared / "models"))
