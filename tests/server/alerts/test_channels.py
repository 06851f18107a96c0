"""Each channel against a local server that takes, refuses, hangs and comes back."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from uuid import uuid4

import pytest

from contract.texts import Language
from server.alerts import store
from server.alerts.alerts import Alert, Figure, Move, Severity, State, Step
from server.alerts.channels.channels import Channel, Kind, parse_channels, told
from server.alerts.channels.messages import Occasion, compose
from server.alerts.channels.sending import Outgoing, Target
from server.alerts.jobs import Post, deliver_next
from server.alerts.library import in_force, shipped
from server.alerts.settings import AlertSettings
from server.db.pool import Database, PoolSettings
from server.errors import RuleInvalid
from server.webhooks.addresses import resolve
from server.webhooks.delivery import new_client
from server.webhooks.signatures import headers, new_secret
from tests.coroutines import run
from tests.server import asking
from tests.server.access.office import OWN
from tests.server.alerts.province import Judge, at, settle, working_day
from tests.server.alerts.receivers import mail, web

SETTINGS = AlertSettings(answer_s=0.6, tried_for_h=24, page="https://motcua.example/alerts")
LOOPBACK = (ip_network("127.0.0.0/8"),)


class Office:
    """Raises an alert for one channel, and delivers as the channel's job does."""

    def __init__(self, url: str, channel: Channel) -> None:
        self.url, self.channel = url, channel
        settle(url)
        now = at(working_day(), "09:00") - timedelta(days=7)
        rules = in_force([])
        move = Move(
            step=Step.RAISED,
            rule="wait_forecast",
            unit=OWN,
            figure=Figure(unit=OWN, value=1230.0, n=42, at=now),
        )
        asking.ask(
            url,
            partial(
                store.apply_moves,
                moves=[move], rules=rules, channels=[channel], alerts={}, now=now,
            ),
        )  # fmt: skip
        self.judge = Judge(url, now)
        self.judge.change("UPDATE alert_message SET created_at = now()")

    def deliver(self, settings: AlertSettings = SETTINGS) -> bool:
        return self.deliver_while(None, settings)[0]

    def deliver_while(
        self, meanwhile: Callable[[], None] | None, settings: AlertSettings = SETTINGS
    ) -> list[bool]:
        """Deliver, and let another worker do it too while the first one is about to send."""

        async def work() -> list[bool]:
            database = Database(self.url, PoolSettings())
            await database.open()
            others: list[bool] = []

            async def resolve_meanwhile(address: str) -> Target:
                if meanwhile is not None and not others:
                    meanwhile()
                    others.append(False)
                    others[0] = await deliver_next(database, post, self.channel.name)
                return await resolve(address, networks=LOOPBACK)

            try:
                async with new_client() as client:
                    outgoing = Outgoing(client=client, sign=headers, resolve=resolve_meanwhile)
                    channels = {self.channel.name: self.channel}
                    post = Post(channels=channels, outgoing=outgoing, settings=settings)
                    return [await deliver_next(database, post, self.channel.name), *others]
            finally:
                await database.close()

        return run(work())

    def pause_s(self) -> float:
        """Return how long after its last attempt the message is tried again."""
        ((pause,),) = self.judge.rows("SELECT not_before - attempted_at FROM alert_message")
        return float(pause.total_seconds())

    def prolong_the_pause(self) -> None:
        self.judge.change("UPDATE alert_message SET not_before = now() + interval '1 minute'")

    def let_the_pause_pass(self) -> None:
        self.judge.change("UPDATE alert_message SET not_before = now()")

    def message(self) -> tuple:
        (found,) = self.judge.rows(
            "SELECT id, attempts, sent_at IS NOT NULL, receipt, problem, dead_at IS NOT NULL"
            " FROM alert_message"
        )
        return found


def webhook(address: str, secret_file: Path) -> Channel:
    secret_file.write_text(new_secret(), encoding="utf-8")
    return Channel(
        name="ioc", kind=Kind.WEBHOOK, to=("unit",), address=address, secret_file=secret_file
    )


def gateway(address: str, secret_file: Path) -> Channel:
    secret_file.write_text("token-1\n", encoding="utf-8")
    return Channel(
        name="sms",
        kind=Kind.HTTP,
        to=("unit",),
        address=address,
        secret_file=secret_file,
        headers={"authorization": "Bearer {secret}"},
        body='{"phone": "19001000", "message": {"text": "{title}", "ref": "{id}"}}',
    )


def by_apprise(address: str, secret_file: Path) -> Channel:
    secret_file.write_text(address.replace("http://", "json://"), encoding="utf-8")
    return Channel(name="telegram", kind=Kind.APPRISE, to=("unit",), secret_file=secret_file)


WEB: list[Callable[[str, Path], Channel]] = [webhook, gateway, by_apprise]


