"""A configuration goes its whole way: kept, published, taken by the device, and reported back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from psycopg import AsyncConnection

from contract.topics import Address
from edge.store.outbox import Outbox
from motcua.local.broker import Broker, run_broker
from server.db.commands import run_once
from server.devices.config_store import Change, store_config
from server.devices.configs import ConfigContent, PhoneContent
from tests.coroutines import apart
from tests.integration.test_clocks import ingesting
from tests.processes import motcua
from tests.waiting import eventually

pytestmark = pytest.mark.integration

AT = Address(unit="tu-son", counter="quay-1", device="edge-1")
PAGE = "https://danhgia.example.vn/danh-gia"


@pytest.fixture
def broker(mosquitto, open_tmp_path) -> Iterator[Broker]:
    with run_broker(open_tmp_path / "mqtt") as broker:
        yield broker


def test_a_device_takes_its_configuration_and_says_so(
    database_url: str, broker: Broker, tmp_path: Path
) -> None:
    store = tmp_path / "edge.sqlite3"
    (tmp_path / "edge.toml").write_text(
        f'[device]\nunit = "{AT.unit}"\ncounter = "{AT.counter}"\ndevice = "{AT.device}"\n'
        f'[store]\npath = "{store}"\nreserve_mb = 0\n[broker]\nurl = "{broker.url}"\n',
        encoding="utf-8",
    )
    content = ConfigContent(service="Hộ tịch", phone=PhoneContent(questions="sipas"))

    async def configure(connection: AsyncConnection) -> int:
        change = Change(content=content, by="root", phone_address=PAGE)
        return await store_config(connection, AT, change, datetime.now(UTC))

    config = str(tmp_path / "edge.toml")
    with (
        ingesting(database_url, broker, timedelta()) as system,
        motcua("edge", "relay", "--config", config, log=tmp_path / "log"),
        Outbox.open(store, max_rows=100, reserve_mb=0) as outbox,
    ):
        eventually(lambda: system.one("SELECT count(*) FROM device") == (1,), 30)
        for version in (1, 2):
            assert apart(run_once, database_url, configure) == version
            eventually(lambda: (outbox.config() or content) != content, 30, what="a configuration")
            eventually(
                lambda version=version: (
                    system.one("SELECT config_version FROM device") == (version,)
                ),
                40,
                what="the device's word",
            )
        found = outbox.config()
        assert found is not None
        assert (found.version, found.kiosk_service) == (2, "Hộ tịch")
        assert found.phone is not None
        assert found.phone.address == PAGE
