from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contract.readings import DeviceProblem
from contract.texts import Language
from dashboards.api.alerts import Alert, Alerts
from dashboards.api.views import View
from dashboards.push.choice import SCENES, Choice
from dashboards.push.messages import Rendered, changes
from dashboards.push.questions import ALERTS, Found
from dashboards.push.wall import Wall
from runtime.identity import Identity
from tests.dashboards import provinces
from tests.dashboards.answers import answers
from tests.dashboards.examples import (
    Example,
    Situation,
    example,
    many_units,
    province,
    silent,
    situation,
    view,
)

MOST_BYTES_A_CHANGE = 5_000
MOST_TILES = 7
MORNING = datetime(2026, 11, 27, 3, 40, tzinfo=UTC)


def wall(**choice: object) -> Wall:
    return Wall(Choice(**choice), identity=Identity(name="Tỉnh"))  # type: ignore[arg-type]


def draw(shown: Situation, **choice: object) -> Rendered:
    """A scene with everything that it asks for."""
    kept, seen = wall(**choice), of(shown)
    known = answers(kept, seen, shown)
    return kept.render(seen, now=shown.at, answers=known)


def alerted(*found: Alert) -> dict[str, Found]:
    """What a wall knows once it has asked for alerts."""
    return {ALERTS.name: Found(at=MORNING, value=Alerts(alerts=found))}


def of(shown: Situation, scope: str = "province") -> View:
    seen = view(shown.units, head=shown.head, scope=scope)
    return replace(seen, computed_at=shown.at)


def tiles(rendered: Rendered) -> list[str]:
    return [attributes["data-tile"] for attributes in _attributes(json.loads(rendered.frame))]


def _attributes(node: Any) -> Iterator[dict[str, str]]:
    if isinstance(node, list):
        for child in node:
            if isinstance(child, dict) and "data-tile" in child:
                yield child
            yield from _attributes(child)


def text(rendered: Rendered) -> str:
    return rendered.frame + "".join(rendered.parts.values())


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("units", [0, 1, 113])
@pytest.mark.parametrize("language", list(Language))
def test_a_scene_has_at_most_seven_tiles_each_with_the_time_of_its_data(
    scene: str, units: int, language: Language
) -> None:
    shown = situation(many_units(units, at=MORNING), head=province(at=MORNING), at=MORNING)
    rendered = draw(shown, scenes=(scene,), language=language)
    names = tiles(rendered)
    assert 1 <= len(names) <= MOST_TILES
    assert rendered.times.keys() == set(names)
    assert set(names) <= rendered.parts.keys()
    timeless = {name for name, ms in rendered.times.items() if ms is None}
    assert timeless <= {"legend"} or units == 0


@pytest.mark.parametrize("scene", SCENES)
def test_before_any_answer_a_scene_says_what_is_missing(scene: str) -> None:
    shown = situation(tuple(map(silent, many_units(3))), head=silent(province()))
    rendered = wall(scenes=(scene,)).render(of(shown), now=shown.at)
    assert tiles(rendered)


def test_one_language_stands_on_a_wall() -> None:
    shown = situation((example("a", "Xã Bố Hạ|Bo Ha Commune"),))
    vietnamese, english = (
        text(draw(shown, scenes=("now", "unit"), language=language)) for language in Language
    )
    assert "Hài lòng hôm nay" in vietnamese
    assert "Satisfied today" not in vietnamese
    assert "Satisfied today" in english
    assert "Hài lòng" not in english


def test_scenes_turn_in_their_order_by_the_servers_clock() -> None:
    kept, seen = wall(scenes=("map", "now"), turn_s=10.0), of(situation(many_units(3)))
    start = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
    frames = [kept.render(seen, now=start + timedelta(seconds=s)).frame for s in (0, 9, 10, 20)]
    shown = ["scene-map" if "scene-map" in frame else "scene-now" for frame in frames]
    assert shown[0] == shown[1]
    assert shown[1] != shown[2]
    assert shown[3] == shown[0]


def test_the_map_tells_another_kpi_and_the_focus_another_unit_each_turn() -> None:
    shown = situation((example("a", "Xã A"), example("b", "Xã B")))
    seen = of(shown)
    for scene, most in (("map", 4), ("unit", 2)):
        kept = wall(scenes=(scene,), turn_s=10.0)
        known = answers(kept, seen, shown)
        told = {
            kept.render(seen, now=shown.at + timedelta(seconds=10 * turn), answers=known).frame
            + kept.render(
                seen, now=shown.at + timedelta(seconds=10 * turn), answers=known
            ).parts.get("focus", "")
            for turn in range(8)
        }
        assert len(told) == most


