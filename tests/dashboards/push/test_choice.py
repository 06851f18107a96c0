from __future__ import annotations

import pytest

from contract.access import Visitor
from contract.texts import Language
from dashboards.push.choice import MAP_KPIS, SCENES, Choice, map_kpis, refusal_of
from tests.dashboards.provinces import CATALOGUE

SCREEN = Visitor(
    name="screen hall", kind="screen", scenes=("help", "map"), turn_s=20.0, language="en"
)


def test_without_parameters_every_scene_of_the_province_is_shown_in_vietnamese() -> None:
    choice = Choice.parse({})
    assert (choice.scope, choice.scenes, choice.turn_s) == ("province", SCENES, 25.0)
    assert choice.language is Language.VI
    assert [each.id for each in map_kpis(choice, CATALOGUE)] == list(MAP_KPIS)


def test_a_screens_token_chooses_scenes_order_speed_and_language() -> None:
    choice = Choice.parse({}, SCREEN)
    assert (choice.scenes, choice.turn_s, choice.language) == (("help", "map"), 20.0, Language.EN)


def test_an_address_says_it_more_closely_than_the_token() -> None:
    choice = Choice.parse({"scenes": "map, map,", "turn": "60", "lang": "vi"}, SCREEN)
    assert (choice.scenes, choice.turn_s, choice.language) == (("map",), 60.0, Language.VI)


@pytest.mark.parametrize(
    ("turn", "seconds"), [("", 25.0), ("x", 25.0), ("nan", 25.0), ("1", 3.0), ("1e9", 120.0)]
)
def test_a_turn_is_within_what_can_be_read(turn: str, seconds: float) -> None:
    assert Choice.parse({"turn": turn}).turn_s == seconds


def test_any_kpi_of_the_catalogue_can_colour_the_map() -> None:
    for definition in CATALOGUE:
        choice = Choice.parse({"kpis": definition.id})
        assert refusal_of(choice, CATALOGUE) is None
        assert map_kpis(choice, CATALOGUE) == (definition,)


@pytest.mark.parametrize(
    ("query", "key", "named"),
    [
        ({"kpis": "ratings,nonsense"}, "kpis", "nonsense"),
        ({"scenes": "now,nowhere"}, "scene", "nowhere"),
    ],
)
def test_what_is_not_known_is_named(query: dict[str, str], key: str, named: str) -> None:
    refusal = refusal_of(Choice.parse(query), CATALOGUE)
    assert refusal is not None
    assert refusal.key == key
    assert named in map(str, refusal.figures.values())
