"""Two units with one identity at a real broker: both sides name it, and log it once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from edge.check import command
from tests.integration.unit import Unit, make_unit
from tests.processes import Motcua, motcua
from tests.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("mosquitto")]


@dataclass(frozen=True, kw_only=True)
class Twins:
    units: tuple[Unit, Unit]
    relays: tuple[Motcua, Motcua]
    ingest: Motcua


@pytest.fixture
def twins(tmp_path: Path, broker_url: str, database_url: str) -> Iterator[Twins]:
    """Two units whose settings were copied from one another, and the server."""
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    first, second = (make_unit(folder, broker_url) for folder in folders)
    copied = first.config.read_text("utf-8").replace(str(first.store), str(second.store))
    second.config.write_text(copied, encoding="utf-8")
    second = Unit(folder=second.folder, address=first.address)
    with ExitStack() as running:
        ingest = running.enter_context(
            motcua("server", "ingest", "--database-url", database_url, "--broker", broker_url,
                   env={"MOTCUA_INGEST_CLIENT_ID": f"ingest-{first.address.device}"},
                   log=tmp_path / "ingest.log")
        )  # fmt: skip
        relays = [
            running.enter_context(
                motcua("edge", "relay", "--config", str(unit.config), log=unit.folder / "relay.log")
            )
            for unit in (first, second)
        ]
        yield Twins(units=(first, second), relays=(relays[0], relays[1]), ingest=ingest)


def failed(unit: Unit) -> dict | None:
    """Return what the check says of the identity, once it fails."""
    result = CliRunner().invoke(command, ["--config", str(unit.config), "--json"])
    (found,) = [each for each in json.loads(result.output) if each["subject"] == "identity"]
    return found if found["verdict"] == "FAIL" else None


def test_two_units_with_one_identity_are_named_on_both_sides_and_logged_once(
    twins: Twins, database_url: str
) -> None:
    device = twins.units[0].address.device

    def shared_by() -> list[str] | None:
        # The broker keeps the last word of other tests' devices: the server hears of them, too.
        with psycopg.connect(database_url) as connection:
            row = connection.execute(
                "SELECT shared_by FROM device WHERE id = %s", (device,)
            ).fetchone()
        return row[0] if row else None

    for relay in twins.relays:
        eventually(lambda relay=relay: "identity_shared" in relay.output(), 60, what="at the unit")
    eventually(lambda: shared_by() == ["127.0.0.1"], 120, what="at the server")
    assert twins.ingest.output().count("device_identity_shared") == 1
    for unit, relay in zip(twins.units, twins.relays, strict=True):
        found = eventually(lambda unit=unit: failed(unit), 30, what="the check's finding")
        assert unit.address.device in found["detail"]
        assert relay.output().count('"event": "identity_shared"') == 1
        assert relay.output().count("broker_away") <= 4
