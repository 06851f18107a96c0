"""The broker's address: what is understood, what is refused, and what is never shown."""

from __future__ import annotations

import pytest

from edge.broker import BrokerAddress, make_client
from edge.errors import BrokerError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://broker", ("broker", 1883, False, None, None)),
        ("mqtts://broker", ("broker", 8883, True, None, None)),
        ("mqtt://10.0.0.7:2883", ("10.0.0.7", 2883, False, None, None)),
        ("mqtt://unit:s%40cret@broker:1", ("broker", 1, False, "unit", "s@cret")),
        ("mqtt://[::1]:1884", ("::1", 1884, False, None, None)),
    ],
)
def test_url_is_taken_apart(
    url: str, expected: tuple[str, int, bool, str | None, str | None]
) -> None:
    broker = BrokerAddress.parse(url)
    assert (broker.host, broker.port, broker.tls, broker.user, broker.password) == expected


@pytest.mark.parametrize("url", ["", "broker:1883", "http://broker", "mqtt://", "mqtt://b:99999"])
def test_wrong_url_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(BrokerError, match="mqtt://user:password@host:port"):
        BrokerAddress.parse(url)


def test_password_is_never_shown() -> None:
    assert str(BrokerAddress.parse("mqtts://unit:secret@broker")) == "mqtts://unit@broker:8883"
    with pytest.raises(BrokerError) as refusal:
        BrokerAddress.parse("https://unit:secret@broker")
    assert "secret" not in str(refusal.value)


def test_tls_client_checks_the_certificate_and_the_name() -> None:
    client = make_client(
        BrokerAddress.parse("mqtts://broker"), client_id="probe", clean_session=True
    )
    context = client._ssl_context
    assert context is not None
    assert context.check_hostname
