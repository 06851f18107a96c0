"""What receivers get: signed, in order, the same at each attempt, and nothing twice in the end."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network

import psycopg
import pytest
from psycopg import AsyncConnection

from server.db.connection import session_conninfo
from server.db.pool import Database, PoolSettings
from server.errors import Conflict, NotFound
from server.scopes import PROVINCE, Scope
from server.webhooks import store
from server.webhooks.delivery import new_client
from server.webhooks.figures import ScopeFigures
from server.webhooks.jobs import NotDelivered, deliver_all
from server.webhooks.settings import WebhookSettings
from server.webhooks.webhooks import MOST_SCOPES, Message, pause_s
from tests.coroutines import run
from tests.server.access.office import FOREIGN, OWN, settle
from tests.server.asking import ask
from tests.server.webhooks.receiver import receiving

NOW = datetime.now(UTC)
SETTINGS = WebhookSettings(networks=(ip_network("127.0.0.0/8"),), answer_s=0.5)


def figures(scope: str, value: int) -> ScopeFigures:
    return ScopeFigures(scope=scope, computed_at=NOW, readings=f'[{{"value":{value}}}]')


class Sender:
    """A webhook in a test's database; `deliver` does what its job does."""

    def __init__(self, url: str, address: str, scope: Scope = PROVINCE) -> None:
        self.url = url
        add = partial(store.add_webhook, name="ioc", address=address, scope=scope, now=NOW)
        self.secret = ask(url, add)
        self.id = self.listed().id

    def listed(self):
        (found,) = ask(self.url, store.list_webhooks)
        return found

    def tell(self, *changed: ScopeFigures) -> None:
        ask(self.url, partial(store.store_figures, figures=changed))

    def take(self, lease_s: float) -> Message:
        """Take the message that waits, as a worker does that then sends it."""
        now = datetime.now(UTC)
        asked = partial(store.next_message, webhook=self.id, now=now, lease_s=lease_s)
        found = ask(self.url, asked)
        assert found is not None
        return found[1]

    def let_go(self) -> None:
        """Let the time end for which a worker has taken a message."""
        with psycopg.connect(session_conninfo(self.url)) as connection:
            connection.execute("UPDATE webhook_message SET taken_until = now()")

    def deliver(self, settings: WebhookSettings = SETTINGS) -> int:
        """Return how many messages were delivered; raises NotDelivered."""

        async def work() -> int:
            database = Database(self.url, PoolSettings())
            await database.open()
            try:
                async with new_client() as client:
                    return await deliver_all(database, client, self.id, settings)
            finally:
                await database.close()

        return run(work())


def test_a_receiver_gets_everything_first_and_then_what_has_changed(database_url):
    with receiving() as receiver:
        sender = Sender(database_url, receiver.address)
        sender.tell(figures("province", 1), figures("subtree:a", 1))
        assert sender.deliver() == 1
        sender.tell(figures("province", 2), figures("subtree:a", 1))
        sender.tell(figures("province", 3))
        assert sender.deliver() == 1
        assert sender.deliver() == 0
    (_, first), (_, second) = receiver.got
    assert [entry["scope"] for entry in first["data"]["entries"]] == ["province", "subtree:a"]
    (entry,) = second["data"]["entries"]
    assert (entry["scope"], entry["readings"]) == ("province", [{"value": 3}])
    assert receiver.verifies(sender.secret)
    assert sender.listed().delivered == 2


def test_many_scopes_come_in_several_messages_without_a_gap(database_url):
    with receiving() as receiver:
        sender = Sender(database_url, receiver.address)
        sender.tell(*(figures(f"subtree:u{n:03}", n) for n in range(MOST_SCOPES + 5)))
        assert sender.deliver() == 2
    assert len(receiver.held) == MOST_SCOPES + 5


def test_a_receiver_of_a_unit_is_told_of_its_subtree_alone(database_url):
    settle(database_url)
    with receiving() as receiver:
        sender = Sender(database_url, receiver.address, Scope.subtree(OWN))
        sender.tell(figures("province", 1), *(figures(f"subtree:{u}", 1) for u in (OWN, FOREIGN)))
        assert sender.deliver() == 1
        sender.tell(figures(f"subtree:{FOREIGN}", 2))
        assert sender.deliver() == 0
    assert {*receiver.held} == {f"subtree:{OWN}"}
    assert ask(database_url, store.webhooks_behind) == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [(500, "answered 500"), (302, "answered 302"), (404, "answered 404"), (3.0, "ReadTimeout")],
)
def test_what_fails_is_sent_again_as_it_was_before_anything_newer(database_url, answer, problem):
    with receiving(answer, 204, location="http://127.0.0.1:1/elsewhere") as receiver:
        sender = Sender(database_url, receiver.address)
        sender.tell(figures("province", 1))
        with pytest.raises(NotDelivered, match=problem) as caught:
            sender.deliver()
        assert caught.value.wait_s == pause_s(1)
        assert problem in sender.listed().problem
        sender.tell(figures("province", 2))
        assert sender.deliver() == 2
    values = [told["data"]["entries"][0]["readings"][0]["value"] for _, told in receiver.got]
    assert values == [1, 2]
    ids = [message for message, *_ in receiver.signatures]
    assert ids[-2] == ids[0] or isinstance(answer, float)
    assert sender.listed().problem is None


