from __future__ import annotations

from dataclasses import replace

import pytest

from dashboards.look.texts import Bilingual
from dashboards.push.scenes import MOST_KPIS, SCENES, Choice, Shown, resolve
from tests.dashboards.examples import CATALOGUE

MORE = tuple(replace(CATALOGUE[3], id=f"visits_{n}") for n in range(20))


def shown(query: dict[str, str]) -> list[str]:
    found = resolve(Choice.parse(query), (*CATALOGUE, *MORE))
    assert isinstance(found, Shown), found
    return [definition.id for definition in found.definitions]


def refusal(query: dict[str, str]) -> Bilingual:
    found = resolve(Choice.parse(query), (*CATALOGUE, *MORE))
    assert isinstance(found, Bilingual)
    return found


def test_without_parameters_the_province_is_shown_with_the_scenes_kpis() -> None:
    assert Choice.parse({}) == Choice(scope="province", scene="overview", kpis=())
    assert shown({}) == [definition.id for definition in CATALOGUE]


def test_kpis_are_shown_in_the_order_asked_for_with_the_state_of_devices_and_data() -> None:
    found = shown({"kpis": "visits, ratings,visits,"})
    assert found == ["visits", "ratings", "devices_online", "data_age"]


def test_any_kpi_of_the_catalogue_can_be_chosen() -> None:
    for definition in (*CATALOGUE, *MORE):
        assert definition.id in shown({"kpis": definition.id})


def test_what_is_not_known_is_named_in_both_languages() -> None:
    for query, name in (
        ({"kpis": "ratings,nonsense"}, "nonsense"),
        ({"scene": "nowhere"}, "nowhere"),
    ):
        said = refusal(query)
        assert name in said.vi
        assert name in said.en


def test_more_kpis_than_fit_are_refused_in_words() -> None:
    most = [definition.id for definition in MORE[:MOST_KPIS]]
    assert shown({"kpis": ",".join(most)})[:MOST_KPIS] == most
    said = refusal({"kpis": ",".join([*most, MORE[MOST_KPIS].id])})
    assert f"{MOST_KPIS + 1} chỉ số" in said.vi
    assert f"nhiều nhất {MOST_KPIS}" in said.vi


@pytest.mark.parametrize("scene", SCENES)
def test_a_scenes_own_kpis_fit(scene: str) -> None:
    assert shown({"scene": scene})
