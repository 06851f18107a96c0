"""Webhooks over the API: what administrators do with them, and that it is noted."""

from __future__ import annotations

from functools import partial

import pytest

from server.webhooks import store
from tests.server.access.office import acts
from tests.server.asking import ask
from tests.server.requesting import Client
from tests.server.webhooks.receiver import Receiver, receiving
from tests.server.webhooks.test_delivery import NOW, figures

pytestmark = pytest.mark.integration

WEBHOOKS = "/api/v1/webhooks"


@pytest.fixture
def client(database_url, monkeypatch) -> Client:
    """The API, which may send to loopback."""
    monkeypatch.setenv("MOTCUA_WEBHOOK_NETWORKS", '["127.0.0.0/8"]')
    return Client(database_url)


def given_up(database_url: str, client: Client, receiver: Receiver) -> str:
    """Add a webhook with a message that was given up, and return its address."""
    made = client.send("POST", WEBHOOKS, json={"name": "ioc", "address": receiver.address})
    assert made.status_code == 201, made.text
    assert made.json()["secret"].startswith("whsec_")
    (listed,) = ask(database_url, store.list_webhooks)
    ask(database_url, partial(store.store_figures, figures=[figures("province", 1)]))
    found = ask(database_url, partial(store.next_message, webhook=listed.id, now=NOW, lease_s=1.0))
    assert found is not None
    give_up = partial(store.give_up, webhook=listed.id, message=found[1].id, now=NOW)
    ask(database_url, give_up)
    (dead,) = client.send("GET", f"{WEBHOOKS}/ioc/dead").json()
    return f"{WEBHOOKS}/ioc/dead/{dead['id']}"


def test_what_was_given_up_is_sent_again_until_it_arrives(database_url, client):
    with receiving(500, 204) as receiver:
        message = given_up(database_url, client, receiver)
        failed = client.send("POST", f"{message}/send")
        assert failed.json() == {"problem": "the receiver answered 500"}
        assert client.send("POST", f"{message}/send").json() == {"problem": None}
        assert client.send("POST", f"{message}/send").status_code == 404
    assert {*receiver.held} == {"province"}
    assert acts(database_url)[1:] == ["webhook_sent_again", "webhook_sent_again"]


def test_what_was_given_up_can_be_removed(database_url, client):
    with receiving() as receiver:
        message = given_up(database_url, client, receiver)
    assert client.send("DELETE", message).status_code == 204
    assert client.send("DELETE", message).status_code == 404
    assert acts(database_url)[1:] == ["webhook_message_removed"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"name": "ioc", "address": "https://10.0.0.1/"}, 422),
        ({"name": "ioc", "address": "http://169.254.169.254/latest"}, 422),
        ({"name": "ioc", "address": "https://127.0.0.1/", "scope": "counter:a/b"}, 422),
        ({"name": "ioc", "address": "https://127.0.0.1/", "scope": "subtree:nowhere"}, 404),
        ({"name": "IOC !", "address": "https://127.0.0.1/"}, 422),
    ],
)
def test_what_cannot_be_a_webhook_is_refused(client, asked, status):
    assert client.send("POST", WEBHOOKS, json=asked).status_code == status