# apprise reads a module that Python 3.13 has no more, and knows it.
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
@pytest.mark.integration
@pytest.mark.parametrize("make", WEB)
def test_a_channel_that_refuses_hangs_and_comes_back_gets_the_same_message(
    database_url, tmp_path, make
):
    with web(500, 5.0, 200) as receiver:
        office = Office(database_url, make(receiver.address, tmp_path / "secret"))
        for attempts in (1, 2):
            assert not office.deliver()
            assert office.pause_s() == pytest.approx((5, 15)[attempts - 1], abs=0.01)
            _, counted, sent, _, problem, dead = office.message()
            assert (counted, sent, dead) == (attempts, False, False)
            assert problem
            office.prolong_the_pause()
            assert not office.deliver(), "its pause has not passed"
            office.let_the_pause_pass()
        assert office.deliver()
        assert not office.deliver()
    id_, attempts, sent, receipt, problem, _ = office.message()
    assert (attempts, sent, problem) == (3, True, None)
    assert receipt
    (first, _), (given, body) = receiver.got
    if make is webhook:
        assert first["webhook-id"] == given["webhook-id"] == str(id_)
        key = base64.b64decode(office.channel.secret().removeprefix("whsec_"))
        signed = f"{id_}.{given['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        assert given["webhook-signature"] == f"v1,{expected}"
        data = json.loads(body)["data"]
        assert (data["step"], data["unit"], data["value"]) == ("raised", OWN, 1230.0)
    elif make is gateway:
        assert given["authorization"] == "Bearer token-1"
        assert given["idempotency-key"] == str(id_)
        said = json.loads(body)["message"]
        assert said["ref"] == str(id_)
        assert said["text"] == "[Nghiêm trọng] Dự báo thời gian chờ trên 15 phút – tu-son"
    else:
        assert "20,5 phút" in json.loads(body)["message"]


def by_mail(address: str) -> Channel:
    return Channel(
        name="mail",
        kind=Kind.EMAIL,
        to=("unit",),
        address=address,
        sender="motcua@bacninh.example",
        recipients=("truc-ban@bacninh.example",),
        starttls=False,
        language=Language.EN,
    )


@pytest.mark.integration
def test_a_mail_that_was_given_up_is_not_sent_behind_its_back(database_url):
    with mail(250) as box:
        box.slow_s = 1.5
        office = Office(database_url, by_mail(box.address))
        assert not office.deliver()
        assert box.ended.wait(10)
        assert box.got == [], "it is tried again, and would arrive twice"
        office.let_the_pause_pass()
        assert office.deliver()
    assert len(box.got) == 1


@pytest.mark.integration
def test_mail_goes_out_with_an_id_that_stays_in_the_channels_language(database_url):
    with mail(451, 250) as box:
        office = Office(database_url, by_mail(box.address))
        assert not office.deliver()
        office.let_the_pause_pass()
        assert office.deliver()
    id_, *_ = office.message()
    (raw,) = box.got
    found = email.message_from_string(raw, policy=email.policy.default)
    assert found["message-id"] == f"<{id_}@motcua.alerts>"
    assert found["subject"] == "[Serious] Wait forecast above 15 minutes – tu-son"
    text = found.get_content()
    assert "Value: 20.5 min. Observations: 42." in text
    assert "What to do: Open another counter" in text
    assert "https://motcua.example/alerts?alert=" in text


@pytest.mark.integration
def test_what_is_refused_for_too_long_is_dead_and_the_next_goes_on(database_url, tmp_path):
    with web(403) as receiver:
        office = Office(database_url, webhook(receiver.address, tmp_path / "secret"))
        office.judge.change("UPDATE alert_message SET created_at = now() - INTERVAL '25 hours'")
        assert office.deliver()
        assert not office.deliver()
    assert office.message()[-1]


@pytest.mark.integration
@pytest.mark.parametrize("make", [webhook, gateway])
def test_a_channel_that_has_the_message_may_take_longer_to_answer(database_url, tmp_path, make):
    with web(200) as receiver:
        receiver.slow_s = 2 * SETTINGS.answer_s
        office = Office(database_url, make(receiver.address, tmp_path / "secret"))
        assert office.deliver()
    assert len(receiver.got) == 1
    assert office.message()[1:3] == (1, True)


@pytest.mark.integration
@pytest.mark.parametrize(
    ("answer", "uncertain"), [(500, False), (504, True), (5.0, True), (0.1, True)]
)
def test_of_a_message_without_an_answer_nobody_knows_whether_it_arrived(
    database_url, tmp_path, answer, uncertain
):
    with web(answer, 200) as receiver:
        office = Office(database_url, gateway(receiver.address, tmp_path / "secret"))
        assert not office.deliver()
        said = "SELECT uncertain FROM alert_message"
        assert office.judge.rows(said) == [(uncertain,)]
        office.let_the_pause_pass()
        assert office.deliver()
        assert office.judge.rows(said) == [(uncertain,)], "it may have come twice"
    given, _ = receiver.got[-1]
    assert given["idempotency-key"] == str(office.message()[0])
    assert given["webhook-attempt"] == "2"


