"""The way down from a figure: into what a place is told apart, where each part leads, and back."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from plotly.utils import PlotlyJSONEncoder

from contract.readings import Unit
from dashboards.api.visiting import visited_by
from dashboards.desk.drilling import Names, Way, crumbs, member_of, parts_of
from tests.dashboards import judged

UNITS = tuple(
    Unit(id=id_, parent=parent, kind="ward", name_vi=id_, name_en=id_, simulated=False)
    for id_, parent in (("tu-son", None), ("mot-cua", "tu-son"))
)
NAMES = Names(units={"tu-son": "Phường Từ Sơn"}, counters={"quay-1": "Quầy số 1"})


HEAD = replace(judged.EVERYTHING, rights={"read_figures": ("subtree:tu-son",)})


def way(scope: str, by: str = "") -> Way:
    return Way(kpi="waited_within_15", scope=scope, period="2026-10", by=by)


@pytest.mark.parametrize(
    ("scope", "by", "parts"),
    [
        ("province", "", ["unit", "procedure", "family"]),
        ("province", "family", ["family", "unit", "procedure"]),
        ("subtree:tu-son", "", ["unit", "counter", "procedure", "family", "officer"]),
        ("subtree:mot-cua", "", ["counter", "procedure", "family", "officer"]),
        ("counter:tu-son/quay-1", "", ["family", "officer"]),
        ("subtree:tu-son;procedure:1.000", "", ["officer"]),
        ("unit:tu-son;officer:A", "", []),
    ],
)
def test_a_place_is_told_apart_by_what_lies_within_it(scope: str, by: str, parts: list[str]):
    assert parts_of(way(scope, by), UNITS) == parts


@pytest.mark.parametrize(
    ("scope", "by", "member", "page", "asked"),
    [
        ("province", "unit", "tu-son", "/indicators", "subtree:tu-son"),
        ("subtree:tu-son", "counter", "quay-1", "/indicators", "counter:tu-son/quay-1"),
        ("subtree:tu-son", "procedure", "1.0", "/indicators", "subtree:tu-son;procedure:1.0"),
        ("counter:a/b", "family", "dat-dai", "/indicators", "counter:a/b;family:dat-dai"),
        (
            "subtree:tu-son;procedure:1.0",
            "officer",
            "A",
            "/officer",
            "subtree:tu-son;procedure:1.0",
        ),
    ],
)
def test_each_part_leads_to_its_own_figure(scope, by, member, page, asked):
    address = urlsplit(way(scope).into(by, member))
    assert address.path == page
    assert parse_qs(address.query)["scope"] == [asked]


@pytest.mark.parametrize(
    ("scope", "member"),
    [("subtree:tu-son", "tu-son"), ("counter:a/b", "b"), ("province;officer:A.1", "A.1")],
)
def test_a_member_is_the_last_part_of_its_scope(scope: str, member: str):
    assert member_of(scope) == member


def test_the_way_back_leads_over_every_place_above_to_the_rankings():
    said = json.dumps(crumbs(way("counter:tu-son/quay-1"), NAMES), cls=PlotlyJSONEncoder)
    assert "/rankings?kpi=waited_within_15" in said
    assert "scope=subtree%3Atu-son" in said
    last = said.index("Quầy số 1") if "Quầy số 1" in said else said.index("Qu\\u1ea7y s\\u1ed1 1")
    assert said.index("scope=province") < said.index("scope=subtree") < last


def test_who_is_held_in_a_unit_is_not_led_to_the_province():
    with visited_by(HEAD):
        said = json.dumps(crumbs(way("subtree:tu-son"), NAMES), cls=PlotlyJSONEncoder)
    assert "scope=province" not in said