def test_what_is_critical_pins_its_scene_and_says_why() -> None:
    kept, seen = wall(scenes=("now", "help")), of(situation((example("a", "Xã Bố Hạ"),)))
    alert = Alert(
        id="1",
        rule="nobody_served",
        name_vi="Có người chờ",
        name_en="People wait",
        severity="critical",
        state="raised",
        raised_at=seen.computed_at,
        unit="a",
        value=9.0,
        n=2,
        to=("unit", "operator"),
    )
    for seconds in range(0, 100, 25):
        at = seen.computed_at + timedelta(seconds=seconds)
        rendered = kept.render(seen, now=at, answers=alerted(alert))
        assert "div.pinned" in rendered.frame
        assert "Xã Bố Hạ: Có người chờ: 9" in rendered.frame
        assert "đã báo: đơn vị, người vận hành · chưa tiếp nhận" in rendered.parts["needs"]
        assert tiles(rendered) == ["needs"]
    taken = alerted(replace(alert, state="acknowledged"))
    assert "div.pinned" not in kept.render(seen, now=seen.computed_at, answers=taken).frame


def test_before_the_alerts_are_known_nobody_says_that_no_unit_needs_help() -> None:
    kept, seen = wall(scenes=("help",)), of(situation((example("a", "Xã Bố Hạ"),)))
    calm = "Không có đơn vị nào cần hỗ trợ"
    assert calm not in kept.render(seen, now=seen.computed_at).parts["needs"]
    assert calm in kept.render(seen, now=seen.computed_at, answers=alerted()).parts["needs"]


def test_at_most_six_places_are_shown_and_the_others_counted() -> None:
    shown = situation(tuple(example(f"u{n}", f"Xã {n}", waiting=20) for n in range(9)))
    said = draw(shown, scenes=("help",)).parts["needs"]
    assert said.count("div.need") == 6
    assert "và 3 nơi khác" in said


def test_small_samples_say_how_small_and_show_no_share() -> None:
    rendered = draw(situation((example("a", "Nhỏ", ratings=7),)), scenes=("unit",))
    assert "chưa đủ mẫu" in rendered.parts["satisfied"]
    assert "n = 7/30" in rendered.parts["satisfied"]


@pytest.mark.parametrize(
    ("simulated", "mark"),
    [((True, True), '"MÔ PHỎNG"'), ((True, False), '"CÓ MÔ PHỎNG"'), ((False, False), "")],
)
def test_a_wall_says_whether_all_or_some_of_it_is_simulated(
    simulated: tuple[bool, ...], mark: str
) -> None:
    units = tuple(example(f"u{n}", "Xã", simulated=made_up) for n, made_up in enumerate(simulated))
    frame = draw(situation(units), scenes=("now",)).frame
    assert mark in frame if mark else "MÔ PHỎNG" not in frame


def test_before_the_first_update_the_wall_waits() -> None:
    rendered = wall().render(None)
    assert "Đang chờ dữ liệu" in rendered.frame
    assert rendered.parts == {}


def test_a_scope_that_is_not_known_is_said() -> None:
    assert "subtree:nowhere" in wall(scope="subtree:nowhere").render(None, refused=True).frame


def test_a_kpi_that_the_catalogue_does_not_have_is_answered_with_those_that_it_has() -> None:
    shown = situation(many_units(2))
    kept = wall(kpis=("nonsense",))
    known = answers(wall(), of(shown), shown)
    frame = kept.render(of(shown), now=shown.at, answers=known).frame
    assert "main.wall.refused" in frame
    assert "nonsense" in frame
    assert "share_satisfied" in frame


def test_what_is_wrong_with_the_server_stands_across_the_wall() -> None:
    alarm = DeviceProblem(code="server_clock_behind", text_vi="đồng hồ sai", text_en="wrong clock")
    seen = of(situation(many_units(2)))
    assert "div.alarm" not in wall().render(seen).frame
    frame = wall().render(replace(seen, alarms=(alarm,))).frame
    assert "đồng hồ sai" in frame
    assert "wrong clock" not in frame


@pytest.mark.parametrize("scene", SCENES)
def test_a_change_in_thirty_of_120_units_costs_a_wall_at_most_5_kb(scene: str) -> None:
    rng, units = random.Random(11), list(many_units(120, at=MORNING))
    shown = situation(tuple(units), head=province(at=MORNING), at=MORNING)
    kept = wall(scenes=(scene,), kpis=("people_waiting",), turn_s=120.0)
    known = answers(kept, of(shown), shown)
    rendered = kept.render(of(shown), now=MORNING, answers=known)
    sizes = []
    for turn in range(10):
        for index in rng.sample(range(120), 30):
            units[index] = _changed(units[index], rng)
        after = situation(
            tuple(units), head=_changed(province(ratings=8412 + turn, at=MORNING), rng), at=MORNING
        )
        told = Found(at=MORNING, value=provinces.alerts(after))
        new = kept.render(of(after), now=MORNING, answers={**known, ALERTS.name: told})
        sizes.append(len((changes(rendered, new) or "").encode()))
        rendered = new
    assert max(sizes) <= MOST_BYTES_A_CHANGE, sizes
    assert any(sizes) or scene in {"dossiers", "best"}  # whose figures are asked for


def _changed(before: Example, rng: random.Random) -> Example:
    """The same place after a rating, a visit and another look at its queue."""
    after = example(
        before.scope.removeprefix("subtree:"),
        ratings=int(before.reading("ratings").value or 0) + 1,
        visits=int(before.reading("visits").value or 0) + 1,
        waiting=rng.randrange(0, 24),
        service_s=rng.uniform(40, 1500),
        at=MORNING,
    )
    return replace(after, place=before.place)
