"""One connection to the broker: its name there, and that it never outlives its end."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from uuid import UUID

import pytest

from contract.topics import Address
from edge.relay.connection import BrokerConnection, Disconnected
from runtime.broker import BrokerAddress

SESSION = UUID("0199b2f4-6c00-7000-8000-000000000001")


def make_link(port, *, counter="quay-1"):
    events = SimpleQueue()
    link = BrokerConnection(
        BrokerAddress.parse(f"mqtt://127.0.0.1:{port}"),
        Address(unit="phuong-test", counter=counter, device="edge-1"),
        session=SESSION,
        will=b"{}",
        events=events,
    )
    return link, events


def first_bytes(listener):
    peer, _ = listener.accept()
    with peer:
        peer.settimeout(30)
        return peer.recv(1000)


def test_devices_of_one_name_at_two_counters_are_two_clients():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        greetings = set()
        for counter in ("quay-1", "quay-2"):
            link, _ = make_link(listener.getsockname()[1], counter=counter)
            link.start()
            greetings.add(client_id(first_bytes(listener)))
            link.close()
    assert greetings == {"motcua.phuong-test.quay-1.edge-1", "motcua.phuong-test.quay-2.edge-1"}


def test_a_link_that_was_given_up_while_it_connected_does_not_greet_the_broker():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        link, events = make_link(listener.getsockname()[1])
        link.close()
        link.start()
        assert first_bytes(listener) == b""
    assert isinstance(events.get(timeout=30), Disconnected)


def test_closing_waits_for_a_loop_that_is_just_being_started(monkeypatch):
    starting, go_on, start = threading.Event(), threading.Event(), threading.Thread.start

    def start_slowly(thread):
        if thread.name.startswith("paho-mqtt-client"):
            starting.set()
            go_on.wait(30)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_slowly)
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
        listener.settimeout(30)
        link, _ = make_link(listener.getsockname()[1])
        link.start()
        assert starting.wait(30)
        closing = pool.submit(link.close)
        with pytest.raises(TimeoutError):
            closing.result(0.3)
        go_on.set()
        assert first_bytes(listener)
        closing.result(30)


def client_id(greeting):
    """Return the client's name in a CONNECT packet, the first string after its fixed part."""
    start = 2 + greeting.index(b"\x00\x04MQTT") + len("MQTT") + 4
    length = int.from_bytes(greeting[start : start + 2])
    return greeting[start + 2 : start + 2 + length].decode()
