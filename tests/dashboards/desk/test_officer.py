"""An officer's page says what a figure shows, and what it does not, in both languages."""

from __future__ import annotations

import pytest

from contract.readings import Reading, Withheld
from contract.texts import Language, texts
from dashboards.desk.advice import advice
from dashboards.desk.officer import SHOWN
from server.facts.sources import Dimension
from server.kpi.catalogue import BY_ID


def reading(kpi: str, value: float | None, low: float, high: float, **parts: float) -> Reading:
    return Reading(
        kpi=kpi, version=1, scope="province;officer:A", period="2026-10", n=50, value=value,
        low=None if value is None else low, high=None if value is None else high, parts=parts,
        withheld=Withheld.SMALL_SAMPLE if value is None else None,
    )  # fmt: skip


@pytest.mark.parametrize("kpi", SHOWN)
@pytest.mark.parametrize("language", Language)
def test_every_figure_says_what_it_does_not_show(kpi, language):
    assert Dimension.OFFICER in BY_ID[kpi].source.dimensions
    said = texts("dashboards", language)[f"officer.limits.{kpi}"]
    assert said.startswith({"vi": "Không cho biết", "en": "It does not show"}[language])


@pytest.mark.parametrize("kpi", [kpi for kpi in BY_ID if kpi.startswith("officer_")])
@pytest.mark.parametrize(("language", "words"), [("vi", "không cho biết"), ("en", "not show")])
def test_every_officer_kpi_is_shown_and_says_its_limit_itself(kpi, language, words):
    assert kpi in SHOWN
    assert words in getattr(BY_ID[kpi].definition, f"description_{language}")


@pytest.mark.parametrize("kpi", SHOWN)
def test_no_figure_of_an_officer_rests_on_faces(kpi):
    assert BY_ID[kpi].source.name not in {"expressions", "experience", "expression_drift"}


TIMES = {"observed_s": 480.0, "expected_s": 600.0}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (reading("officer_service_ratio", 80, 70, 90, **TIMES), "Nhanh hơn mức chung rõ rệt"),
        (reading("officer_service_ratio", 95, 88, 104, **TIMES), "Không khác mức chung rõ rệt"),
        (reading("officer_service_ratio", 130, 115, 150, **TIMES), "Lâu hơn mức chung rõ rệt"),
        (reading("officer_satisfaction", 0.7, 0.6, 0.8, expected=0.9), "Thấp hơn mức chung 90,0%"),
        (reading("officer_satisfaction", 0.9, 0.8, 0.95, expected=0.88), "Không khác mức chung"),
        (
            reading("officer_prompt_discipline", -40, -60, -20, hard=0.4, other=0.8),
            "ít hơn hẳn: 40,0% so với 80,0%",
        ),
        (reading("officer_satisfaction", None, 0, 0), "Chưa đủ số lượt"),
    ],
)
def test_advice_calls_different_only_what_the_interval_sets_apart(told, words):
    said = advice(told)
    assert said is not None
    assert words in said.vi
    assert said.en != said.vi


def test_counts_are_told_without_advice():
    assert advice(reading("visits", None, 0, 0)) is None
