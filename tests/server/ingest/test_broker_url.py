"""Broker addresses: what is read, what is refused, and that a password is never shown."""

from __future__ import annotations

import pytest

from server.errors import ConfigurationError
from server.ingest.broker_url import parse_broker_url


@pytest.mark.parametrize(
    ("url", "host", "port", "username", "tls"),
    [
        ("mqtt://broker", "broker", 1883, None, False),
        ("mqtts://broker", "broker", 8883, None, True),
        ("mqtt://unit%40x:p%2Fw@10.0.0.1:1884", "10.0.0.1", 1884, "unit@x", False),
        ("mqtt://[::1]:1885", "::1", 1885, None, False),
    ],
)
def test_address_is_read(url, host, port, username, tls):
    broker = parse_broker_url(url)
    assert (broker.host, broker.port, broker.username, broker.tls) == (host, port, username, tls)


@pytest.mark.parametrize("url", ["broker:1883", "http://broker", "mqtt://", "mqtt://h:port"])
def test_other_text_is_refused_with_an_example(url):
    with pytest.raises(ConfigurationError, match="expected mqtt://user:password@host:port"):
        parse_broker_url(url)


def test_password_is_never_shown():
    broker = parse_broker_url("mqtt://unit:secret@broker")
    assert broker.password == "secret"
    assert "secret" not in f"{broker} {broker!r}"


@pytest.mark.parametrize("url", ["mqtt://u:sec/ret@broker:1883", "mqtt://u:sec:ret@broker:99999"])
def test_address_that_cannot_be_read_is_not_repeated(url):
    with pytest.raises(ConfigurationError) as caught:
        parse_broker_url(url)
    assert "sec" not in str(caught.value)
