"""The block of addresses shows every address and no password."""

from __future__ import annotations

from pathlib import Path

from motcua.run.addresses import Addresses
from motcua.run.banner import MIRROR, banner
from server.mirror.routes import PREFIX


def test_banner_has_every_address_and_no_password() -> None:
    addresses = Addresses(host="0.0.0.0", api=8000, dashboards=8050, kiosk=8080, broker=1883)
    text = banner(
        addresses,
        data=Path("/data"),
        broker="mqtt://127.0.0.1:1883  (mosquitto)",
        database_url="postgresql://motcua:secret@127.0.0.1:5555/motcua",
        models_key=Path("/data/models.key"),
        link="mtl_once",
    )
    for address in (
        "http://127.0.0.1:8050/wall",
        "http://127.0.0.1:8050/chairman",
        "http://127.0.0.1:8050/rankings",
        "http://127.0.0.1:8050/units",
        "http://127.0.0.1:8050/devices",
        "http://127.0.0.1:8080/",
        "http://127.0.0.1:8000/docs",
        "http://127.0.0.1:8000/api/v1/models",
        "http://127.0.0.1:8050/links/mtl_once",
        "phải đăng nhập",
        "/data/models.key.pub",
        "mqtt://127.0.0.1:1883",
        "postgresql://motcua@127.0.0.1:5555/motcua",
    ):
        assert address in text
    assert "secret" not in text
    assert "  Thiết bị / Devices " in text


def test_units_are_sent_where_the_api_offers_models() -> None:
    assert MIRROR == PREFIX
