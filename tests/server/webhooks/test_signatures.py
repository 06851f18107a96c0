"""Signatures are those of the Standard Webhooks specification."""

from __future__ import annotations

from datetime import UTC, datetime

from server.webhooks.signatures import headers, new_secret, signature

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
