"""Targets are dated data: the one for the kind of unit on the period's last day is told."""

from __future__ import annotations

from importlib.resources import files

import psycopg
import pytest

from tests.commands import call
from tests.server.requesting import Client

pytestmark = pytest.mark.integration

HEAD = "kpi,kind,value,valid_from,valid_to,basis\n"


def test_target_of_its_days_and_kind_stands_beside_the_share(database_url, tmp_path):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO unit (id, name_vi, name_en, kind) VALUES ('a', 'x', 'x', 'ward')"
        )
    file = tmp_path / "targets.csv"
    file.write_text(
        HEAD
        + "dossiers_digitised,,0.3,,2026-01-01,x\n"
        + "dossiers_digitised,,0.4,2026-01-01,,x\n"
        + "dossiers_digitised,ward,0.5,2026-01-01,,x\n",
        encoding="utf-8",
    )
    result = call("import", "targets", str(file), "--database-url", database_url)
    assert result.exit_code == 0, result.output
    client = Client(database_url)
    dossier = {
        "code": "D", "procedure": "P", "receiving_unit": "a", "resolving_unit": "a",
        "digitised": True,
    }  # fmt: skip
    records = [
        dossier | {"code": "D1", "received_at": "2025-06-01T08:00:00"},
        dossier | {"code": "D2", "received_at": "2026-06-01T08:00:00"},
    ]
    client.send(
        "PUT",
        "/api/v1/dossiers?source=test",
        json={"records": records},
        headers={"Idempotency-Key": "targets-1"},
    )
    for period, target in (("2025-06", 0.3), ("2026-06", 0.5)):
        path = f"/api/v1/readings?period={period}&scope=unit:a&kpi=dossiers_digitised"
        (reading,) = client.send("GET", path).json()["readings"]
        assert (reading["value"], reading["parts"]) == (1.0, {"target": target})


@pytest.mark.parametrize(
    "row", ["dossiers_digitised,,50,,,x\n", "other,,0.5,,,x\n", "results_digitised,,0.5,,,\n"]
)
def test_wrong_target_is_refused(database_url, tmp_path, row):
    file = tmp_path / "targets.csv"
    file.write_text(HEAD + row, encoding="utf-8")
    result = call("import", "targets", str(file), "--database-url", database_url)
    assert result.exit_code == 1


def test_shipped_table_of_the_plan_is_refused_until_its_targets_are_filled_in(
    database_url, tmp_path
):
    shipped = files("server.targets").joinpath("examples/plan-2075.csv").read_text("utf-8")
    file = tmp_path / "plan.csv"
    file.write_text(shipped, encoding="utf-8")
    result = call("import", "targets", str(file), "--database-url", database_url)
    empty = result.output.count("a required cell is empty")
    assert (result.exit_code, empty) == (1, len(shipped.splitlines()) - 1)
    file.write_text(shipped.replace(",,01/01/2026", ",1,01/01/2026"), encoding="utf-8")
    result = call("import", "targets", str(file), "--database-url", database_url)
    assert result.exit_code == 0, result.output
