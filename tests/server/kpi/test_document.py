"""docs/kpis.md says what the catalogue says."""

from __future__ import annotations

from pathlib import Path

from server.facts.expressions import ANONYMITY_FLOOR
from server.kpi.catalogue import definitions
from server.kpi.document import FILE, render

DOCS = Path(__file__).parents[3] / "docs"


def test_document_is_up_to_date():
    assert (DOCS / FILE).read_text(encoding="utf-8") == render(), "run `make docs`"


def test_every_kpi_is_documented_in_both_languages():
    text = render()
    for definition in definitions():
        for words in (
            f"`{definition.id}`",
            definition.name_vi,
            definition.name_en,
            definition.description_vi,
            definition.description_en,
        ):
            assert words in text


def test_identifiers_are_unique():
    ids = [definition.id for definition in definitions()]
    assert sorted(set(ids)) == sorted(ids)


def test_live_kpis_are_in_the_order_that_clients_rely_on():
    assert [definition.id for definition in definitions() if definition.live] == [
        "ratings",
        "share_satisfied",
        "people_waiting",
        "visits",
        "median_service",
        "expression_mix",
        "devices_online",
        "data_age",
    ]


def test_expression_needs_at_least_the_anonymity_floor():
    (mix,) = [entry for entry in definitions() if entry.id == "expression_mix"]
    assert mix.minimum_n >= ANONYMITY_FLOOR == 10
