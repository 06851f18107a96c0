"""Signatures are those of the Standard Webhooks specification."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from server.webhooks.signatures import headers, new_secret, signature
from tests.integration.client import receiver

SENT_AT = datetime.fromtimestamp(1614265330, UTC)
MESSAGE, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_specifications_example_is_signed_alike():
    assert signature(SECRET, MESSAGE, SENT_AT, BODY) == SIGNED


def test_two_secrets_give_two_signatures():
    other = new_secret()
    given = headers((other, SECRET), MESSAGE, SENT_AT, BODY)
    assert given["webhook-id"] == MESSAGE
    assert given["webhook-timestamp"] == "1614265330"
    first, second = given["webhook-signature"].split(" ")
    assert (first, second) == (signature(other, MESSAGE, SENT_AT, BODY), SIGNED)
    assert first != second


@pytest.mark.parametrize(
    ("skew_s", "secret", "body", "accepted"),
    [
        (0, SECRET, BODY, True),
        (299, SECRET, BODY, True),
        (-299, SECRET, BODY, True),
        (302, SECRET, BODY, False),
        (-302, SECRET, BODY, False),
        (0, new_secret(), BODY, False),
        (0, SECRET, BODY + b" ", False),
    ],
    ids=["same", "behind", "ahead", "too old", "too new", "another's secret", "another body"],
)
def test_the_client_of_the_documents_takes_what_is_signed_by_about_its_own_clock(
    skew_s, secret, body, accepted
):
    given = headers((SECRET,), MESSAGE, SENT_AT, BODY)
    assert receiver.verify(secret, given, body, SENT_AT.timestamp() + skew_s) is accepted


@pytest.mark.parametrize("broken", ["webhook-timestamp", "webhook-signature", "webhook-id"])
def test_the_client_of_the_documents_refuses_what_lacks_a_header(broken):
    given = headers((SECRET,), MESSAGE, SENT_AT, BODY)
    del given[broken]
    assert not receiver.verify(SECRET, given, BODY, SENT_AT.timestamp())