@pytest.mark.integration
def test_of_a_channel_that_cannot_be_reached_everybody_knows_that_it_has_nothing(
    database_url, tmp_path
):
    with web(200) as receiver:
        office = Office(database_url, webhook(receiver.address, tmp_path / "secret"))
    assert not office.deliver()
    assert office.judge.rows("SELECT uncertain FROM alert_message") == [(False,)]


@pytest.mark.integration
@pytest.mark.parametrize(("answer", "uncertain"), [(451, False), (3.0, True)])
def test_a_mail_server_that_does_not_answer_the_end_may_have_the_mail(
    database_url, answer, uncertain
):
    with mail(answer, 250) as box:
        office = Office(database_url, by_mail(box.address))
        assert not office.deliver()
        assert office.judge.rows("SELECT uncertain FROM alert_message") == [(uncertain,)]


@pytest.mark.integration
def test_what_one_worker_sends_no_other_sends_at_the_same_time(database_url, tmp_path):
    with web(200) as receiver:
        office = Office(database_url, webhook(receiver.address, tmp_path / "secret"))
        assert office.deliver_while(lambda: None) == [True, False]
    assert len(receiver.got) == 1
    assert office.message()[1:3] == (1, True)


@pytest.mark.integration
def test_what_is_not_noted_in_time_is_anothers_who_alone_notes_how_it_went(database_url, tmp_path):
    with web(200, 503) as receiver:
        office = Office(database_url, webhook(receiver.address, tmp_path / "secret"))
        late = "UPDATE alert_message SET taken_until = now()"
        assert office.deliver_while(lambda: office.judge.change(late)) == [False, True]
    assert len(receiver.got) == 2
    _, attempts, sent, _, problem, _ = office.message()
    assert (attempts, sent, problem) == (1, True, None)


FILE = """
[[channel]]
name = "mail"
kind = "email"
to = ["unit"]
address = "smtp://127.0.0.1"
sender = "a@b.example"
recipients = ["c@d.example"]
severity = "serious"
quiet = { start = 20:00:00, end = 06:30:00 }
"""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('kind = "email"', 'kind = "pigeon"'), "kind"),
        (('sender = "a@b.example"', ""), "sender: email needs it"),
        (('name = "mail"', 'name = "mail"\ncolour = "red"'), "colour"),
        (("[[channel]]", "[[canal]]"), "canal: is not known"),
        (("[[channel]]", "[[channel]"), "is no TOML"),
        ((FILE, FILE + FILE), "two channels have one name"),
    ],
)
def test_a_channels_file_that_cannot_be_meant_is_refused_by_its_field(change, problem):
    (channel,) = parse_channels(FILE, "channels.toml")
    assert channel.quiet is not None
    with pytest.raises(RuleInvalid, match=problem):
        parse_channels(FILE.replace(*change), "channels.toml")


def test_a_channel_is_told_of_what_concerns_it():
    (channel,) = parse_channels(FILE, "channels.toml")
    rule = shipped()["nobody_served"]
    move = Move(step=Step.RAISED, rule=rule.id, unit=OWN)
    assert told(channel, move, Severity.CRITICAL, rule)
    assert not told(channel, move, Severity.NOTICE, rule)
    assert not told(channel, replace(move, step=Step.ACKNOWLEDGED), Severity.CRITICAL, rule)
    assert not told(replace(channel, units=("other",)), move, Severity.CRITICAL, rule)
    escalated = replace(move, step=Step.ESCALATED, note="leader")
    assert not told(channel, escalated, Severity.CRITICAL, rule)
    assert told(replace(channel, to=("leader",)), escalated, Severity.CRITICAL, rule)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("late_data then=1230 since=540", "Khi cảnh báo: 20,5 phút."),
        ("late_data then=1230 since=540", "Tính lại cùng số liệu đến muộn: 9,0 phút."),
        ("late_data then=1230 since=-", "Tính lại cùng số liệu đến muộn: không rõ."),
        ("late_data", None),
    ],
)
def test_what_is_withdrawn_tells_the_figure_of_then_and_of_now(note, said):
    now = at(working_day(), "09:00")
    alert = Alert(
        id=uuid4(), rule="wait_forecast", unit=OWN, state=State.WITHDRAWN,
        severity=Severity.SERIOUS, raised_at=now, subjects=(), changed_at=now,
    )  # fmt: skip
    occasion = Occasion(
        id=uuid4(), step="withdrawn", at=now, alert=alert, rule=shipped()["wait_forecast"],
        place=OWN, page="", note=note,
    )  # fmt: skip
    text = compose(occasion, Language.VI).text
    assert ("Khi cảnh báo" in text) == (said is not None)
    assert said is None or said in text
