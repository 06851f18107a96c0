"""The relay against a real broker: nothing leaves the outbox before the server has confirmed it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.codec import encode
from contract.identifiers import new_id
from contract.messages import Command, CommandName, Config, DeviceStatus
from contract.topics import Stream
from edge.store.outbox import ProcessName, ProcessStatus
from tests.integration.counterpart import Counterpart, counterpart, first_times, ids_of
from tests.integration.unit import Unit, make_unit
from tests.processes import Motcua, free_port, motcua
from tests.waiting import eventually

pytestmark = pytest.mark.integration

AT_ONCE_S = 8.0
"""Less than the 10 s after which rows are sent again and health comes by itself."""


@pytest.fixture
def unit(tmp_path: Path, broker_url: str) -> Unit:
    return make_unit(tmp_path, broker_url)


@pytest.fixture
def server(broker_url: str, unit: Unit) -> Iterator[Counterpart]:
    with counterpart(broker_url, unit.address) as server:
        yield server


@pytest.fixture
def relay(unit: Unit, server: Counterpart) -> Iterator[Motcua]:
    with motcua(
        "edge", "relay", "--config", str(unit.config), log=unit.folder / "relay.log"
    ) as relay:
        eventually(server.healths, 60, what="the first health message")
        yield relay


def test_message_stays_until_the_server_confirms_it(
    unit: Unit, server: Counterpart, relay: Motcua
) -> None:
    with unit.outbox() as outbox:
        first, second = outbox.append(unit.rating()), outbox.append(unit.rating())
        eventually(lambda: len(server.heard()) == 2, what="both ratings at the server")
        assert outbox.depth() == 2, "the broker's PUBACK alone deletes nothing"
        server.confirm((second.id,))
        eventually(lambda: outbox.depth() == 1, what="the confirmed rating is deleted")
        assert [row.id for row in outbox.waiting(10)] == [first.id]
        server.confirm((first.id,))
        eventually(lambda: outbox.depth() == 0, what="an empty outbox")
    assert ids_of(server.heard()) == [first.id, second.id]
    assert server.heard()[0].message == first


def test_append_is_sent_at_once(unit: Unit, server: Counterpart, relay: Motcua) -> None:
    server.confirming = True
    with unit.outbox() as outbox:
        for count in range(1, 6):
            outbox.append(unit.rating())
            eventually(
                lambda count=count: len(server.heard()) == count, AT_ONCE_S, what="the rating"
            )


def test_quarantined_message_is_forgotten_and_logged(
    unit: Unit, server: Counterpart, relay: Motcua
) -> None:
    with unit.outbox() as outbox:
        rating = outbox.append(unit.rating())
        eventually(server.heard, what="the rating")
        server.confirm(quarantined=(rating.id,))
        eventually(lambda: outbox.depth() == 0, what="an empty outbox")
    eventually(lambda: "message_quarantined_by_server" in relay.output(), what="the log line")
    assert str(rating.id) in relay.output()


def test_unconfirmed_messages_are_sent_again_after_a_while(
    unit: Unit, server: Counterpart, relay: Motcua
) -> None:
    with unit.outbox() as outbox:
        sent = [outbox.append(unit.rating()).id for _ in range(3)]
    eventually(lambda: ids_of(server.heard()) == sent, what="the ratings")
    eventually(lambda: len(server.heard()) >= 6, 40, what="the ratings once more")
    assert ids_of(server.heard())[3:6] == sent
    first, again = server.heard()[0], server.heard()[3]
    assert first.payload == again.payload, "a resend repeats every byte"


def test_backlog_drains_in_order_through_the_bounded_window(
    unit: Unit, server: Counterpart
) -> None:
    with unit.outbox() as outbox:
        sent = [outbox.append(unit.rating()).id for _ in range(2500)]
        with motcua("edge", "relay", "--config", str(unit.config), log=unit.folder / "relay.log"):
            eventually(lambda: len(set(ids_of(server.heard()))) == 1000, 60, what="a full window")
            server.confirming = True
            server.confirm(tuple(sent[:1000]))
            eventually(lambda: outbox.depth() == 0, 60, what="an empty outbox")
    assert first_times(ids_of(server.heard())) == sent


def test_health_is_retained_and_ends_with_a_farewell(
    unit: Unit, server: Counterpart, relay: Motcua, broker_url: str
) -> None:
    online = server.healths()[-1]
    assert online.status is DeviceStatus.ONLINE
    assert online.outbox_depth == 0
    assert relay.stop() == 0
    eventually(lambda: server.healths()[-1].status is DeviceStatus.OFFLINE, what="the farewell")
    assert server.healths()[-1].session == online.session
    with counterpart(broker_url, unit.address) as late:
        eventually(late.healths, what="the retained health")
        assert late.heard(health=True)[0].retained
        assert late.healths()[0].status is DeviceStatus.OFFLINE


def test_killed_relay_leaves_its_last_will(unit: Unit, server: Counterpart, relay: Motcua) -> None:
    session = server.healths()[-1].session
    relay.kill()
    eventually(lambda: server.healths()[-1].status is DeviceStatus.OFFLINE, what="the last will")
    assert server.healths()[-1].session == session
    relay.start()
    eventually(lambda: server.healths()[-1].status is DeviceStatus.ONLINE, what="a new session")
    assert server.healths()[-1].session > session


def envelope(unit: Unit) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "id": new_id(now), "device": unit.address.device, "seq": 0, "observed_at": now, "schema": 1
    }  # fmt: skip


def test_asked_for_health_the_unit_answers_at_once_and_only_once(
    unit: Unit, server: Counterpart, relay: Motcua
) -> None:
    with unit.outbox() as outbox:
        outbox.put_status(ProcessName.WATCH, ProcessStatus(fps=9.25, detector="yunet"))
    before = len(server.healths())
    expires_at = datetime.now(UTC) + timedelta(minutes=1)
    command = Command(name=CommandName.REPORT_HEALTH, expires_at=expires_at, **envelope(unit))
    server.publish(Stream.COMMAND, encode(command))
    eventually(lambda: len(server.healths()) > before, AT_ONCE_S, what="the answer")
    assert (server.healths()[-1].fps, server.healths()[-1].detector) == (9.25, "yunet")
    server.publish(Stream.COMMAND, encode(command))
    void = Command(
        name=CommandName.SHOW_PROMPT,
        expires_at=datetime.now(UTC) - timedelta(seconds=1),
        **envelope(unit),
    )
    server.publish(Stream.COMMAND, encode(void))
    eventually(lambda: relay.output().count("command_ignored") == 2, what="both are ignored")


def test_prompt_and_config_reach_the_store(unit: Unit, server: Counterpart, relay: Motcua) -> None:
    expires_at = datetime.now(UTC) + timedelta(minutes=1)
    prompt = Command(name=CommandName.SHOW_PROMPT, expires_at=expires_at, **envelope(unit))
    config = Config(version=7, kiosk_reset_s=45, **envelope(unit))
    older = Config(version=6, kiosk_reset_s=15, **envelope(unit))
    server.publish(Stream.COMMAND, encode(prompt))
    server.publish(Stream.CONFIG, encode(config), retain=True)
    server.publish(Stream.CONFIG, encode(older))
    with unit.outbox() as outbox:
        eventually(
            lambda: outbox.pending_prompt(now=datetime.now(UTC)) == prompt, what="the prompt"
        )
        eventually(lambda: outbox.config() == config, what="the config")
    eventually(
        lambda: server.healths()[-1].config_version == 7, 40, what="the config in the health"
    )


@pytest.mark.parametrize(
    ("stream", "payload"),
    [
        pytest.param(Stream.ACK, b"\xff not json", id="ack that is no JSON"),
        pytest.param(Stream.CONFIG, b'{"schema":1}', id="config without its fields"),
        pytest.param(Stream.COMMAND, b'{"schema":99}', id="command of a later version"),
    ],
)
def test_what_cannot_be_understood_is_logged_and_harmless(
    unit: Unit, server: Counterpart, relay: Motcua, stream: Stream, payload: bytes
) -> None:
    server.publish(stream, payload)
    eventually(lambda: "downstream_refused" in relay.output(), what="the log line")
    with unit.outbox() as outbox:
        rating = outbox.append(unit.rating())
        eventually(server.heard, what="the rating")
        server.confirm((rating.id,))
        eventually(lambda: outbox.depth() == 0, what="an empty outbox")


def test_wrong_broker_address_is_one_line(tmp_path: Path) -> None:
    unit = make_unit(tmp_path, "mqtt://")
    with motcua("edge", "relay", "--config", str(unit.config), log=tmp_path / "relay.log") as relay:
        eventually(lambda: not relay.running, 60, what="the relay gives up")
        assert relay.exit_code == 1
        (line,) = relay.output().splitlines()
    assert "mqtt://user:password@host:port" in line


def test_absent_broker_is_logged_once(tmp_path: Path) -> None:
    unit = make_unit(tmp_path, f"mqtt://127.0.0.1:{free_port()}")
    with motcua("edge", "relay", "--config", str(unit.config), log=tmp_path / "relay.log") as relay:
        with unit.outbox() as outbox:
            eventually(
                lambda: (
                    ProcessName.RELAY in outbox.statuses()
                    and outbox.statuses()[ProcessName.RELAY].status.connected is False
                ),
                20,
                what="the relay's status",
            )
        eventually(lambda: "broker_away" in relay.output(), 60, what="the log line")
        assert relay.stop() == 0
    events = [json.loads(line)["event"] for line in relay.output().splitlines()]
    assert events == ["relay_started", "broker_away", "relay_stopped"]
