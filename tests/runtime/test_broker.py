import pytest

from runtime.broker import BrokerAddress
from runtime.errors import BrokerAddressInvalid


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://broker", BrokerAddress(host="broker", port=1883)),
        ("mqtts://broker", BrokerAddress(host="broker", port=8883, tls=True)),
        ("mqtt://broker:1884", BrokerAddress(host="broker", port=1884)),
        (
            "mqtt://unit:p%40ss%2F%C4%91%E1%BB%95i@broker",
            BrokerAddress(host="broker", port=1883, user="unit", password="p@ss/đổi"),
        ),
        ("mqtt://:secret@broker", BrokerAddress(host="broker", port=1883, password="secret")),
        ("mqtt://[::1]:1884", BrokerAddress(host="::1", port=1884)),
    ],
)
def test_address_is_read(url, expected):
    assert BrokerAddress.parse(url) == expected


@pytest.mark.parametrize(
    "url",
    ["", "broker", "http://broker", "mqtt://", "mqtt://b:99999", "mqtt://u:sec/ret@broker:1883"],
)
def test_other_addresses_are_refused_without_their_password(url):
    with pytest.raises(BrokerAddressInvalid, match="mqtt://user:password") as caught:
        BrokerAddress.parse(url)
    assert "sec" not in str(caught.value)


def test_password_is_never_shown():
    address = BrokerAddress.parse("mqtt://unit:secret@[::1]")
    assert str(address) == "mqtt://unit@[::1]:1883"
    assert "secret" not in repr(address)