def test_a_message_that_another_worker_sends_is_left_to_it_until_it_must_be_dead(database_url):
    with receiving() as receiver:
        sender = Sender(database_url, receiver.address)
        sender.tell(figures("province", 1))
        sender.take(lease_s=600.0)
        with pytest.raises(NotDelivered, match="another worker") as refused:
            sender.deliver()
        assert (refused.value.wait_s, receiver.got) == (5, [])
        sender.let_go()
        assert sender.deliver() == 1
    assert len(receiver.got) == 1


def test_whoever_has_lost_a_message_to_another_notes_no_failure(database_url):
    with receiving() as receiver:
        sender = Sender(database_url, receiver.address)
        sender.tell(figures("province", 1))
        lost = sender.take(lease_s=0.0)
        held = sender.take(lease_s=600.0)
        note = partial(store.note_failed, problem="slow", now=NOW)
        assert ask(database_url, partial(note, message=lost)) is False
        assert sender.listed().attempts == 0
        assert ask(database_url, partial(note, message=held)) is True
        assert sender.deliver() == 1


def test_a_receiver_says_when_it_wants_to_be_tried_again(database_url):
    with receiving(429, retry_after="77") as receiver:
        sender = Sender(database_url, receiver.address)
        sender.tell(figures("province", 1))
        with pytest.raises(NotDelivered) as caught:
            sender.deliver()
    assert caught.value.wait_s == 77


def test_a_receiver_that_is_gone_is_disabled(database_url):
    with receiving(410) as receiver:
        sender = Sender(database_url, receiver.address)
        sender.tell(figures("province", 1))
        assert sender.deliver() == 0
    assert sender.listed().disabled_at is not None
    assert ask(database_url, store.any_enabled) is False


def test_what_is_given_up_is_kept_and_the_next_message_tells_everything(database_url):
    impatient = SETTINGS.model_copy(update={"tried_for_h": 1e-9})
    with receiving(500, 204) as receiver:
        sender = Sender(database_url, receiver.address)
        sender.tell(figures("province", 1), figures("subtree:a", 1))
        with pytest.raises(NotDelivered):
            sender.deliver(impatient)
        (dead,) = ask(database_url, partial(store.list_dead, name="ioc"))
        assert (dead.attempts, sender.listed().dead) == (1, 1)
        sender.tell(figures("province", 2))
        assert sender.deliver() == 1
        assert {*receiver.held} == {"province", "subtree:a"}
        ask(database_url, partial(store.remove_dead, name="ioc", message=dead.id))
    assert sender.listed().dead == 0


def test_an_address_that_has_become_private_is_not_called(database_url):
    with receiving() as receiver:
        sender = Sender(database_url, receiver.address)
        sender.tell(figures("province", 1))
        with pytest.raises(NotDelivered, match="is not public"):
            sender.deliver(WebhookSettings())
    assert receiver.signatures == []


def test_a_changed_secret_signs_beside_the_former_one_for_a_day(database_url):
    with receiving() as receiver:
        sender = Sender(database_url, receiver.address)
        new = ask(database_url, partial(store.change_secret, name="ioc", now=NOW))
        sender.tell(figures("province", 1))
        sender.deliver()
        assert receiver.verifies(sender.secret)
        assert receiver.verifies(new)
        with psycopg.connect(session_conninfo(database_url), autocommit=True) as connection:
            connection.execute("UPDATE webhook SET former_ends_at = now() - interval '1 s'")
        receiver.signatures.clear()
        sender.tell(figures("province", 2))
        sender.deliver()
        assert receiver.verifies(new)
        assert not receiver.verifies(sender.secret)


def test_units_that_have_left_the_tree_are_not_told_any_more(database_url):
    with receiving() as receiver:
        sender = Sender(database_url, receiver.address)
        sender.tell(figures("province", 1), figures("subtree:gone", 1))
        ask(database_url, partial(store.forget_figures, scopes=["province"]))
        sender.deliver()
    assert {*receiver.held} == {"province"}


def test_names_in_use_and_unknown_ones_are_refused(database_url):
    async def again(connection: AsyncConnection) -> str:
        return await store.add_webhook(
            connection, name="ioc", address="https://x.example", scope=PROVINCE, now=NOW
        )

    ask(database_url, again)
    with pytest.raises(Conflict, match="exists already"):
        ask(database_url, again)
    unknown = partial(
        store.add_webhook, name="b", address="https://x", scope=Scope.subtree("no"), now=NOW
    )
    with pytest.raises(NotFound, match="unit 'no' is not known"):
        ask(database_url, unknown)
    with pytest.raises(NotFound, match="'other' is not known"):
        ask(database_url, partial(store.remove_webhook, name="other"))
    with pytest.raises(NotFound, match="given up"):
        ask(database_url, partial(store.remove_dead, name="ioc", message=uuid.uuid4()))


def test_pauses_grow_to_ten_minutes():
    assert [pause_s(n) for n in (1, 2, 3, 4, 5, 99)] == [5, 15, 60, 300, 600, 600]
    assert timedelta(seconds=pause_s(99)) <= timedelta(minutes=10)
