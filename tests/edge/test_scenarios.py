"""The scenes with known truth: what is true in them, and that the pipeline finds it in one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.accuracy import messages_of
from tests.scenarios.scenes import scenes
from tests.scenarios.scores import score
from tests.scenarios.truth import true_queue, true_visits, true_waits

SCENES = {scene.name: scene for scene in scenes()}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"


@pytest.mark.parametrize(
    ("name", "visits", "waits", "largest_party", "longest_queue"),
    [
        ("single", 6, 7, 1, 2),
        ("two_counters", 11, 10, 1, 2),
        ("parties", 7, 12, 3, 2),
        ("passers_by", 5, 5, 1, 1),
        ("crowd", 6, 8, 1, 8),
        ("backs", 7, 7, 1, 1),
        ("lights", 6, 5, 1, 1),
    ],
)
def test_the_truth_follows_from_the_script(name, visits, waits, largest_party, longest_queue):
    scene = SCENES[name]
    found = true_visits(scene)
    assert len(found) == visits
    assert len(true_waits(scene)) == waits
    assert max(visit.party for visit in found) == largest_party
    assert max(true_queue(scene)) == longest_queue


def test_a_hand_over_has_no_wait_and_darkness_cuts_a_visit_in_two():
    last = true_visits(SCENES["two_counters"])[-1]
    assert (last.counter, last.wait_s) == ("counter-1", None)
    cut = [visit for visit in true_visits(SCENES["lights"]) if not visit.complete]
    assert [round(visit.ended_s) for visit in cut] == [54]


def test_the_pipeline_finds_parties_in_a_scene():
    scene = replace(SCENES["parties"], name="parties-short", duration_s=38.0)
    people = tuple(one for one in scene.people if one.path[-1].at_s < scene.duration_s)
    scene = replace(scene, people=people)
    found = score(scene, list(messages_of(scene, None)))
    assert (found.true_visits, found.found_visits, found.matched_visits) == (2, 2, 2)
    assert found.parties_right == 2
    assert max(found.service_errors_s) <= 1.0


def test_the_page_shows_every_scene():
    page = PAGE.read_text(encoding="utf-8")
    assert [name for name in SCENES if f"| {name} |" not in page] == []
