"""The scores of Decision 766 that the national portal published come out of the shipped scheme.

Source: the portal's API, year 2026, read on 10 October 2026; see SOURCE.txt of the case.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.server.schemes.given import entered, scheme, scored, share

COMPUTED = {
    "ORIGINAL_RESULT_AVAILABLE": ("results_electronic", "results_digitised"),
    "SO_HOA_GIAY_TO_GIAI_QUYET": ("papers_digitised", "dossiers_digitised"),
    "REUSED_DIGITIZED_DATA": ("data_reused", "data_reused"),
    "PETITION_PROCESSING_ON_TIME": ("complaints_on_time", "complaints_on_time"),
    "PETITION_HANDLING_SATISFACTION": ("complaints_satisfied", "complaints_satisfied"),
}
ENTERED = {
    "PUBLISH_ON_TIME": "published_on_time",
    "PUBLIC_UPDATE_ON_TIME": "updated_on_time",
    "PUBLIC_CONTENT_FULL": "content_complete",
    "DOSSIER_SYNC": "dossiers_synchronised",
    "SYNCED_WITH_DVCQG_PERSONAL_STORAGE": "personal_storage",
    "CITIZEN_DATA_CONNECTED_DOSSIER": "dossiers_with_citizen_data",
    "CITIZEN_DATA_CONNECTED_FORMALITY": "procedures_with_citizen_data",
    "ELECTRONIC_CERTIFIED_COPY": "certified_copies",
}
GROUPS = {
    "CKMB": ("transparency",),
    "TDGQ": ("progress",),
    "ONLINE": ("online_service",),
    "TTTT": ("online_payment",),
    "MDSH": ("digitisation",),
    "MDHL": ("satisfaction",),
}


@pytest.fixture(scope="module")
def units(shared: Path) -> list[dict]:
    file = shared / "cases" / "qd766-portal-2026" / "units.json"
    return json.loads(file.read_text(encoding="utf-8"))["units"]


def known_of(unit: dict) -> list:
    progress, payment, metrics = unit["TDGQ"], unit["payment"], unit["metrics"]
    received, late = progress["received"], progress["overdue"]
    satisfied, _, _, _ = metrics["DOSSIER_RECEIVING_SATISFACTION"]
    disliked = received - late - satisfied
    # Of the third part of payment neither numerator nor cap is known: what is left is entered.
    paid = 6 * payment["online_ok"] / payment["obligation"]
    procedures = min(2.0, 2.5 * payment["formality_ok"] / payment["fee_formality"])
    rest = round(max(0.0, payment["score"] - paid - procedures), 4)
    return [
        share("dossiers_on_time", received - late, received),
        share("dossier_ratings", 0, disliked),
        share("paid_online", payment["online_ok"], payment["obligation"]),
        entered("payment.procedures", counts=(payment["formality_ok"], payment["fee_formality"])),
        entered("payment.rest", points=rest),
        entered("online", points=unit["groups"]["ONLINE"]),
        *(share(kpi, *metrics[name][:2]) for name, (_, kpi) in COMPUTED.items()),
        *(
            entered(term, counts=(metrics[name][0] or 0, metrics[name][1] or 0))
            for name, term in ENTERED.items()
        ),
    ]


@pytest.mark.parametrize("index", [0, 1], ids=["commune", "province"])
def test_every_component_group_and_total_is_the_published_one(units, index):
    unit = units[index]
    found = scored(scheme("qd766-2022"), *known_of(unit))
    points = {each.id: float(each.points) for each in found.components}
    expected = {
        **{term: unit["metrics"][name][3] for name, (term, _) in COMPUTED.items()},
        **{term: unit["metrics"][name][3] for name, term in ENTERED.items()},
        "on_time": unit["TDGQ"]["score"],
        "dossiers_satisfied": unit["metrics"]["DOSSIER_RECEIVING_SATISFACTION"][3],
        "payment": unit["payment"]["score"],
        "online": unit["groups"]["ONLINE"],
    }
    assert points == pytest.approx(expected, abs=0.015)
    groups = {each.id: float(each.points) for each in found.groups}
    for official, (ours,) in GROUPS.items():
        assert groups[ours] == pytest.approx(unit["groups"][official], abs=0.015)
    assert float(found.total) == pytest.approx(unit["total"], abs=0.01)
    assert found.missing == ()
