"""The relay through a broker's outage and its own SIGKILL: nothing is lost, nothing changes."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import UUID

import pytest

from contract.messages import Rating
from motcua.local.broker import BrokerKind, run_broker
from tests.integration.counterpart import counterpart, first_times, ids_of
from tests.integration.unit import make_unit
from tests.processes import motcua
from tests.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("mosquitto")]

PAUSE_S = 0.01
"""Between two taps: a hundred times as many as a province's busiest counter has."""


@pytest.fixture
def broker_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "broker"
    folder.mkdir()
    for part in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        part.chmod(0o711)  # mosquitto gives up root and must still reach its folder
    return folder


def test_messages_of_an_outage_are_delivered_in_order_afterwards(
    tmp_path: Path, broker_folder: Path
) -> None:
    with run_broker(broker_folder, kind=BrokerKind.MOSQUITTO) as broker:
        unit = make_unit(tmp_path, broker.url)
        with (
            unit.outbox() as outbox,
            motcua(
                "edge", "relay", "--config", str(unit.config), log=tmp_path / "relay.log"
            ) as relay,
        ):
            eventually(lambda: "broker_connected" in relay.output(), 60, what="the connection")
            broker.kill()
            eventually(lambda: "broker_away" in relay.output(), what="the outage is noticed")
            sent = [outbox.append(unit.rating()).id for _ in range(50)]
            broker.start()
            with counterpart(broker.url, unit.address) as server:
                server.confirming = True
                eventually(lambda: outbox.depth() == 0, 60, what="an empty outbox")
                assert first_times(ids_of(server.heard())) == sent
            assert relay.output().count("broker_away") == 1


def test_killed_relay_loses_nothing_and_repeats_itself_exactly(
    tmp_path: Path, broker_url: str
) -> None:
    unit = make_unit(tmp_path, broker_url)
    written: list[Rating] = []
    stop = threading.Event()

    def citizens() -> None:
        with unit.outbox() as outbox:
            while not stop.wait(PAUSE_S):
                written.append(outbox.append(unit.rating()))

    with counterpart(broker_url, unit.address) as server:
        server.confirming = True
        writer = threading.Thread(target=citizens)
        with motcua(
            "edge", "relay", "--config", str(unit.config), log=tmp_path / "relay.log"
        ) as relay:
            writer.start()
            try:
                for _ in range(3):
                    heard = len(server.heard())
                    eventually(
                        lambda heard=heard: len(server.heard()) > heard + 20, 60, what="traffic"
                    )
                    relay.kill()
                    relay.start()
            finally:
                stop.set()
                writer.join()
            with unit.outbox() as outbox:
                eventually(lambda: outbox.depth() == 0, 60, what="an empty outbox")
        heard_bytes: dict[UUID, set[bytes]] = {}
        for heard in server.heard():
            heard_bytes.setdefault(heard.message.id, set()).add(heard.payload)
    assert set(heard_bytes) == {rating.id for rating in written}
    assert all(len(payloads) == 1 for payloads in heard_bytes.values())
    assert {h.message for h in server.heard()} == set(written)
